/**
 * The one place where a change of an item becomes a commit: the item, its index entries and, the first time, what was
 * learned about key types and the names of its shape, all in one frame of the log. Index entries are derived from the
 * item that is stored, never from what a caller believes to be there.
 */
import { ResourceNotFoundException, UniqueIndexException, ValidationException } from '../../errors.js'
import { updateTooBig } from '../../model/expression/dynamodb/wording.js'
import type { IndexKeySchema } from '../../model/index/index-key.js'
import { copyItem } from '../../model/item/copy.js'
import type { Item } from '../../model/item/item.js'
import { type KeyValues, keyOf, typesLearned } from '../../model/key/key-schema.js'
import { type Committed, checkCommitFits } from '../../storage/log/commit.js'
import type { Write } from '../../storage/tree/write.js'
import type { ChangeType } from '../../types.js'
import { type IndexState, indexedAttributes, type TableState } from '../catalog/table-state.js'
import type { EngineContext } from '../context.js'
import { decodeIndexed, type Head, type Holder, keyAttributes, planIndex, type Releases } from './plan-index.js'
import { isExpiredItem } from './stored-item.js'

/** The kinds of changes as the log keeps them. */
export const ORIGINS: Readonly<Record<ChangeType, number>> = { put: 1, update: 2, delete: 3, expire: 4 }

/** The same the other way round; undefined for what is no change of an item. */
export function typeOfOrigin(origin: number): ChangeType | undefined {
  return TYPES.get(origin)
}

const TYPES = new Map(Object.entries(ORIGINS).map(([type, number]) => [number, type as ChangeType]))

/** Whatever is no change of an item. */
export const NO_CHANGE = 0

/** An item on its way in, checked and encoded. */
export interface NewItem {
  readonly item: Item
  readonly bytes: Uint8Array
}

export interface ItemWrite {
  readonly type: ChangeType
  readonly table: TableState
  readonly key: KeyValues
  readonly primaryKey: string
  /** What is stored now; only looked at when `needsOldItem` says so. */
  readonly oldBytes: Uint8Array | undefined
  /** Undefined to remove the item. */
  readonly next: NewItem | undefined
}

/** Whether a write has to look at the item that is there, if only for the sake of indexes and listeners. */
export function needsOldItem({ listeners }: EngineContext, table: TableState): boolean {
  return table.indexes.length > 0 || listeners.has(table.tree)
}

export function encodeNewItem({ codec }: EngineContext, item: Item): NewItem {
  return { item, bytes: codec.encode(item) }
}

/** The same of an item that was updated. */
export function encodeUpdatedItem(context: EngineContext, item: Item): NewItem {
  return encodingUpdate(() => encodeNewItem(context, item))
}

/** Encodes what comes of an update: what has become too big is told apart from what was put. */
export function encodingUpdate<T>(encode: () => T): T {
  try {
    return encode()
  } catch (failure) {
    const isTooBig = failure instanceof ValidationException && failure.code === 'ITEM_TOO_BIG'
    throw isTooBig ? updateTooBig({ cause: failure }) : failure
  }
}

/**
 * Commits a change and resolves once it is acknowledged; others may get the same promise. Everything is checked before
 * anything is queued.
 *
 * @throws {ValidationException} When an attribute that is an index's key can't be one.
 * @throws {UniqueIndexException} As a rejection, when another item has the key in a unique index.
 */
export function writeItem(context: EngineContext, write: ItemWrite): Promise<undefined> {
  const { storage, catalog } = context
  let writes: Write[]
  try {
    writes = planWrite(context, write)
  } catch (failure) {
    if (failure instanceof UniqueIndexException) return refuseOnceSettled(context, failure)
    throw failure
  }
  if (catalog.shapes.unkept.length > 0) writes.push(...newShapes(context))
  return storage.commit(writes, ORIGINS[write.type], notifierOf(context, write))
}

/** What tells the table's listeners of a change once it is committed; undefined when it has none. */
export function notifierOf(context: EngineContext, write: ItemWrite): ((commit: Committed) => void) | undefined {
  const { type, table, key, primaryKey, next } = write
  if (!context.listeners.has(table.tree)) return undefined
  // The caller may change the bytes in its key before the commit is there.
  const ownKey = copyItem(keyItem(table, key))
  // They may have come when it was known already that nobody asks what was there.
  const oldBytes = write.oldBytes ?? context.storage.head(table.tree, primaryKey)
  const change = { type, table, key: ownKey, oldBytes, newBytes: next?.bytes }
  return (commit) => notify(context, change, commit)
}

/**
 * Has the first listener of a table told of what was queued before it came: where it reads, it does not see that yet, and
 * who queued it did not know of anybody to tell.
 */
export function tellOfUnpublished(context: EngineContext, table: TableState): void {
  const { storage } = context
  const before = new Map<string, Uint8Array | undefined>()
  for (const commit of storage.unpublished()) {
    const type = typeOfOrigin(commit.origin)
    if (type === undefined) continue
    const isTold = commit.onDurable !== undefined
    const changes: ItemChange[] = []
    for (const { tree, key: primaryKey, value } of commit.writes) {
      if (tree !== table.tree) continue
      const isKnown = isTold || before.has(primaryKey)
      const oldBytes = isKnown ? before.get(primaryKey) : storage.get(tree, primaryKey)
      before.set(primaryKey, value)
      const bytes = value ?? oldBytes
      if (isTold || bytes === undefined) continue
      changes.push({ type, table, key: keyAttributes(context.codec, table, bytes), oldBytes, newBytes: value })
    }
    if (changes.length === 0) continue
    commit.onDurable = (committed) => {
      for (const change of changes) notify(context, change, committed)
    }
  }
}

