/**
 * Performs a SELECT, a page at a time, by what DynamoDB's other operations do: GetItem for a whole key, Query for the items of
 * a partition, Scan for the rest. What those can't filter is filtered here: conditions on the key that is read, and those
 * of one alternative among several.
 */
import type { KnownTable } from '../../backend.js'
import type { ConditionNode } from '../../model/expression/dynamodb/expression.js'
import { EXPRESSION_BYTE_LIMIT } from '../../model/expression/dynamodb/token-reader.js'
import { projectedNames } from '../../model/index/index-view.js'
import { validationError } from '../aws-error.js'
import { type CapacityMode, isCounted } from '../capacity/consumed-capacity.js'
import { getItem } from '../operation/get-item.js'
import { query } from '../operation/query.js'
import { scan } from '../operation/scan.js'
import type { Members } from '../performer.js'
import { PageBudget } from '../query/page-budget.js'
import type { ServiceContext } from '../service-context.js'
import type { AttributeMap } from '../value/attribute-value.js'
import { nativeItem } from '../value/native-value.js'
import { attributesOf, conditionTest } from './bound-statement.js'
import { sumByTable } from './capacity-sum.js'
import { conjunction } from './key-leaf.js'
import type { Position } from './next-token.js'
import { type KeyedRead, readsBackward } from './read-plan.js'
import { RequestExpressions } from './request-expressions.js'
import { rowOf } from './row.js'
import { itemKeyOf, type SelectPlan, wholeKeyOf } from './select-plan.js'
import { CONSISTENT_GLOBAL_READ } from './wording.js'

/** The longest that a name in a projection can be, with a comma. */
const PLACEHOLDER_BYTES = 8
/** After so many reads a page ends, as DynamoDB's do when `IN` has many operands. */
const READS_PER_PAGE = 10

export interface PageOptions {
  /** So many items are looked at, whatever passes the condition; fewer, where they make a megabyte. */
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

export async function selectPage(
  context: ServiceContext,
  plan: SelectPlan,
  { limit, isConsistent, capacity, start }: PageOptions,
): Promise<SelectedPage> {
  const { reads, index, bound } = plan
  if (isConsistent && index?.definition.isLocal === false) throw validationError(CONSISTENT_GLOBAL_READ)
  const { table } = bound.statement
  const members = {
    TableName: table,
    ...(isConsistent && { ConsistentRead: true }),
    ...(capacity && { ReturnConsumedCapacity: capacity }),
  }
  const count = reads?.length ?? 1
  const rows: AttributeMap[] = []
  const reports: (Members | undefined)[] = []
  let { read, startKey } = start
  let left = limit
  const budget = new PageBudget()
  const end = Math.min(count, read + READS_PER_PAGE)
  while (read < end && left > 0 && !budget.isSpent) {
    const one = reads?.[read]
    const key = one && wholeKeyOf(one, plan)
    const result =
      one !== undefined && key !== undefined
        ? await readItem(context, plan, one, { ...members, Key: key }, budget)
        : await readPage(context, plan, one, { ...members, ...boundsOf(plan, left, startKey) }, budget)
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

/** The one item that the SELECT is about, as a transaction asks for it. */
export function getMembers(plan: SelectPlan): Members {
  const { statement, values } = plan.bound
  const expressions = new RequestExpressions(values).projection(shownNames(plan, undefined))
  return { TableName: statement.table, Key: itemKeyOf(plan), ...expressions.members() }
}

/** What is shown of an item. */
export function shownRow({ bound }: SelectPlan, item: AttributeMap): AttributeMap {
  const { columns } = bound.statement
  return columns === undefined ? item : rowOf(item, columns)
}

async function readItem(
  context: ServiceContext,
  plan: SelectPlan,
  { rest }: KeyedRead,
  members: Members,
  budget: PageBudget,
): Promise<ReadResult> {
  const filter = conjunction([...plan.filter, ...rest])
  const expressions = new RequestExpressions(plan.bound.values).projection(shownNames(plan, filter))
  const answer = await getItem(context, { ...members, ...expressions.members() }, budget)
  const { Item, ConsumedCapacity } = answer as { Item?: AttributeMap; ConsumedCapacity?: Members }
  const rows = shownRows(plan, Item === undefined ? [] : [Item], filter)
  return { rows, scannedCount: 1, lastKey: undefined, consumed: ConsumedCapacity }
}

async function readPage(
  context: ServiceContext,
  plan: SelectPlan,
  read: KeyedRead | undefined,
  members: Members,
  budget: PageBudget,
): Promise<ReadResult> {
  const { bound, key } = plan
  const rest = conjunction(read === undefined ? [] : read.rest)
  const expressions = new RequestExpressions(bound.values)
    .projection(shownNames(plan, rest))
    .condition('FilterExpression', conjunction(plan.filter))
  if (read !== undefined) expressions.condition('KeyConditionExpression', keyCondition(read, key.partition.name))
  const request = { ...members, ...expressions.members() }
  const isForward = !readsBackward(bound.statement.order, key)
  const answer = await (read === undefined
    ? scan(context, request)
    : query(context, { ...request, ScanIndexForward: isForward }, budget))
  const { Items, ScannedCount, LastEvaluatedKey, ConsumedCapacity } = answer as unknown as FoundPage
  const rows = shownRows(plan, Items, rest)
  return { rows, scannedCount: ScannedCount, lastKey: LastEvaluatedKey, consumed: ConsumedCapacity }
}

function boundsOf({ bound }: SelectPlan, limit: number, startKey: AttributeMap | undefined): Members {
  const { index } = bound.statement
  return {
    ...(index !== undefined && { IndexName: index }),
    ...(limit < Number.POSITIVE_INFINITY && { Limit: limit }),
    ...(startKey && { ExclusiveStartKey: startKey }),
  }
}

function keyCondition({ partition, sort }: KeyedRead, name: string): ConditionNode {
  const left = { kind: 'path', steps: [{ kind: 'word', text: name }] } as const
  const isPartition: ConditionNode = { kind: 'compare', operator: '=', left, right: partition }
  return sort === undefined ? isPartition : { kind: 'and', parts: [isPartition, sort] }
}

function shownRows(
  plan: SelectPlan,
  items: readonly AttributeMap[],
  filter: ConditionNode | undefined,
): readonly AttributeMap[] {
  const test = filter && conditionTest(filter, plan.bound.values)
  const passed = test === undefined ? items : items.filter((item) => test(nativeItem(item)))
  return plan.bound.statement.columns === undefined ? passed : passed.map((item) => shownRow(plan, item))
}

/** The attributes that are needed to show an item and to filter it here; all of them if undefined. */
function shownNames(
  { bound, index, table }: SelectPlan,
  filter: ConditionNode | undefined,
): readonly string[] | undefined {
  const { columns } = bound.statement
  if (columns === undefined) return undefined
  const names = new Set(columns.map(({ path }) => String(path[0])))
  const projected = index && projectedNames(index, keyNames(table))
  for (const name of filter === undefined ? [] : attributesOf(filter)) {
    // What an index does not project is not there for a filter.
    if (projected === undefined || projected.includes(name)) names.add(name)
  }
  // More of them than fit in an expression are not worth one.
  return names.size * PLACEHOLDER_BYTES > EXPRESSION_BYTE_LIMIT ? undefined : [...names]
}

function keyNames({ key: { partition, sort } }: KnownTable): readonly string[] {
  return sort === undefined ? [partition.name] : [partition.name, sort.name]
}
