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
import { PackedCommits } from '../../storage/log/packed-commits.js'
import type { Write } from '../../storage/tree/write.js'
import { indexedAttributes, type TableState } from '../catalog/table-state.js'
import { decodeIndexed } from '../commit/plan-index.js'
import { keyItem, NO_CHANGE, needsOldItem, newShapes, ORIGINS, planWrite, writeItem } from '../commit/write-item.js'
import type { EngineContext } from '../context.js'
import { deleteItem } from './delete-item.js'

/** One that was prepared: a commit of one write, which is all there is to it where a table has no indexes. */
interface PreparedItemWrite extends PreparedWrite, BulkTransaction {
  readonly kind: 'one'
  /** What it was checked for: another table of the same name may have another key. */
  readonly table: TableState
  readonly key: KeyValues
  /** Its value is the encoded item; undefined for a delete. */
  readonly writes: readonly [Write]
}

/** Many puts that were prepared one after the other, of items of which nobody asks what was there before. */
class PackedItemWrites implements PreparedWrite {
  readonly kind = 'packed'
  /** What they were checked for. */
  readonly table: TableState
  readonly commits: PackedCommits

  constructor(table: TableState, before: PackedCommits | undefined) {
    this.table = table
    this.commits = new PackedCommits(table.tree, ORIGINS.put, before)
  }

  get count(): number {
    return this.commits.count
  }
}

type Prepared = PreparedItemWrite | PackedItemWrites

/**
 * Puts become a part of what was prepared before, if they can.
 *
 * @throws {ValidationException} When it is no item, or no key, that the table can have.
 */
export function prepareWrite(
  context: EngineContext,
  tableName: string,
  operation: BatchOperation,
  before: PreparedWrite | undefined,
): PreparedWrite {
  const { catalog, keys, codec } = context
  const table = catalog.get(tableName)
  if ('delete' in operation) return prepared(keys, table, keys.placeOfKey(table.key, operation.delete), undefined)
  // Read once: an attribute that is computed may answer differently the next time. Encoding refuses what is no object.
  const item = isPlainObject(operation.put) ? { ...operation.put } : operation.put
  if (!isPackable(context, table)) {
    const bytes = codec.encode(item)
    return prepared(keys, table, keys.placeOfItem(table.key, item as Item), bytes)
  }
  const value = codec.encodeForNow(item)
  const key = keys.searchKeyOfItem(table.key, item as Item)
  const pack = packFor(table, before as Prepared | undefined)
  pack.commits.add(key, value)
  return pack
}

/** Whether puts are the same whatever is there: they change one entry each, and teach nothing. */
function isPackable(context: EngineContext, table: TableState): boolean {
  return areTypesKnown(table.key) && !needsOldItem(context, table)
}

function packFor(table: TableState, before: Prepared | undefined): PackedItemWrites {
  const pack = before?.kind === 'packed' ? before : undefined
  return pack?.table === table && !pack.commits.isFull ? pack : new PackedItemWrites(table, pack?.commits)
}

/** The same one by one, as they would be if they had not been put together. */
function unpacked({ codec, keys }: EngineContext, writes: readonly Prepared[]): PreparedItemWrite[] {
  return writes.flatMap((write) => {
    if (write.kind === 'one') return [write]
    const { table, commits } = write
    return Array.from({ length: commits.count }, (_, i) => {
      const { value } = commits.writeAt(i)
      return prepared(keys, table, keys.placeOfItem(table.key, codec.decode(value!)), value)
    })
  })
}

function prepared(
  keys: EngineContext['keys'],
  table: TableState,
  key: PlacedKey,
  bytes: Uint8Array | undefined,
): PreparedItemWrite {
  const isText = typeof key.partition === 'string' && (key.sort === undefined || typeof key.sort === 'string')
  const origin = bytes === undefined ? ORIGINS.delete : ORIGINS.put
  if (isText) return one(table, key, key.primaryKey, bytes, origin)
  // A binary key is the caller's to change.
  const own = { partition: copyValue(key.partition), sort: copyValue(key.sort) }
  return one(table, own, keys.primaryKey(own), bytes, origin)
}

function one(
  table: TableState,
  key: KeyValues,
  primaryKey: string,
  value: Uint8Array | undefined,
  origin: number,
): PreparedItemWrite {
  return { kind: 'one', count: 1, table, key, writes: [{ tree: table.tree, key: primaryKey, value }], origin }
}

export async function batchWriteItem(
  context: EngineContext,
  tableName: string,
  writes: readonly PreparedWrite[],
): Promise<Unprocessed[]> {
  const { storage, catalog } = context
  await storage.room()
  const unprocessed: Unprocessed[] = []
  const refuse: Refuse = (write) => (cause) => {
    for (const each of unpacked(context, [write])) {
      unprocessed.push({ operation: operationOf(context, each), cause: cause as Error })
    }
  }
  const prepared = writes as readonly Prepared[]
  let table: TableState
  try {
    table = catalog.get(tableName)
    if (prepared.some((write) => write.table !== table)) throw new ResourceNotFoundException(tableName)
    // Before anything is planned: what planning learns about key types must be committed.
    storage.checkWritable()
  } catch (failure) {
    for (const write of prepared) refuse(write)(failure)
    return unprocessed
  }
  // All of them are queued in this turn, in their order.
  if (needsOldItem(context, table)) {
    const each = unpacked(context, prepared)
    await Promise.all(each.map((write) => writeOne(context, table, write).catch(refuse(write))))
  } else await writeAll(context, table, prepared, refuse)
  return unprocessed
}

/** What notes that a write was refused, and why. */
type Refuse = (write: Prepared) => (cause: unknown) => void

/** Writes to items of which nobody asks what was there before, with one promise for all of them. */
async function writeAll(
  context: EngineContext,
  table: TableState,
  writes: readonly Prepared[],
  refuse: Refuse,
): Promise<void> {
  const transactions: (BulkTransaction | PackedCommits)[] = []
  const shapes = newShapes(context)
  // Before all of them, as any may have such a shape.
  if (shapes.length > 0) transactions.push({ writes: shapes, origin: NO_CHANGE })
  const queued: Prepared[] = []
  for (const write of writes) {
    if (write.kind === 'packed') {
      transactions.push(write.commits)
      queued.push(write)
      continue
    }
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
