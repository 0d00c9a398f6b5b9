/**
 * Removes the tree of a table or an index that was dropped. Nobody writes to such a tree any more, and since the commit that
 * dropped it is published, so is everything that was written to it before. Interrupted, it is done when the database is
 * opened again: the catalog names the tree until nothing is left of it.
 */
import type { EngineContext } from '../context.js'

/** More than the key of a note has. */
const NOTE_BYTE_LENGTH = 32

export async function reclaimTree({ storage, catalog }: EngineContext, tree: number): Promise<void> {
  await storage.dropTree(tree)
  storage.checkFreeing(NOTE_BYTE_LENGTH)
  await storage.commitFreeing([catalog.forgetDropped(tree)])
}
