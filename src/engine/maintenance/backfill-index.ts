/**
 * Fills an index that was added to a table with items. From the commit that added it on, every write keeps its entries;
 * this adds those of the items that were there before. Interrupted, it begins again: adding an entry twice changes
 * nothing. The copies of a covering index are of the items as the next commit finds them, never of what was published: a
 * change that is queued before them has written its own copy already, and that must not be overwritten by an older one.
 *
 * A unique index that finds two items with one key can't be built: it fails, its entries go, and writing goes on without
 * it. Why: architecture/decision/0020-unique-indexes.md.
 */
import { nextTurn } from '../../base/turn.js'
import { IndexBuildFailedError, ResourceNotFoundException, ValidationException } from '../../errors.js'
import type { IndexEntry } from '../../model/index/index-entry.js'
import { indexKeysOf, indexTypesLearned } from '../../model/index/index-key.js'
import type { Item } from '../../model/item/item.js'
import type { Write } from '../../storage/tree/write.js'
import { type IndexFailure, type IndexState, indexedAttributes, type TableState } from '../catalog/table-state.js'
import { entriesIfValid, entryWrite, type Holder, holderOf, indexKeyItem } from '../commit/plan-index.js'
import { isExpiredItem, keyAttributes, storedAttributes } from '../commit/stored-item.js'
import { removeExpired } from '../commit/write-item.js'
import type { EngineContext } from '../context.js'

/**
 * Resolves when the index has everything.
 *
 * @throws {IndexBuildFailedError} When it is to be unique and can't be.
 * @throws {ValidationException} INDEX_UNKNOWN when it was dropped meanwhile.
 * @throws {ResourceNotFoundException} When its table was.
 */
export async function backfillIndex(context: EngineContext, table: TableState, index: IndexState): Promise<void> {
  const { storage, catalog } = context
  // Items that are queued but not published yet would be missed below.
  await storage.settled()
  let lower: string | undefined = ''
  while (lower !== undefined) {
    checkNotDropped(table, index)
    const from: string = lower
    const slice = storage.inBackground(() => new BackfillSlice(context, table, index).run(from))
    if (slice.failure !== undefined) {
      // Before anything changes: what the catalog knows must be committed.
      storage.checkWritable()
      await storage.commit(catalog.failIndex(table, index, slice.failure))
      throw buildFailure(table, index)
    }
    if (slice.writes.length > 0) await storage.commit(slice.writes)
    lower = slice.next
    // Where a commit waits for no sync, nothing else would have its turn.
    await nextTurn()
  }
  checkNotDropped(table, index)
  index.status = 'ACTIVE'
  await storage.commit([catalog.record(table)])
}

/** What whoever wants to read an index is told that could not be built. */
export function buildFailure(table: TableState, { name, failure }: IndexState): IndexBuildFailedError {
  return new IndexBuildFailedError(table.name, name, failure?.key ?? {}, failure?.holders ?? [])
}

function checkNotDropped(table: TableState, { name, isDropped }: IndexState): void {
  if (table.isDropped) throw new ResourceNotFoundException(table.name, 'dropped')
  if (!isDropped) return
  throw new ValidationException('INDEX_UNKNOWN', `Cannot read the index "${name}" of "${table.name}": it was dropped`)
}

/** With copies, a slice ends when it has so many bytes of items, as all of it is one commit. */
const SLICE_BYTE_LIMIT = 1024 * 1024

interface SliceOutcome {
  readonly writes: readonly Write[]
  /** Where to go on. */
  readonly next: string | undefined
  readonly failure: IndexFailure | undefined
}

/** The entries of some items. */
class BackfillSlice {
  readonly #context: EngineContext
  readonly #table: TableState
  readonly #index: IndexState
  readonly #attributes: readonly string[]
  #writes: Write[] = []
  /** Of the items that were copied. */
  #byteLength = 0
  /** Those that this slice adds, and that nobody finds yet, with the key of their item. */
  readonly #added = new Map<string, string>()

