/**
 * Performs a SELECT, a page at a time, by what DynamoDB's other operations do: GetItem for a whole key, Query for the items of
 * a partition, Scan for the rest. What those can't filter is filtered here: conditions on the key that is read, and those
 * of one alternative among several.
 */
import type { KnownIndex, KnownTable } from '../../backend.js'
import type { ConditionNode } from '../../model/expression/dynamodb/expression.js'
import { EXPRESSION_BYTE_LIMIT } from '../../model/expression/dynamodb/token-reader.js'
import { projectedNames } from '../../model/index/index-view.js'
import { validationError } from '../aws-error.js'
import { type CapacityMode, isCounted } from '../capacity/consumed-capacity.js'
import { getItem } from '../operation/get-item.js'
import { query } from '../operation/query.js'
import { scan } from '../operation/scan.js'
import type { Members } from '../performer.js'
import { findTable } from '../request/table-of-request.js'
import type { ServiceContext } from '../service-context.js'
import type { AttributeMap } from '../value/attribute-value.js'
import { nativeItem } from '../value/native-value.js'
import { INDEX_NOT_FOUND } from '../wording.js'
import { attributesOf, type BoundStatement, conditionTest } from './bound-statement.js'
import { sumByTable } from './capacity-sum.js'
import { conjunction } from './key-leaf.js'
import type { Position } from './next-token.js'
import { type KeyedRead, orderReads, planReads, type ReadKey, readsBackward } from './read-plan.js'
import { RequestExpressions } from './request-expressions.js'
import { rowOf } from './row.js'
import type { SelectStatement } from './statement.js'
import {
  CONSISTENT_GLOBAL_READ,
  ORDER_NEEDS_KEY,
  ORDER_NEEDS_PARTITION,
  ORDER_NEEDS_WHERE,
  orderByOther,
  WIDE_INDEX_KEY,
} from './wording.js'

/** The longest that a name in a projection can be, with a comma. */
const PLACEHOLDER_BYTES = 8
/** After so many reads a page ends, as DynamoDB's do when `IN` has many operands. */
const READS_PER_PAGE = 10

export interface PageOptions {
  /** So many items are looked at, whatever passes the condition. */
  readonly limit: number
  readonly isConsistent: boolean
  readonly capacity: CapacityMode | undefined
  readonly start: Position
}

export interface SelectedPage {
  readonly rows: readonly AttributeMap[]
  /** Where the next page begins; undefined when nothing is left. */
  readonly next: Position | undefined
  readonly consumed: Members | undefined
}

export interface SelectOptions {
  /** Whether a key of another type than the table's is refused: a transaction has a reason for it instead. @default true */
  readonly checksKeyTypes?: boolean
}

/** What one read has found. */
interface ReadResult {
  readonly rows: readonly AttributeMap[]
  readonly scannedCount: number
  readonly lastKey: AttributeMap | undefined
  readonly consumed: Members | undefined
}

/** What Query and Scan answer. */
interface FoundPage {
  readonly Items: readonly AttributeMap[]
  readonly ScannedCount: number
  readonly LastEvaluatedKey?: AttributeMap
  readonly ConsumedCapacity?: Members
}

export class PreparedSelect {
  readonly #context: ServiceContext
  readonly #bound: BoundStatement<SelectStatement>
  readonly #table: KnownTable
  readonly #index: KnownIndex | undefined
  readonly #key: ReadKey
  readonly #filter: readonly ConditionNode[]
  /** Undefined for a scan. */
  readonly #reads: readonly KeyedRead[] | undefined

