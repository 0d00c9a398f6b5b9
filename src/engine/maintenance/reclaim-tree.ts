/**
 * Empties the tree of a table or an index that was dropped, so that its space goes back with the next merge of its files. Nobody
 * writes to such a tree any more, and since the commit that dropped it is published, so is everything that was written to
 * it before. Interrupted, it goes on when the database is opened again: the catalog names the tree until it is empty.
 */
import type { Write } from '../../storage/tree/write.js'
import type { EngineContext } from '../context.js'

/** Entries removed in one commit. */
const SLICE_LENGTH = 1000

export async function reclaimTree({ storage, catalog }: EngineContext, tree: number): Promise<void> {
  let lower: string | undefined = ''
  while (lower !== undefined) {
    const from: string = lower
    const writes: Write[] = []
    lower = storage.inBackground(() => {
      const cursor = storage.range(tree, { lower: from, upper: undefined }, 'ascending', 10 * SLICE_LENGTH)
      while (cursor.next()) {
        if (writes.length === SLICE_LENGTH) return cursor.key()
        writes.push({ tree, key: cursor.key(), value: undefined })
      }
      return cursor.pausedAt
    })
    if (writes.length > 0) await storage.commit(writes)
    // Where a commit waits for no sync, nothing else would have its turn.
    await new Promise((resolve) => setImmediate(resolve))
  }
  await storage.commit([catalog.forgetDropped(tree)])
}
