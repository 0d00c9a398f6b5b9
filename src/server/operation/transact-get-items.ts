/** Several items by their keys, all as they were at one moment. */
import type { KnownTable } from '../../backend.js'
import type { CompiledProjection } from '../../model/expression/projection.js'
import { valueKey } from '../../model/expression/value-set.js'
import type { Item } from '../../model/item/item.js'
import { itemSize } from '../../model/item/item-size.js'
import { AwsError, validationError } from '../aws-error.js'
import { type CapacityMode, ConsumedUnits, isCounted } from '../capacity/consumed-capacity.js'
import { readUnits, TRANSACTION_FACTOR } from '../capacity/units.js'
import type { Members } from '../performer.js'
import { bindExpressions, checkParameters, type ParameterNames } from '../request/expression-parameters.js'
import { checkKey } from '../request/key-of-request.js'
import { checkKeyPaths } from '../request/key-paths.js'
import { findTable } from '../request/table-of-request.js'
import type { ServiceContext } from '../service-context.js'
import { cancellation, type Refusal } from '../transaction/cancellation.js'
import type { AttributeMap } from '../value/attribute-value.js'
import { nativeItem } from '../value/native-value.js'
import { sdkItem } from '../value/sdk-value.js'
import { SEVERAL_OPERATIONS_ON_ONE_ITEM, TRANSACTION_TOO_LARGE } from '../wording.js'

interface GetInput extends Members {
  readonly TableName: string
  readonly Key: AttributeMap
}

interface TransactGetItemsInput extends Members {
  readonly TransactItems: readonly { readonly Get: GetInput }[]
  readonly ReturnConsumedCapacity?: CapacityMode
}

interface Get {
  readonly tableName: string
  readonly table: KnownTable
  readonly key: Item
  readonly projection: CompiledProjection | undefined
  readonly nested: ReadonlySet<string>
}

const PARAMETERS: ParameterNames = { expressions: ['ProjectionExpression'], others: [] }
const BYTE_LIMIT = 4 * 1024 * 1024

export async function transactGetItems(context: ServiceContext, members: Members): Promise<Members> {
  const input = members as TransactGetItemsInput
  const parsed = input.TransactItems.map(({ Get: get }) => {
    checkParameters(get, PARAMETERS)
    const key = nativeItem(get.Key)
    const { projection, nested } = bindExpressions(get, PARAMETERS)
    return { tableName: get.TableName, key, projection, nested }
  })
  const gets = parsed.map((get): Get => ({ ...get, table: findTable(context, get.tableName) }))
  const refusals = gets.map(refusalOf)
  if (refusals.some((refusal) => refusal !== undefined)) throw cancellation(refusals)
  const targets = new Set(gets.map(({ table, key }) => valueKey([table.name, key])))
  if (targets.size < gets.length) throw validationError(SEVERAL_OPERATIONS_ON_ONE_ITEM)

  const found = await context.backend.batchGet(
    gets.map(({ table, key }) => ({ table: table.name, key, select: undefined })),
  )
  const sizes = found.map((item) => (item === undefined ? 0 : itemSize(item)))
  if (sizes.reduce((sum, size) => sum + size, 0) > BYTE_LIMIT) throw validationError(TRANSACTION_TOO_LARGE)
  const mode = input.ReturnConsumedCapacity
  return {
    Responses: found.map((item, i) => (item === undefined ? {} : { Item: shown(item, gets[i]!) })),
    ...(isCounted(mode) && { ConsumedCapacity: capacityOf(gets, sizes, mode) }),
  }
}

function shown(item: Item, { projection }: Get): AttributeMap {
  return sdkItem(projection === undefined ? item : projection.project(item))
}

/** A key of a wrong type is a reason of its own; a value that no key can have ends everything. */
function refusalOf({ table, key, nested }: Get): Refusal {
  try {
    checkKey(table, key)
    checkKeyPaths(table, nested)
    return undefined
  } catch (failure) {
    if (failure instanceof AwsError) return failure
    throw failure
  }
}

function capacityOf(gets: readonly Get[], sizes: readonly number[], mode: 'INDEXES' | 'TOTAL'): readonly Members[] {
  const byTable = new Map<string, ConsumedUnits>()
  for (const [i, { tableName, table }] of gets.entries()) {
    const units = byTable.get(tableName) ?? new ConsumedUnits(tableName, table)
    byTable.set(tableName, units)
    units.addTable(TRANSACTION_FACTOR * readUnits(sizes[i]!, { isConsistent: true }))
  }
  return [...byTable.values()].map((units) => units.report(mode, 'Read'))
}
