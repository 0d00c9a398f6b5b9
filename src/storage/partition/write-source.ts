/** What is written to files: what is in memory, and other files, as one. */
import type { SortedFileReader } from '../sorted-file/sorted-file-reader.js'
import type { EntryCursor, KeyBounds } from '../tree/cursor.js'
import { merged } from '../tree/merge.js'

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
  return merged(entries === undefined ? ofFiles : [entries, ...ofFiles], 'ascending')
}
