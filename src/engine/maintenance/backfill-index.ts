/**
 * Fills an index that was added to a table with items. From the commit that added it on, every write keeps its entries;
 * this adds those of the items that were there before. Interrupted, it begins again: adding an entry twice changes
 * nothing.
 */
import { typesLearned } from '../../model/key/key-schema.js'
import type { Write } from '../../storage/tree/write.js'
import type { IndexState, TableState } from '../catalog/table-state.js'
import { entryIfValid, entryWrite, indexKeyOf } from '../commit/write-item.js'
import type { EngineContext } from '../context.js'

/** Items looked at in one turn. */
const SLICE_LENGTH = 500

export async function backfillIndex(context: EngineContext, table: TableState, index: IndexState): Promise<void> {
  const { storage, catalog } = context
  // Items that are queued but not published yet would be missed below.
  await storage.settled()
  let lower: string | undefined = ''
  while (lower !== undefined) {
    const from: string = lower
    const slice = storage.inBackground(() => entriesFrom(context, table, index, from))
    if (slice.writes.length > 0) await storage.commit(slice.writes)
    lower = slice.next
    // Where a commit waits for no sync, nothing else would have its turn.
    await new Promise((resolve) => setImmediate(resolve))
  }
  index.isBuilding = false
  await storage.commit([catalog.record(table)])
}

function entriesFrom(
  context: EngineContext,
  table: TableState,
  index: IndexState,
  lower: string,
): { writes: Write[]; next: string | undefined } {
  const { storage, catalog, codec } = context
  const writes: Write[] = []
  const known = index.key
  const cursor = storage.range(table.tree, { lower, upper: undefined }, 'ascending', 10 * SLICE_LENGTH)
  for (let looked = 0; cursor.next(); looked++) {
    const primaryKey = cursor.key()
    if (looked === SLICE_LENGTH) return { writes: withTypes(), next: primaryKey }
    // As the next commit finds it: a queued change has already cared for its own entries.
    const bytes = storage.head(table.tree, primaryKey)
    if (bytes === undefined) continue
    const item = codec.decode(bytes)
    const entry = entryIfValid(context, index, item, primaryKey)
    if (entry === undefined) continue
    writes.push(entryWrite(index, entry))
    // The first entry fixes the types, here as in a write: items whose attributes have others are left out.
    index.key = typesLearned(index.key, indexKeyOf(index, item)!)
  }
  return { writes: withTypes(), next: cursor.pausedAt }

  function withTypes(): Write[] {
    return index.key === known ? writes : [...writes, catalog.record(table)]
  }
}