/** The holder may be queued only: to say that there is one would be a lie if it were lost. */
async function refuseOnceSettled({ storage }: EngineContext, failure: UniqueIndexException): Promise<never> {
  await storage.settled()
  throw failure
}

/** What stands around a change that is one of several in a transaction. */
export interface Surroundings {
  /** What the change will find: it knows those before. */
  readonly head: Head
  readonly releases: Releases
}

/**
 * What a change of an item writes: the item, its index entries and what it teaches about key types. It has to be
 * committed in the same turn.
 */
export function planWrite(context: EngineContext, write: ItemWrite, surroundings?: Surroundings): Write[] {
  const { catalog } = context
  const { table, key, primaryKey, next } = write
  // Code of the caller's, such as a validator, may have dropped it since it was found.
  if (table.isDropped) throw new ResourceNotFoundException(table.name)
  const writes: Write[] = [{ tree: table.tree, key: primaryKey, value: next?.bytes }]
  const schema = next === undefined ? table.key : typesLearned(table.key, key)
  if (schema === table.key && table.indexes.length === 0) return writes

  const learned = planIndexes(context, write, surroundings, writes)
  if (schema !== table.key || learned.length > 0) {
    // Not before everything is known to be possible.
    checkCommitFits(writes)
    table.key = schema
    for (const { index, key } of learned) index.key = key
    writes.push(catalog.record(table))
  }
  return writes
}

interface LearnedKey {
  readonly index: IndexState
  readonly key: IndexKeySchema
}

/** Adds what is to be written to the indexes of the table. */
function planIndexes(
  context: EngineContext,
  { table, primaryKey, oldBytes, next }: ItemWrite,
  surroundings: Surroundings | undefined,
  writes: Write[],
): readonly LearnedKey[] {
  const learned: LearnedKey[] = []
  const oldItem = oldBytes && decodeIndexed(context.codec, oldBytes, indexedAttributes(table))
  const expired: Holder[] = []
  const { head, releases } = surroundings ?? { head: headOf(context), releases: undefined }
  const [newItem, newBytes] = [next?.item, next?.bytes]
  const change = { primaryKey, oldItem, newItem, oldBytes, newBytes, head, releases, writes, expired }
  for (const index of table.indexes) {
    if (index.status === 'FAILED') continue
    const key = planIndex(context, table, index, change)
    if (key !== index.key) learned.push({ index, key })
  }
  // Queued before the change itself; if that fails, so has nothing that anybody could see.
  for (const holder of expired) removeExpired(context, table, holder)
  return learned
}

/** Removes an item whose time is over, with its entries in all indexes. */
export function removeExpired(context: EngineContext, table: TableState, { primaryKey, bytes }: Holder): void {
  // It may have had several entries that others are to have.
  if (context.storage.head(table.tree, primaryKey) === undefined) return
  const key = keyOf(table.key, context.codec.decode(bytes))
  const write = { type: 'expire', table, key, primaryKey, oldBytes: bytes, next: undefined } as const
  // A failure stops all writing, so the change behind it reports it.
  writeItem(context, write).catch(() => {})
}

function headOf({ storage }: EngineContext): Head {
  return (tree, key) => storage.head(tree, key)
}

/**
 * What has to be committed with the next items, or before them: the names of shapes that they may have by number. It goes
 * along until it is queued; if that commit fails, all that are behind it do.
 */
export function newShapes({ catalog, storage }: EngineContext): Write[] {
  return catalog.newShapes().filter(({ tree, key }) => storage.queued(tree, key) === undefined)
}

/** A change as listeners are told of it. */
interface ItemChange {
  readonly type: ChangeType
  readonly table: TableState
  readonly key: Item
  readonly oldBytes: Uint8Array | undefined
  readonly newBytes: Uint8Array | undefined
}

function notify({ listeners, codec }: EngineContext, change: ItemChange, { lsn, timestamp }: Committed): void {
  const { type, table, key, oldBytes, newBytes } = change
  const now = timestamp / 1000
  const hasOld = oldBytes !== undefined && !isExpiredItem(codec, table, oldBytes, now)
  // Removing what had expired before changes nothing that anybody could see.
  if (!hasOld && newBytes === undefined) return
  listeners.notify(table, lsn, () => ({
    type,
    table: table.name,
    seq: String(lsn),
    key: copyItem(key),
    old: hasOld ? codec.decode(oldBytes) : undefined,
    new: newBytes && codec.decode(newBytes),
    at: Math.floor(now),
  }))
}

export function keyItem({ key: { partition, sort } }: TableState, values: KeyValues): Item {
  const item: Item = { [partition.name]: values.partition }
  if (sort !== undefined) item[sort.name] = values.sort
  return item
}
