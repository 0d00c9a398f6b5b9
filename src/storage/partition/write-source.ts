/** What is written to files: what is in memory, and other files, as one. */
import type { SortedFileReader } from '../sorted-file/sorted-file-reader.js'
import type { EntryCursor, KeyBounds } from '../tree/cursor.js'
import { MergeCursor } from '../tree/merge.js'

/**
 * Walks over all entries, upwards.
 *
 * @param entries What is in memory, newer than any file.
 * @param files Newest first.
 */
export function sourceCursor(
  entries: EntryCursor | undefined,
  files: readonly SortedFileReader[],
  bounds: KeyBounds,
): EntryCursor {
  const ofFiles = files.map((file) => file.cursor(bounds, 'ascending', 'past the cache'))
  const sources = entries === undefined ? ofFiles : [entries, ...ofFiles]
  return sources.length === 1 ? sources[0]! : new MergeCursor(sources, 'ascending')
}
