/**
 * Replaces a small file so that a crash leaves the old bytes or the new ones, and the new ones once this returns. The
 * directory too: until it is synced, a power cut can undo the rename.
 */

import { directoryOf } from './file-name.js'
import type { FileSystem, SyncPoint } from './file-system.js'

export function writeAtomicFile(
  files: FileSystem,
  path: string,
  bytes: Uint8Array,
  sync: { readonly file: SyncPoint; readonly directory: SyncPoint },
): void {
  files.replaceFile(path, bytes, sync.file)
  files.syncDirectory(directoryOf(path), sync.directory)
}
