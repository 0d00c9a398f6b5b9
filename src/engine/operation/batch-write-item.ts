/**
 * Many independent writes that share commits. Each is stored, or comes back with the reason; none is dropped. They were
 * checked and encoded when they were prepared, so what their items became since then does not matter.
 */
import type { BatchOperation, PreparedWrite, Unprocessed } from '../../backend.js'
import { ResourceNotFoundException } from '../../errors.js'
import { copyValue } from '../../model/item/copy.js'
import type { Item } from '../../model/item/item.js'
import { isPlainObject } from '../../model/item/plain-object.js'
import type { PlacedKey } from '../../model/key/key-bytes.js'
import { areTypesKnown, checkKey, checkKeyTypes, type KeyValues } from '../../model/key/key-schema.js'
import type { BulkTransaction } from '../../storage/log/commit.js'
import type { Write } from '../../storage/tree/write.js'
import { indexedAttributes, type TableState } from '../catalog/table-state.js'
import { decodeIndexed } from '../commit/plan-index.js'
import { keyItem, NO_CHANGE, needsOldItem, newShapes, ORIGINS, planWrite, writeItem } from '../commit/write-item.js'
import type { EngineContext } from '../context.js'
import { deleteItem } from './delete-item.js'

/** One that was prepared: a commit of one write, which is all there is to it where a table has no indexes. */
interface PreparedItemWrite extends PreparedWrite, BulkTransaction {
  /** What it was checked for: another table of the same name may have another key. */
  readonly table: TableState
  readonly key: KeyValues
  /** Its value is the encoded item; undefined for a delete. */
  readonly writes: readonly [Write]
}

/** @throws {ValidationException} When it is no item, or no key, that the table can have. */
export function prepareWrite(
  { catalog, keys, codec }: EngineContext,
  tableName: string,
  operation: BatchOperation,
): PreparedWrite {
  const table = catalog.get(tableName)
  if ('delete' in operation) return prepared(keys, table, keys.placeOfKey(table.key, operation.delete), undefined)
  // Read once: an attribute that is computed may answer differently the next time. Encoding refuses what is no object.
  const item = isPlainObject(operation.put) ? { ...operation.put } : operation.put
  const bytes = codec.encode(item)
  return prepared(keys, table, keys.placeOfItem(table.key, item as Item), bytes)
}

function prepared(
  keys: EngineContext['keys'],
  table: TableState,
  key: PlacedKey,
  bytes: Uint8Array | undefined,
): PreparedItemWrite {
  const isText = typeof key.partition === 'string' && (key.sort === undefined || typeof key.sort === 'string')
  const origin = bytes === undefined ? ORIGINS.delete : ORIGINS.put
  if (isText) return { table, key, writes: [{ tree: table.tree, key: key.primaryKey, value: bytes }], origin }
  // A binary key is the caller's to change.
  const own = { partition: copyValue(key.partition), sort: copyValue(key.sort) }
  return { table, key: own, writes: [{ tree: table.tree, key: keys.primaryKey(own), value: bytes }], origin }
}

export async function batchWriteItem(
  context: EngineContext,
  tableName: string,
  writes: readonly PreparedWrite[],
): Promise<Unprocessed[]> {
  const { storage, catalog } = context
  await storage.room()
  const unprocessed: Unprocessed[] = []
  const refuse = (write: PreparedItemWrite) => (cause: unknown) => {
    unprocessed.push({ operation: operationOf(context, write), cause: cause as Error })
  }
  let table: TableState
  try {
    table = catalog.get(tableName)
    const isOther = (write: PreparedWrite) => (write as PreparedItemWrite).table !== table
    if (writes.some(isOther)) throw new ResourceNotFoundException(tableName)
    // Before anything is planned: what planning learns about key types must be committed.
    storage.checkWritable()
  } catch (failure) {
    for (const write of writes as readonly PreparedItemWrite[]) refuse(write)(failure)
    return unprocessed
  }
  // All of them are queued in this turn, in their order.
  const prepared = writes as readonly PreparedItemWrite[]
  if (needsOldItem(context, table)) {
    await Promise.all(prepared.map((write) => writeOne(context, table, write).catch(refuse(write))))
  } else await writeAll(context, table, prepared, refuse)
  return unprocessed
}

/** Writes to items of which nobody asks what was there before, with one promise for all of them. */
async function writeAll(
  context: EngineContext,
  table: TableState,
  writes: readonly PreparedItemWrite[],
  refuse: (write: PreparedItemWrite) => (cause: unknown) => void,
): Promise<void> {
  const transactions: BulkTransaction[] = []
  const shapes = newShapes(context)
  // Before all of them, as any may have such a shape.
  if (shapes.length > 0) transactions.push({ writes: shapes, origin: NO_CHANGE })
  const queued: PreparedItemWrite[] = []
  for (const write of writes) {
    try {
      checkPrepared(table, write)
    } catch (failure) {
      refuse(write)(failure)
      continue
    }
    const isAll = write.writes[0].value === undefined || areTypesKnown(table.key)
    transactions.push(isAll ? write : learning(context, table, write))
    queued.push(write)
  }
  try {
    await context.storage.commitAll(transactions)
  } catch (failure) {
    // Some may be written: to write those again changes nothing.
    for (const write of queued) refuse(write)(failure)
  }
}

/** A write of which the table learns the types of its key. */
function learning(context: EngineContext, table: TableState, write: PreparedItemWrite): BulkTransaction {
  return { writes: planWrite(context, itemWrite(context, table, write, undefined)), origin: write.origin }
}

/** Types that were unknown when it was prepared may be known by now. */
function checkPrepared(table: TableState, { key, writes }: PreparedItemWrite): void {
  if (writes[0].value === undefined) checkKey(table.key, keyItem(table, key))
  else checkKeyTypes(table.key, key)
}

async function writeOne(context: EngineContext, table: TableState, write: PreparedItemWrite): Promise<void> {
  const [{ key: primaryKey, value }] = write.writes
  if (value === undefined) {
    await deleteItem(context, {
      table: table.name,
      key: keyItem(table, write.key),
      condition: undefined,
      returns: 'none',
    })
    return
  }
  checkKeyTypes(table.key, write.key)
  await writeItem(context, itemWrite(context, table, write, context.storage.head(table.tree, primaryKey)))
}

function itemWrite(
  { codec }: EngineContext,
  table: TableState,
  { key, writes }: PreparedItemWrite,
  oldBytes: Uint8Array | undefined,
): Parameters<typeof writeItem>[1] {
  const [{ key: primaryKey, value: bytes }] = writes
  if (bytes === undefined) return { type: 'delete', table, key, primaryKey, oldBytes, next: undefined }
  const item = table.indexes.length > 0 ? decodeIndexed(codec, bytes, indexedAttributes(table)) : {}
  return { type: 'put', table, key, primaryKey, oldBytes, next: { item, bytes } }
}

function operationOf({ codec }: EngineContext, { table, key, writes }: PreparedItemWrite): BatchOperation {
  const bytes = writes[0].value
  return bytes === undefined ? { delete: keyItem(table, key) } : { put: codec.decode(bytes) }
}
