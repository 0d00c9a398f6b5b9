/** What a SELECT reads, before anything is read: its table, its index, and the reads that its condition comes to. */
import type { KnownIndex, KnownTable } from '../../backend.js'
import type { ConditionNode } from '../../model/expression/dynamodb/expression.js'
import { validationError } from '../aws-error.js'
import { findTable } from '../request/table-of-request.js'
import type { ServiceContext } from '../service-context.js'
import type { AttributeMap } from '../value/attribute-value.js'
import { INDEX_NOT_FOUND } from '../wording.js'
import type { BoundStatement } from './bound-statement.js'
import { type KeyedRead, orderReads, planReads, type ReadKey } from './read-plan.js'
import type { OrderTerm, SelectStatement } from './statement.js'
import { ORDER_NEEDS_KEY, ORDER_NEEDS_PARTITION, ORDER_NEEDS_WHERE, orderByOther, WIDE_INDEX_KEY } from './wording.js'

export interface SelectPlan {
  readonly bound: BoundStatement<SelectStatement>
  readonly table: KnownTable
  readonly index: KnownIndex | undefined
  readonly key: ReadKey
  /** One after the other; undefined for a scan. */
  readonly reads: readonly KeyedRead[] | undefined
  /** What has to hold of every item, besides what a read says. */
  readonly filter: readonly ConditionNode[]
}

export interface SelectOptions {
  /** Whether a key of another type than the table's is refused: a transaction has a reason for it instead. @default true */
  readonly checksKeyTypes?: boolean
}

/** @throws {AwsError} ValidationException or ResourceNotFoundException */
export function planSelect(
  context: ServiceContext,
  bound: BoundStatement<SelectStatement>,
  { checksKeyTypes = true }: SelectOptions = {},
): SelectPlan {
  const { statement, values } = bound
  const { order, where } = statement
  const table = findTable(context, statement.table)
  const index = findIndex(table, statement.index)
  const key = readKey(table, index)
  if (order.length > 0) checkOrderedAttributes(statement, key)
  const { reads, filter } = planReads(where, checksKeyTypes ? key : withoutTypes(key), values)
  const plan = { bound, table, index, key, filter }
  if (order.length === 0) return { ...plan, reads }
  checkOrderedReads(reads, order, key)
  return { ...plan, reads: orderReads(reads, order, key, values) }
}

/** The key of the one item that a SELECT is about, if its condition is just that. */
export function itemKeyOf(plan: SelectPlan): AttributeMap | undefined {
  const [read, ...others] = plan.reads ?? []
  const isAlone = read !== undefined && others.length === 0 && plan.filter.length === 0 && read.rest.length === 0
  return isAlone ? wholeKeyOf(read, plan) : undefined
}

/** The whole key of an item, if the read is for one. */
export function wholeKeyOf(
  { partition, sortValue }: KeyedRead,
  {
    key: {
      partition: { name },
      sort,
    },
    index,
    bound: { values },
  }: SelectPlan,
): AttributeMap | undefined {
  if (index !== undefined || (sort !== undefined && sortValue === undefined)) return undefined
  const key = [[name, values.value(partition.name)] as const]
  if (sort !== undefined) key.push([sort.name, values.value(sortValue!.name)])
  return Object.fromEntries(key)
}

function checkOrderedAttributes({ order, where }: SelectStatement, { partition, sort }: ReadKey): void {
  if (where === undefined) throw validationError(ORDER_NEEDS_WHERE)
  const other = order.find(({ name }) => name !== partition.name && name !== sort?.name)
  if (other !== undefined) throw validationError(orderByOther(other.name))
}

function checkOrderedReads(
  reads: readonly KeyedRead[] | undefined,
  order: readonly OrderTerm[],
  key: ReadKey,
): asserts reads is readonly KeyedRead[] {
  if (reads === undefined) throw validationError(ORDER_NEEDS_KEY)
  const isOrdered = order.some(({ name }) => name === key.partition.name)
  // Conditions are counted, not what they are about.
  const partitions = new Set(reads.map(({ partition }) => partition))
  if (partitions.size > 1 && !isOrdered) throw validationError(ORDER_NEEDS_PARTITION)
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