  /** @throws {AwsError} ValidationException or ResourceNotFoundException, before anything is read. */
  constructor(
    context: ServiceContext,
    bound: BoundStatement<SelectStatement>,
    { checksKeyTypes = true }: SelectOptions = {},
  ) {
    const { statement, values } = bound
    this.#context = context
    this.#bound = bound
    this.#table = findTable(context, statement.table)
    this.#index = findIndex(this.#table, statement.index)
    this.#key = readKey(this.#table, this.#index)
    this.#checkOrderedAttributes()
    const { reads, filter } = planReads(statement.where, checksKeyTypes ? this.#key : withoutTypes(this.#key), values)
    this.#filter = filter
    this.#checkOrderedReads(reads)
    const { order } = statement
    this.#reads = reads === undefined || order.length === 0 ? reads : orderReads(reads, order, this.#key, values)
  }

  /** The key of the one item that it is about, if its condition is just that. */
  get itemKey(): AttributeMap | undefined {
    const [read, ...others] = this.#reads ?? []
    const isAlone = read !== undefined && others.length === 0 && this.#filter.length === 0 && read.rest.length === 0
    return isAlone ? this.#keyOf(read) : undefined
  }

  /** As a transaction asks for that item. */
  getMembers(): Members {
    const expressions = new RequestExpressions(this.#bound.values).projection(this.#shownNames(undefined))
    return { TableName: this.#bound.statement.table, Key: this.itemKey, ...expressions.members() }
  }

  /** What is shown of an item. */
  row(item: AttributeMap): AttributeMap {
    const { columns } = this.#bound.statement
    return columns === undefined ? item : rowOf(item, columns)
  }

  async page({ limit, isConsistent, capacity, start }: PageOptions): Promise<SelectedPage> {
    if (isConsistent && this.#index?.definition.isLocal === false) throw validationError(CONSISTENT_GLOBAL_READ)
    const count = this.#reads?.length ?? 1
    const rows: AttributeMap[] = []
    const reports: (Members | undefined)[] = []
    let { read, startKey } = start
    let left = limit
    const end = Math.min(count, read + READS_PER_PAGE)
    const { table } = this.#bound.statement
    const members = {
      TableName: table,
      ...(isConsistent && { ConsistentRead: true }),
      ...(capacity && { ReturnConsumedCapacity: capacity }),
    }
    while (read < end && left > 0) {
      const one = this.#reads?.[read]
      const key = one && this.#keyOf(one)
      const result =
        one !== undefined && key !== undefined
          ? await this.#get(one, key, members)
          : await this.#readPage(one, { ...members, ...this.#bounds(left, startKey) })
      for (const row of result.rows) rows.push(row)
      reports.push(result.consumed)
      left -= result.scannedCount
      startKey = result.lastKey
      if (startKey !== undefined) break
      read += 1
    }
    // A condition that contradicts itself is answered without a look at the table.
    const [consumed = isCounted(capacity) ? { TableName: table, CapacityUnits: 0 } : undefined] = sumByTable(reports)
    return { rows, next: read < count ? { read, startKey } : undefined, consumed }
  }

  async #get({ rest }: KeyedRead, key: AttributeMap, members: Members): Promise<ReadResult> {
    const filter = conjunction([...this.#filter, ...rest])
    const expressions = new RequestExpressions(this.#bound.values).projection(this.#shownNames(filter))
    const answer = await getItem(this.#context, { ...members, Key: key, ...expressions.members() })
    const { Item, ConsumedCapacity } = answer as { Item?: AttributeMap; ConsumedCapacity?: Members }
    const rows = this.#rows(Item === undefined ? [] : [Item], filter)
    return { rows, scannedCount: 1, lastKey: undefined, consumed: ConsumedCapacity }
  }

  async #readPage(read: KeyedRead | undefined, members: Members): Promise<ReadResult> {
    const rest = conjunction(read === undefined ? [] : read.rest)
    const expressions = new RequestExpressions(this.#bound.values)
      .projection(this.#shownNames(rest))
      .condition('FilterExpression', conjunction(this.#filter))
    if (read !== undefined) expressions.condition('KeyConditionExpression', this.#keyCondition(read))
    const request = { ...members, ...expressions.members() }
    const isForward = !readsBackward(this.#bound.statement.order, this.#key)
    const answer = await (read === undefined
      ? scan(this.#context, request)
      : query(this.#context, { ...request, ScanIndexForward: isForward }))
    const { Items, ScannedCount, LastEvaluatedKey, ConsumedCapacity } = answer as unknown as FoundPage
    const rows = this.#rows(Items, rest)
    return { rows, scannedCount: ScannedCount, lastKey: LastEvaluatedKey, consumed: ConsumedCapacity }
  }

  #bounds(limit: number, startKey: AttributeMap | undefined): Members {
    const { index } = this.#bound.statement
    return {
      ...(index !== undefined && { IndexName: index }),
      ...(limit < Number.POSITIVE_INFINITY && { Limit: limit }),
      ...(startKey && { ExclusiveStartKey: startKey }),
    }
  }

  #rows(items: readonly AttributeMap[], filter: ConditionNode | undefined): readonly AttributeMap[] {
    const test = filter && conditionTest(filter, this.#bound.values)
    const passed = test === undefined ? items : items.filter((item) => test(nativeItem(item)))
    return passed.map((item) => this.row(item))
  }

  #keyCondition({ partition, sort }: KeyedRead): ConditionNode {
    const left = { kind: 'path', steps: [{ kind: 'word', text: this.#key.partition.name }] } as const
    const isPartition: ConditionNode = { kind: 'compare', operator: '=', left, right: partition }
    return sort === undefined ? isPartition : { kind: 'and', parts: [isPartition, sort] }
  }

  /** The whole key of an item, if the read is for one. */
  #keyOf({ partition, sortValue }: KeyedRead): AttributeMap | undefined {
    const { values } = this.#bound
    const { sort } = this.#key
    if (this.#index !== undefined || (sort !== undefined && sortValue === undefined)) return undefined
    const key = [[this.#key.partition.name, values.value(partition.name)] as const]
    if (sort !== undefined) key.push([sort.name, values.value(sortValue!.name)])
    return Object.fromEntries(key)
  }

  /** The attributes that are needed to show an item and to filter it here; all of them if undefined. */
  #shownNames(filter: ConditionNode | undefined): readonly string[] | undefined {
    const { columns } = this.#bound.statement
    if (columns === undefined) return undefined
    const names = new Set(columns.map(({ path }) => String(path[0])))
    const projected = this.#index && projectedNames(this.#index, keyNames(this.#table))
    for (const name of filter === undefined ? [] : attributesOf(filter)) {
      // What an index does not project is not there for a filter.
      if (projected === undefined || projected.includes(name)) names.add(name)
    }
    // More of them than fit in an expression are not worth one.
    const byteLength = names.size * PLACEHOLDER_BYTES
    return byteLength > EXPRESSION_BYTE_LIMIT ? undefined : [...names]
  }

  #checkOrderedAttributes(): void {
    const { order, where } = this.#bound.statement
    if (order.length === 0) return
    if (where === undefined) throw validationError(ORDER_NEEDS_WHERE)
    const { partition, sort } = this.#key
    const other = order.find(({ name }) => name !== partition.name && name !== sort?.name)
    if (other !== undefined) throw validationError(orderByOther(other.name))
  }

  #checkOrderedReads(reads: readonly KeyedRead[] | undefined): void {
    const { order } = this.#bound.statement
    if (order.length === 0) return
    if (reads === undefined) throw validationError(ORDER_NEEDS_KEY)
    const isOrdered = order.some(({ name }) => name === this.#key.partition.name)
    const partitions = new Set(reads.map(({ partition }) => partition))
    if (partitions.size > 1 && !isOrdered) throw validationError(ORDER_NEEDS_PARTITION)
  }
}

function findIndex({ indexes }: KnownTable, name: string | undefined): KnownIndex | undefined {
  if (name === undefined) return undefined
  const index = indexes.find((other) => other.name === name)
  if (index === undefined) throw validationError(INDEX_NOT_FOUND)
  const { partition, sort } = index.definition
  if (partition.length > 1 || sort.length > 1) throw validationError(WIDE_INDEX_KEY)
  return index
}

function readKey(table: KnownTable, index: KnownIndex | undefined): ReadKey {
  if (index === undefined) return table.key
  const [partition] = index.key.partition
  return { partition: partition!, sort: index.key.sort[0] }
}

function withoutTypes({ partition, sort }: ReadKey): ReadKey {
  return { partition: { ...partition, type: undefined }, sort: sort && { ...sort, type: undefined } }
}

function keyNames({ key: { partition, sort } }: KnownTable): readonly string[] {
  return sort === undefined ? [partition.name] : [partition.name, sort.name]
}
