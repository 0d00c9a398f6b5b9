/**
 * How a SELECT finds its items. What a condition says about keys is taken apart into reads of partitions, each of one range of
 * sort keys; a condition that leaves a partition open is a scan.
 *
 * - A condition is keyed when each alternative of it names a partition, by `=` or by `IN`.
 * - Alternatives (`OR`) are told apart only where they say something about a key; others are a filter.
 * - Reads must have nothing in common, or an item would come twice: DynamoDB refuses that. It makes an exception of
 *   alternatives that say what a sort key is not; those of one partition become one read here.
 */

import { compareValues } from '../../model/expression/comparison.js'
import type { ConditionNode, OperandNode, ValueNode } from '../../model/expression/dynamodb/expression.js'
import { equalValues } from '../../model/item/equality.js'
import { keyPartType } from '../../model/key/key-codec.js'
import type { KeyAttribute } from '../../model/key/key-schema.js'
import { validationError } from '../aws-error.js'
import type { BoundValues } from './bound-statement.js'
import { conjunction, conjuncts, type KeyLeaf, keyLeaf } from './key-leaf.js'
import { compareRanges, overlaps, type SortRange, sortRange, WHOLE_PARTITION } from './sort-range.js'
import type { OrderTerm } from './statement.js'
import { OVERLAP, TOO_MANY_READS, wrongKeyType } from './wording.js'

/** How many reads one condition may ask for. */
const READ_LIMIT = 50

/** The key of what is read: a table's, or an index's. */
export interface ReadKey {
  readonly partition: KeyAttribute
  readonly sort: KeyAttribute | undefined
}

export interface KeyedRead {
  readonly partition: ValueNode
  /** The condition on the sort key, if there is one. */
  readonly sort: ConditionNode | undefined
  /** What its sort key is, if the condition says that. */
  readonly sortValue: ValueNode | undefined
  readonly range: SortRange
  /** What has to hold besides. */
  readonly rest: readonly ConditionNode[]
}

export interface ReadPlan {
  /** None if the condition contradicts itself; undefined for a scan. */
  readonly reads: readonly KeyedRead[] | undefined
  /** What has to hold of every item, besides the keys. */
  readonly filter: readonly ConditionNode[]
}

/** @throws {AwsError} ValidationException */
export function planReads(where: ConditionNode | undefined, key: ReadKey, values: BoundValues): ReadPlan {
  const planner = new ReadPlanner(key, values)
  if (where === undefined || !planner.isKeyed(where)) return { reads: undefined, filter: conjuncts(where) }
  return planner.plan(where)
}

/** Puts the reads in the order that a SELECT asks for. */
export function orderReads(
  reads: readonly KeyedRead[],
  order: readonly OrderTerm[],
  key: ReadKey,
  values: BoundValues,
): readonly KeyedRead[] {
  const isDown = order.find(({ name }) => name === key.partition.name)?.isDescending === true
  const isReverse = readsBackward(order, key)
  return [...reads].sort((one, other) => {
    const byPartition = compareValues(values.nativeOf(one.partition), values.nativeOf(other.partition)) ?? 0
    if (byPartition !== 0) return isDown ? -byPartition : byPartition
    const byRange = compareRanges(one.range, other.range)
    return isReverse ? -byRange : byRange
  })
}

/** Whether partitions are read from their ends: as DynamoDB has it, whenever an order says nothing of the sort key, too. */
export function readsBackward(order: readonly OrderTerm[], { sort }: ReadKey): boolean {
  if (order.length === 0) return false
  return order.find(({ name }) => name === sort?.name)?.isDescending ?? true
}

/** One way in which the whole condition can hold: all of these together. */
type Alternative = readonly ConditionNode[]

class ReadPlanner {
  readonly #key: ReadKey
  readonly #values: BoundValues

  constructor(key: ReadKey, values: BoundValues) {
    this.#key = key
    this.#values = values
  }

  /** It calls itself no deeper than the condition has operators; neither do the others. */
  isKeyed(node: ConditionNode): boolean {
    if (node.kind === 'and') return node.parts.some((part) => this.isKeyed(part))
    if (node.kind === 'or') return node.parts.every((part) => this.isKeyed(part))
    return this.#partitionLeaf(node) !== undefined
  }

