/**
 * Many independent writes, to several tables. All of them are checked before any is done; then each is stored, or comes back
 * in `UnprocessedItems`.
 */
import type { BatchOperation, ItemImages, KnownTable, PreparedWrite, Unprocessed } from '../../backend.js'
import { WriteFailedError } from '../../errors.js'
import { valueKey } from '../../model/expression/value-set.js'
import { keyOf } from '../../model/key/key-schema.js'
import { PreparedWrites } from '../../prepared-writes.js'
import { validationError } from '../aws-error.js'
import { type CapacityMode, ConsumedUnits, isCounted } from '../capacity/consumed-capacity.js'
import { itemCollections } from '../capacity/item-collection.js'
import type { Members } from '../performer.js'
import { itemRule } from '../request/item-rule.js'
import { checkKey } from '../request/key-of-request.js'
import { findTable } from '../request/table-of-request.js'
import type { ServiceContext } from '../service-context.js'
import type { AttributeMap } from '../value/attribute-value.js'
import { nativeItem } from '../value/native-value.js'
import { DUPLICATE_KEYS, ITEM_TOO_BIG, NO_WRITE_OR_SEVERAL, TOO_MANY_WRITES } from '../wording.js'

interface WriteRequestInput {
  readonly PutRequest?: { readonly Item: AttributeMap }
  readonly DeleteRequest?: { readonly Key: AttributeMap }
}

interface BatchWriteItemInput extends Members {
  readonly RequestItems: Readonly<Record<string, readonly WriteRequestInput[]>>
  readonly ReturnConsumedCapacity?: CapacityMode
  readonly ReturnItemCollectionMetrics?: 'SIZE' | 'NONE'
}

/** What is to be done in one table. */
interface TableWrites {
  readonly tableName: string
  readonly table: KnownTable
  readonly given: readonly WriteRequestInput[]
  readonly operations: readonly BatchOperation[]
  readonly prepared: readonly PreparedWrite[]
}

const WRITE_LIMIT = 25

export async function batchWriteItem(context: ServiceContext, members: Members): Promise<Members> {
  const input = members as BatchWriteItemInput
  const names = Object.keys(input.RequestItems)
  const operations = names.map((name) => input.RequestItems[name]!.map(operationFrom))
  if (operations.reduce((count, { length }) => count + length, 0) > WRITE_LIMIT) throw validationError(TOO_MANY_WRITES)
  // Of the whole request: it may name one table twice, by its name and by its ARN.
  const seen = new Set<string>()
  const writes = names.map((tableName, i): TableWrites => {
    const table = findTable(context, tableName)
    checkOperations(table, operations[i]!, seen)
    const prepared = new PreparedWrites(context.backend, table.name)
    for (const operation of operations[i]!) prepared.add(operation)
    return {
      tableName,
      table,
      given: input.RequestItems[tableName]!,
      operations: operations[i]!,
      prepared: prepared.take(),
    }
  })
  const mode = input.ReturnConsumedCapacity
  const done = await Promise.all(
    writes.map((each) => (isCounted(mode) ? writeEach(context, each) : writeTogether(context, each))),
  )
  const refused = done.flatMap((each) => each.refused)
  // What a client would send again and again, and never with success, is no unprocessed item.
  const lasting = refused.find(({ cause }) => !(cause instanceof WriteFailedError))
  if (lasting !== undefined) throw lasting.cause
  const isDone = done.map((each, i) => each.refused.length < operations[i]!.length)
  if (!isDone.includes(true)) throw refused[0]!.cause
  return {
    UnprocessedItems: unprocessedItems(writes, done),
    ...(input.ReturnItemCollectionMetrics === 'SIZE' && {
      ItemCollectionMetrics: collectionsOf(context, writes, done),
    }),
    ...(isCounted(mode) && {
      ConsumedCapacity: done.filter((_, i) => isDone[i]).map(({ consumed }) => consumed!.report(mode)),
    }),
  }
}

interface Done {
  /** The rest is stored. */
  readonly refused: readonly Unprocessed[]
  readonly consumed?: ConsumedUnits
}

function operationFrom({ PutRequest: put, DeleteRequest: remove }: WriteRequestInput): BatchOperation {
  if ((put === undefined) === (remove === undefined)) throw validationError(NO_WRITE_OR_SEVERAL)
  return put !== undefined ? { put: nativeItem(put.Item) } : { delete: nativeItem(remove!.Key) }
}

/**
 * @param seen The items that the request has named before; these are added.
 * @throws {AwsError} ValidationException
 */
function checkOperations(table: KnownTable, operations: readonly BatchOperation[], seen: Set<string>): void {
  const rule = itemRule(table, ITEM_TOO_BIG)
  const count = seen.size + operations.length
  for (const operation of operations) {
    if ('put' in operation) rule?.(operation.put)
    else checkKey(table, operation.delete)
    const { partition, sort } = keyOf(table.key, 'put' in operation ? operation.put : operation.delete)
    seen.add(valueKey([table.name, partition, sort]))
  }
  if (seen.size < count) throw validationError(DUPLICATE_KEYS)
}

/** With one promise for all of them. */
async function writeTogether({ backend }: ServiceContext, { table, prepared }: TableWrites): Promise<Done> {
  return { refused: await backend.batchWrite(table.name, prepared) }
}

/** One by one, to see what each has changed; they share commits all the same. */
async function writeEach({ backend }: ServiceContext, writes: TableWrites): Promise<Done> {
  const { tableName, table, operations } = writes
  const consumed = new ConsumedUnits(tableName, table)
  const refused: Unprocessed[] = []
  await Promise.all(
    operations.map(async (operation) => {
      const images: ItemImages = { before: undefined, after: undefined }
      const request = { table: table.name, condition: undefined, images }
      try {
        if ('put' in operation) await backend.put({ ...request, item: operation.put })
        else await backend.delete({ ...request, key: operation.delete })
      } catch (cause) {
        refused.push({ operation, cause: cause as Error })
        return
      }
      consumed.addWrite(images.before, images.after)
    }),
  )
  return { refused, consumed }
}

/** By their tables, as they came. */
function unprocessedItems(writes: readonly TableWrites[], done: readonly Done[]): Members {
  const found = writes.flatMap(({ tableName, table, given, operations }, i) => {
    const isLeft = refusalOf(table, done[i]!)
    const left = given.filter((_, place) => isLeft(operations[place]!))
    return left.length === 0 ? [] : [[tableName, left] as const]
  })
  return Object.fromEntries(found)
}

/** Whether an operation was refused. */
function refusalOf(table: KnownTable, { refused }: Done): (operation: BatchOperation) => boolean {
  const keys = new Set(refused.map(({ operation }) => keyText(table, operation)))
  return (operation) => keys.size > 0 && keys.has(keyText(table, operation))
}

function keyText({ key }: KnownTable, operation: BatchOperation): string {
  const { partition, sort } = keyOf(key, 'put' in operation ? operation.put : operation.delete)
  return valueKey([partition, sort])
}

/** Of what is stored. */
function collectionsOf(context: ServiceContext, writes: readonly TableWrites[], done: readonly Done[]): Members {
  return itemCollections(
    context,
    writes.flatMap(({ tableName, table, operations }, i) => {
      const isLeft = refusalOf(table, done[i]!)
      return operations.flatMap((operation) => {
        if (isLeft(operation)) return []
        const key = 'put' in operation ? operation.put : operation.delete
        return [{ tableName, table, partitionKey: key[table.key.partition.name] }]
      })
    }),
  )
}
