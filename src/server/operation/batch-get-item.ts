/**
 * Many items by their keys, of several tables. Once the answer has sixteen megabytes, the keys that are left come back as
 * `UnprocessedKeys`, in the form in which they can be asked for again.
 */
import type { KnownTable } from '../../backend.js'
import type { CompiledProjection } from '../../model/expression/projection.js'
import { valueKey } from '../../model/expression/value-set.js'
import type { Item } from '../../model/item/item.js'
import { itemSize } from '../../model/item/item-size.js'
import { validationError } from '../aws-error.js'
import { type CapacityMode, ConsumedUnits, isCounted } from '../capacity/consumed-capacity.js'
import { readUnits } from '../capacity/units.js'
import { projectionFromNames } from '../legacy/attributes-to-get.js'
import type { Members } from '../performer.js'
import { bindExpressions, checkParameters, type ParameterNames } from '../request/expression-parameters.js'
import { checkKey } from '../request/key-of-request.js'
import { checkKeyPaths } from '../request/key-paths.js'
import { findTable, tableName } from '../request/table-of-request.js'
import type { ServiceContext } from '../service-context.js'
import type { AttributeMap } from '../value/attribute-value.js'
import { nativeItem } from '../value/native-value.js'
import { sdkItem } from '../value/sdk-value.js'
import { DUPLICATE_KEYS, TOO_MANY_KEYS } from '../wording.js'

interface KeysAndAttributes extends Members {
  readonly Keys: readonly AttributeMap[]
  readonly AttributesToGet?: readonly string[]
  readonly ConsistentRead?: boolean
}

interface BatchGetItemInput extends Members {
  readonly RequestItems: Readonly<Record<string, KeysAndAttributes>>
  readonly ReturnConsumedCapacity?: CapacityMode
}

/** What is asked of one table. */
interface TableRequest {
  readonly tableName: string
  readonly given: KeysAndAttributes
  readonly keys: readonly Item[]
  readonly projection: CompiledProjection | undefined
  readonly nested: ReadonlySet<string>
}

const PARAMETERS: ParameterNames = { expressions: ['ProjectionExpression'], others: ['AttributesToGet'] }
const KEY_LIMIT = 100
const BYTE_LIMIT = 16 * 1024 * 1024

export async function batchGetItem(context: ServiceContext, members: Members): Promise<Members> {
  const input = members as BatchGetItemInput
  const names = Object.keys(input.RequestItems)
  // Of the whole request: it may name one table twice, by its name and by its ARN.
  const seen = new Set<string>()
  const requests = names.map((name) => tableRequest(name, input.RequestItems[name]!, seen))
  if (requests.reduce((count, { keys }) => count + keys.length, 0) > KEY_LIMIT) throw validationError(TOO_MANY_KEYS)
  const tables = requests.map(({ tableName, keys, nested }) => {
    const table = findTable(context, tableName)
    for (const key of keys) checkKey(table, key)
    checkKeyPaths(table, nested)
    return table
  })

  const wanted = requests.flatMap(({ keys }, i) =>
    keys.map((key) => ({ table: tables[i]!.name, key, select: undefined })),
  )
  const found = await context.backend.batchGet(wanted)
  return answer(input, requests, tables, found)
}

/** @param seen The items that the request has named before; these are added. */
function tableRequest(nameOrArn: string, given: KeysAndAttributes, seen: Set<string>): TableRequest {
  checkParameters(given, PARAMETERS)
  const names = projectionFromNames(given.AttributesToGet)
  const { projection = names, nested } = bindExpressions(given, PARAMETERS)
  const keys = given.Keys.map(nativeItem)
  const count = seen.size + keys.length
  for (const key of keys) seen.add(valueKey([tableName(nameOrArn), key]))
  if (seen.size < count) throw validationError(DUPLICATE_KEYS)
  return { tableName: nameOrArn, given, keys, projection, nested }
}

/** @param found All of the first table, then all of the second, and so on. */
function answer(
  { ReturnConsumedCapacity: mode }: BatchGetItemInput,
  requests: readonly TableRequest[],
  tables: readonly KnownTable[],
  found: readonly (Item | undefined)[],
): Members {
  const responses: [name: string, items: readonly AttributeMap[]][] = []
  const unprocessed: [name: string, left: Members][] = []
  const consumed: ConsumedUnits[] = []
  let place = 0
  let byteLength = 0
  for (const [i, { tableName, given, keys, projection }] of requests.entries()) {
    const units = new ConsumedUnits(tableName, tables[i]!)
    const items: AttributeMap[] = []
    const left: AttributeMap[] = []
    for (const key of given.Keys) {
      const item = found[place++]
      const size = item === undefined ? 0 : itemSize(item)
      if (byteLength + size > BYTE_LIMIT) {
        left.push(key)
        continue
      }
      byteLength += size
      units.addTable(readUnits(size, { isConsistent: given.ConsistentRead === true }))
      if (item !== undefined) items.push(sdkItem(projection === undefined ? item : projection.project(item)))
    }
    responses.push([tableName, items])
    if (left.length > 0) unprocessed.push([tableName, { ...given, Keys: left }])
    if (left.length < keys.length) consumed.push(units)
  }
  return {
    // Names of tables are the client's: properties are defined, not assigned.
    Responses: Object.fromEntries(responses),
    UnprocessedKeys: Object.fromEntries(unprocessed),
    ...(isCounted(mode) && { ConsumedCapacity: consumed.map((units) => units.report(mode)) }),
  }
}
