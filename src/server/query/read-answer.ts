/** A page of a query or a scan as DynamoDB answers it, with what it has cost. */
import type { KnownIndex, KnownTable, ReadRequest } from '../../backend.js'
import { type CompiledProjection, EVERYTHING } from '../../model/expression/projection.js'
import { projectedNames } from '../../model/index/index-view.js'
import type { Item } from '../../model/item/item.js'
import { itemSize } from '../../model/item/item-size.js'
import { validationError } from '../aws-error.js'
import { type CapacityMode, ConsumedUnits, isCounted } from '../capacity/consumed-capacity.js'
import { readUnits } from '../capacity/units.js'
import type { Members } from '../performer.js'
import type { ServiceContext } from '../service-context.js'
import type { AttributeMap } from '../value/attribute-value.js'
import { sdkItem } from '../value/sdk-value.js'
import { backfillingIndex } from '../wording.js'
import { evaluatePage } from './evaluate-page.js'
import { PageBudget } from './page-budget.js'
import { attributesOf, tableKey } from './read-key.js'
import type { Select } from './selection.js'

export interface ReadInput extends Members {
  readonly TableName: string
  readonly IndexName?: string
  readonly Select?: Select
  readonly AttributesToGet?: readonly string[]
  readonly Limit?: number
  readonly ConsistentRead?: boolean
  readonly ExclusiveStartKey?: AttributeMap
  readonly ConditionalOperator?: 'AND' | 'OR'
  readonly ReturnConsumedCapacity?: CapacityMode
}

export interface Read {
  readonly table: KnownTable
  readonly index: KnownIndex | undefined
  readonly startKey: Item | undefined
  /** What is asked for by name. */
  readonly projection: CompiledProjection | undefined
  readonly request: Omit<ReadRequest, 'table' | 'index' | 'select'>
  /** @default one of its own */
  readonly budget?: PageBudget | undefined
}

/** @throws {AwsError} ValidationException, when the global index that it reads is not complete yet. */
export async function readAnswer({ backend }: ServiceContext, input: ReadInput, read: Read): Promise<Members> {
  const { table, index, startKey, projection, request, budget = new PageBudget() } = read
  // Natively a read waits; a client of DynamoDB is told, and no request is held for as long as that takes.
  if (index?.status === 'BUILDING' && !index.definition.isLocal) throw validationError(backfillingIndex(index.name))
  const isCount = input.Select === 'COUNT'
  const wanted = input.Select === 'ALL_ATTRIBUTES' ? EVERYTHING : projection
  const fetches = fetchesItems(table, index, wanted)
  // What has to be fetched from the table is paid for by its whole size.
  const select = fetches ? EVERYTHING : wanted
  const bounds = { limit: input.Limit, startKey, countOnly: isCount, fetches, budget }
  const page = await evaluatePage(backend, { ...request, table: table.name, index: index?.name, select }, bounds)
  const shown = fetches ? page.items.map((item) => wanted!.project(item)) : page.items
  const answer = {
    ...(!isCount && { Items: shown.map(sdkItem) }),
    Count: page.count,
    ScannedCount: page.scannedCount,
    ...(page.lastKey !== undefined && { LastEvaluatedKey: sdkItem(page.lastKey) }),
  }
  const mode = input.ReturnConsumedCapacity
  if (!isCounted(mode)) return answer
  const consumed = new ConsumedUnits(input.TableName, table)
  const consistency = { isConsistent: input.ConsistentRead === true }
  const units = readUnits(page.byteLength, consistency)
  if (index === undefined) consumed.addTable(units)
  else consumed.addIndex(index.name, units)
  if (fetches) for (const item of page.items) consumed.addTable(readUnits(itemSize(item), consistency))
  return { ...answer, ConsumedCapacity: consumed.report(mode) }
}

/** Whether a local index lacks what is asked for, so that its items come from the table. */
function fetchesItems(
  table: KnownTable,
  index: KnownIndex | undefined,
  wanted: CompiledProjection | undefined,
): boolean {
  if (index === undefined || wanted === undefined || !index.definition.isLocal) return false
  const names = projectedNames(
    index,
    attributesOf(tableKey(table)).map(({ name }) => name),
  )
  if (names === undefined) return false
  return wanted.attributes === undefined || wanted.attributes.some((name) => !names.includes(name))
}
