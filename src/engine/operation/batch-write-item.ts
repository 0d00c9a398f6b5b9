/**
 * Many independent writes that share commits. Each is stored, or comes back with the reason; none is dropped. They were
 * checked and encoded when they were prepared, so what their items became since then does not matter.
 */
import type { BatchOperation, PreparedWrite, Unprocessed } from '../../backend.js'
import { type BytesInView, bytesOf } from '../../base/bytes.js'
import type { HashedKey } from '../../base/key-hash.js'
import { ResourceNotFoundException } from '../../errors.js'
import type { Item } from '../../model/item/item.js'
import { isPlainObject } from '../../model/item/plain-object.js'
import type { PlacedKey } from '../../model/key/key-bytes.js'
import { areTypesKnown, checkKey, checkKeyTypes, type KeyValues, keyOf } from '../../model/key/key-schema.js'
import type { BulkTransaction } from '../../storage/log/commit.js'
import { PackedCommits } from '../../storage/log/packed-commits.js'
import type { Write } from '../../storage/tree/write.js'
import { indexedAttributes, keyNames, type TableState } from '../catalog/table-state.js'
import { keyItem, ownKey } from '../commit/item-write.js'
import { isLone } from '../commit/lone-write.js'
import { NO_CHANGE, ORIGINS } from '../commit/origin.js'
import { encodedAttributes, storedAttributes } from '../commit/stored-item.js'
import { needsOldItem, newShapes, planWrite, writeItem } from '../commit/write-item.js'
import type { EngineContext } from '../context.js'
import { deleteItem } from './delete-item.js'
import { tableKeyAt } from './place-key.js'

/** One that was prepared: a commit of one write, which is all there is to it where a table has no indexes. */
interface PreparedItemWrite extends PreparedWrite, BulkTransaction {
  readonly kind: 'one'
  /** What it was checked for: another table of the same name may have another key. */
  readonly table: TableState
  readonly key: KeyValues
  /** Its value is the encoded item; undefined for a delete. */
  readonly writes: readonly [Write]
}

/** Many that were prepared one after the other, of items of which nobody asks what was there before. */
class PackedItemWrites implements PreparedWrite {
  readonly kind = 'packed'
  /** What they were checked for. */
  readonly table: TableState
  readonly commits: PackedCommits

  constructor(table: TableState, before: PackedCommits | undefined) {
    this.table = table
    this.commits = new PackedCommits(table.tree, before)
  }

  get count(): number {
    return this.commits.count
  }
}

type Prepared = PreparedItemWrite | PackedItemWrites

/**
 * Writes become a part of what was prepared last, if they can.
 *
 * @throws {ValidationException} When it is no item, or no key, that the table can have.
 */
export function prepareWrite(
  context: EngineContext,
  tableName: string,
  operation: BatchOperation,
  last: () => PreparedWrite | undefined = nothing,
): PreparedWrite {
  const table = context.catalog.get(tableName)
  if (!isLone(context, table)) return prepareAlone(context, table, operation)
  if ('put' in operation) return packPut(context, table, operation.put, last)
  const key = context.keys.searchKey(table.key, operation.delete)
  return packed(table, key, undefined, ORIGINS.delete, last)
}

function nothing(): undefined {}

function prepareAlone({ keys, codec }: EngineContext, table: TableState, operation: BatchOperation): PreparedItemWrite {
  if ('delete' in operation) return prepared(keys, table, keys.placeOfKey(table.key, operation.delete), undefined)
  const item = readOnce(operation.put)
  const bytes = codec.encode(item)
  const key = encodedAttributes(codec, { item, bytes }, keyNames(table.key))
  return prepared(keys, table, keys.placeOfItem(table.key, key), bytes)
}

function packPut(
  { keys, codec }: EngineContext,
  table: TableState,
  given: Item,
  last: () => PreparedWrite | undefined,
): PackedItemWrites {
  const item = readOnce(given)
  // The encoded item is there until the next one is encoded, and the key until the next one is looked for.
  const value = codec.encodeForNow(item)
  const plainKey = keys.plainKeyOfItem(table.key, item)
  if (plainKey !== undefined) return packed(table, plainKey, value, ORIGINS.put, last)
  // Bytes in a key are the caller's, and reading them may run code of his: they are read where they were encoded.
  const bytes = bytesOf(value)
  const key = encodedAttributes(codec, { item, bytes }, keyNames(table.key))
  return packed(table, keys.searchKeyOfItem(table.key, key), value, ORIGINS.put, last)
}

/** An attribute that is computed may answer differently the next time. What is no object is refused when it is encoded. */
function readOnce(item: Item): Item {
  return isPlainObject(item) ? { ...item } : item
}

/** Nothing of the caller's may run in here: neither the key nor the value would be there any more. */
function packed(
  table: TableState,
  key: HashedKey,
  value: BytesInView | undefined,
  origin: number,
  last: () => PreparedWrite | undefined,
): PackedItemWrites {
  const before = last() as Prepared | undefined
  const open = before?.kind === 'packed' ? before : undefined
  const pack = open?.table === table && !open.commits.isFull ? open : new PackedItemWrites(table, open?.commits)
  pack.commits.add(key, value, origin)
  return pack
}

/** The same one by one, as they would be if they had not been put together: the keys of their entries say theirs. */
function unpacked(writes: readonly Prepared[]): PreparedItemWrite[] {
  return writes.flatMap((write) => {
    if (write.kind === 'one') return [write]
    const { table, commits } = write
    return Array.from({ length: commits.count }, (_, i) => {
      const { key: primaryKey, value } = commits.writeAt(i)
      return one(table, keyOf(table.key, tableKeyAt(table, primaryKey)), primaryKey, value)
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
  if (isText) return one(table, key, key.primaryKey, bytes)
  const own = ownKey(key)
  return one(table, own, keys.primaryKey(own), bytes)
}

function one(table: TableState, key: KeyValues, primaryKey: string, value: Uint8Array | undefined): PreparedItemWrite {
  const origin = value === undefined ? ORIGINS.delete : ORIGINS.put
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
    for (const each of unpacked([write])) {
      unprocessed.push({ operation: operationOf(context, each), cause: cause as Error })
    }
  }
  const prepared = writes as readonly Prepared[]
  let table: TableState
  try {
    table = catalog.get(tableName)
    if (prepared.some((write) => write.table !== table)) throw new ResourceNotFoundException(tableName, 'dropped')
    // Before anything is planned: what planning learns about key types must be committed.
    storage.checkWritable()
  } catch (failure) {
    for (const write of prepared) refuse(write)(failure)
    return unprocessed
  }
  // All of them are queued in this turn, in their order.
  if (needsOldItem(context, table)) {
    const each = unpacked(prepared)
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
  const item = table.indexes.length > 0 ? storedAttributes(codec, bytes, indexedAttributes(table)) : {}
  return { type: 'put', table, key, primaryKey, oldBytes, next: { item, bytes } }
}

function operationOf({ codec }: EngineContext, { table, key, writes }: PreparedItemWrite): BatchOperation {
  const bytes = writes[0].value
  return bytes === undefined ? { delete: keyItem(table, key) } : { put: codec.decode(bytes) }
}