  plan(where: ConditionNode): ReadPlan {
    // They are counted before they are made: a few dozen operators can ask for billions.
    if (this.#count(where) > READ_LIMIT) throw validationError(TOO_MANY_READS)
    const all = conjuncts(where)
    const shared = all.filter((node) => !this.#mentionsKey(node))
    const own = conjunction(all.filter((node) => !shared.includes(node)))!
    const alternatives = this.#alternatives(own)
    const found = alternatives.map((nodes) => ({ nodes, reads: this.#reads(nodes), isLoose: this.#isLoose(nodes) }))
    const strict = found.filter(({ isLoose }) => !isLoose).flatMap(({ reads }) => reads)
    this.#checkOverlap(strict)
    if (found.every(({ isLoose }) => !isLoose)) return { reads: strict, filter: shared }
    return {
      reads: this.#merged(found.flatMap(({ nodes, reads }) => reads.map((read) => ({ nodes, read })))),
      filter: shared,
    }
  }

  #partitionLeaf(node: ConditionNode): KeyLeaf | undefined {
    const leaf = keyLeaf(node)
    if (leaf === undefined || leaf.name !== this.#key.partition.name) return undefined
    return leaf.operator === '=' || leaf.operator === 'IN' ? leaf : undefined
  }

  #sortLeaf(node: ConditionNode): KeyLeaf | undefined {
    const leaf = keyLeaf(node)
    return leaf !== undefined && leaf.name === this.#key.sort?.name ? leaf : undefined
  }

  /** Whether alternatives of it have to be told apart. */
  #hasKeyLeaf(node: ConditionNode): boolean {
    if (node.kind === 'and' || node.kind === 'or') return node.parts.some((part) => this.#hasKeyLeaf(part))
    return this.#partitionLeaf(node) !== undefined || this.#sortLeaf(node) !== undefined
  }

  #mentionsKey(node: ConditionNode): boolean {
    switch (node.kind) {
      case 'and':
      case 'or':
        return node.parts.some((part) => this.#mentionsKey(part))
      case 'not':
        return this.#mentionsKey(node.part)
      case 'compare':
        return this.#isOfKey(node.left) || this.#isOfKey(node.right)
      case 'between':
        return [node.operand, node.low, node.high].some((operand) => this.#isOfKey(operand))
      case 'in':
        return [node.operand, ...node.list].some((operand) => this.#isOfKey(operand))
      case 'call':
        return this.#isOfKey(node)
    }
  }

  #isOfKey(operand: OperandNode): boolean {
    if (operand.kind === 'value') return false
    if (operand.kind === 'call') return operand.operands.some((other) => this.#isOfKey(other))
    const name = operand.steps[0]!.text
    return name === this.#key.partition.name || name === this.#key.sort?.name
  }

  /** How many reads it asks for, or more than there may be. */
  #count(node: ConditionNode): number {
    if (node.kind === 'and') return capped(node.parts.reduce((count, part) => capped(count * this.#count(part)), 1))
    if (node.kind === 'or') {
      return this.#hasKeyLeaf(node) ? capped(node.parts.reduce((count, part) => count + this.#count(part), 0)) : 1
    }
    const leaf = this.#partitionLeaf(node) ?? this.#sortLeaf(node)
    return leaf?.operator === 'IN' ? leaf.values.length : 1
  }

  #alternatives(node: ConditionNode): readonly Alternative[] {
    if (node.kind === 'or' && this.#hasKeyLeaf(node)) return node.parts.flatMap((part) => this.#alternatives(part))
    if (node.kind !== 'and') return [[node]]
    return node.parts.reduce<readonly Alternative[]>(
      (all, part) => {
        const more = this.#alternatives(part)
        return all.flatMap((one) => more.map((other) => [...one, ...other]))
      },
      [[]],
    )
  }

  #reads(nodes: Alternative): KeyedRead[] {
    const partitionLeaves = nodes.map((node) => this.#partitionLeaf(node)).filter((leaf) => leaf !== undefined)
    const sortLeaves = nodes.map((node) => this.#sortLeaf(node)).filter((leaf) => leaf !== undefined)
    for (const leaf of partitionLeaves) this.#checkType(this.#key.partition, leaf)
    for (const leaf of sortLeaves) this.#checkType(this.#key.sort!, leaf)
    // The narrowest condition finds the least; what else is said of the sort key is a filter.
    const sort = sortLeaves.find(({ operator }) => operator === '=') ?? sortLeaves.find(isIn) ?? sortLeaves[0]
    const isUsed = (node: ConditionNode) => node === sort?.node || partitionLeaves.some((leaf) => leaf.node === node)
    const rest = nodes.filter((node) => !isUsed(node))
    return this.#partitions(partitionLeaves).flatMap((partition) =>
      this.#sorts(sort).map((part) => ({ partition, ...part, rest })),
    )
  }

  /** The values that all conditions on the partition key agree on. */
  #partitions([first, ...others]: readonly KeyLeaf[]): readonly ValueNode[] {
    const isIn = (value: ValueNode, { values }: KeyLeaf) =>
      values.some((other) => equalValues(this.#values.nativeOf(value), this.#values.nativeOf(other)))
    return first!.values.filter((value) => others.every((leaf) => isIn(value, leaf)))
  }

  #sorts(leaf: KeyLeaf | undefined): readonly Pick<KeyedRead, 'sort' | 'sortValue' | 'range'>[] {
    if (leaf === undefined) return [{ sort: undefined, sortValue: undefined, range: WHOLE_PARTITION }]
    const { operator, values, node } = leaf
    const natives = values.map((value) => this.#values.nativeOf(value))
    if (operator !== 'IN') {
      const sortValue = operator === '=' ? values[0] : undefined
      return [{ sort: node, sortValue, range: sortRange(operator, natives[0], natives[1]) }]
    }
    const left = { kind: 'path', steps: [{ kind: 'word', text: leaf.name }] } as const
    return values.map((right, index) => ({
      sort: { kind: 'compare', operator: '=', left, right },
      sortValue: right,
      range: sortRange('=', natives[index]),
    }))
  }

  #checkType({ name, type }: KeyAttribute, { values }: KeyLeaf): void {
    for (const value of values) {
      const found = keyPartType(this.#values.nativeOf(value))
      if (found === undefined || (type !== undefined && found !== type)) throw validationError(wrongKeyType(name))
    }
  }

  /** Whether it says what the sort key is not. */
  #isLoose(nodes: Alternative): boolean {
    return nodes.some((node) => {
      const isNegative = node.kind === 'not' || (node.kind === 'compare' && node.operator === '<>')
      return isNegative && this.#key.sort !== undefined && this.#mentionsKey(node)
    })
  }

  #checkOverlap(reads: readonly KeyedRead[]): void {
    reads.forEach((read, index) => {
      const isDouble = reads.some(
        (other, at) => at < index && this.#isSamePartition(read, other) && overlaps(read.range, other.range),
      )
      if (isDouble) throw validationError(OVERLAP)
    })
  }

  #isSamePartition(one: KeyedRead, other: KeyedRead): boolean {
    return equalValues(this.#values.nativeOf(one.partition), this.#values.nativeOf(other.partition))
  }

  /** One read of each partition, of what passes one of the alternatives. */
  #merged(found: readonly { readonly nodes: Alternative; readonly read: KeyedRead }[]): readonly KeyedRead[] {
    const groups: (typeof found)[number][][] = []
    for (const one of found) {
      const group = groups.find(([first]) => this.#isSamePartition(first!.read, one.read))
      if (group === undefined) groups.push([one])
      else group.push(one)
    }
    return groups.map((group) => {
      const [{ read }] = group as [(typeof found)[number]]
      if (group.length === 1) return read
      const alternatives = [...new Set(group.map(({ nodes }) => nodes))].map((nodes) => conjunction(nodes)!)
      const either: ConditionNode = alternatives.length === 1 ? alternatives[0]! : { kind: 'or', parts: alternatives }
      return {
        partition: read.partition,
        sort: undefined,
        sortValue: undefined,
        range: WHOLE_PARTITION,
        rest: [either],
      }
    })
  }
}

function isIn({ operator }: KeyLeaf): boolean {
  return operator === 'IN'
}

function capped(count: number): number {
  return Math.min(count, READ_LIMIT + 1)
}
