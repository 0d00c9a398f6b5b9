/**
 * The one place where a change of an item becomes a commit: the item, its index entries and, the first time, what was
 * learned about key types and the names of its shape, all in one frame of the log. Index entries are derived from the
 * item that is stored, never from what a caller believes to be there.
 */
import { ResourceNotFoundException, UniqueIndexException } from '../../errors.js'
import type { IndexKeySchema } from '../../model/index/index-key.js'
import { keyOf, typesLearned } from '../../model/key/key-schema.js'
import { checkCommitFits } from '../../storage/log/commit.js'
import type { Write } from '../../storage/tree/write.js'
import { type IndexState, indexedAttributes, type TableState } from '../catalog/table-state.js'
import type { EngineContext } from '../context.js'
import type { ItemWrite } from './item-write.js'
import { ORIGINS } from './origin.js'
import { type Head, type Holder, planIndex, type Releases } from './plan-index.js'
import { encodedAttributes, storedAttributes } from './stored-item.js'
import { notifierOf } from './tell-listeners.js'

/** Whether a write has to look at the item that is there, if only for the sake of indexes and listeners. */
export function needsOldItem({ listeners }: EngineContext, table: TableState): boolean {
  return table.indexes.length > 0 || listeners.has(table.tree)
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
  if (table.isDropped) throw new ResourceNotFoundException(table.name, 'dropped')
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
  const oldItem = oldBytes && storedAttributes(context.codec, oldBytes, indexedAttributes(table))
  const expired: Holder[] = []
  const { head, releases } = surroundings ?? { head: headOf(context), releases: undefined }
  const newItem = next && encodedAttributes(context.codec, next, indexedAttributes(table))
  const newBytes = next?.bytes
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