  constructor(context: EngineContext, table: TableState, index: IndexState) {
    this.#context = context
    this.#table = table
    this.#index = index
    this.#attributes = indexedAttributes(table)
  }

  run(lower: string): SliceOutcome {
    const { storage, catalog, codec, backfillSliceLength } = this.#context
    const known = this.#index.key
    const withTypes = () => (this.#index.key === known ? this.#writes : [...this.#writes, catalog.record(this.#table)])
    const cursor = storage.range(this.#table.tree, { lower, upper: undefined }, 'ascending', 10 * backfillSliceLength)
    for (let looked = 0; cursor.next(); looked++) {
      const primaryKey = cursor.key()
      const isFull = looked === backfillSliceLength || this.#byteLength >= SLICE_BYTE_LIMIT
      if (isFull) return { writes: withTypes(), next: primaryKey, failure: undefined }
      // As the next commit finds it: a queued change has already cared for its own entries.
      const bytes = storage.head(this.#table.tree, primaryKey)
      if (bytes === undefined) continue
      const failure = this.#add(primaryKey, bytes, storedAttributes(codec, bytes, this.#attributes))
      if (failure !== undefined) return { writes: [], next: undefined, failure }
    }
    return { writes: withTypes(), next: cursor.pausedAt, failure: undefined }
  }

  #add(primaryKey: string, bytes: Uint8Array, item: Item): IndexFailure | undefined {
    const index = this.#index
    const entries = entriesIfValid(this.#context, index, item, primaryKey)
    if (entries.length === 0) return undefined
    if (index.definition.isUnique) {
      const { codec, clock } = this.#context
      for (const entry of entries) {
        const other = this.#holder(primaryKey, entry)
        if (other === undefined) continue
        if (isExpiredItem(codec, this.#table, other.bytes, clock.now())) {
          this.#removeExpired(other)
          continue
        }
        if (!isExpiredItem(codec, this.#table, bytes, clock.now())) {
          return this.#failure(entries, entry, item, [bytes, other.bytes])
        }
        // Of two with one key, the one whose time is over goes.
        this.#removeExpired({ primaryKey, bytes })
        return undefined
      }
    }
    if (index.definition.isCovering) this.#byteLength += bytes.length
    for (const entry of entries) {
      this.#writes.push(entryWrite(index, entry, bytes))
      if (index.definition.isUnique) this.#added.set(entry.key, primaryKey)
    }
    // The first entry fixes the types, here as in a write: items whose attributes have others are left out.
    index.key = indexTypesLearned(index.key, indexKeysOf(index, item)[0]!)
    return undefined
  }

  /** Removes an item, and takes back what was to be added for it. */
  #removeExpired(holder: Holder): void {
    removeExpired(this.#context, this.#table, holder)
    for (const [entryKey, primaryKey] of [...this.#added]) {
      if (primaryKey !== holder.primaryKey) continue
      this.#added.delete(entryKey)
      this.#writes = this.#writes.filter(({ key }) => key !== entryKey)
    }
  }

  /** Another item that has the entry. */
  #holder(primaryKey: string, entry: IndexEntry): Holder | undefined {
    const { storage } = this.#context
    const head = (tree: number, key: string) => storage.head(tree, key)
    const added = this.#added.get(entry.key)
    const addedBytes = added === undefined ? undefined : storage.head(this.#table.tree, added)
    const holder =
      added !== undefined && addedBytes !== undefined
        ? { primaryKey: added, bytes: addedBytes }
        : holderOf(this.#table, this.#index, entry, head)
    return holder?.primaryKey === primaryKey ? undefined : holder
  }

  #failure(
    entries: readonly IndexEntry[],
    entry: IndexEntry,
    item: Item,
    holders: readonly Uint8Array[],
  ): IndexFailure {
    const values = indexKeysOf(this.#index, item)[entries.indexOf(entry)]!
    return {
      key: indexKeyItem(this.#index, values),
      holders: holders.map((bytes) => keyAttributes(this.#context.codec, this.#table, bytes)),
    }
  }
}
