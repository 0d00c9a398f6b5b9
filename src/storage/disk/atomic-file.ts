/**
 * Creates a small file so that a crash leaves nothing or all of it, and all of it once this returns. The directory too:
 * until it is synced, a power cut can take back the name.
 */

import { directoryOf } from './file-name.js'
import type { FileSystem, SyncPoint } from './file-system.js'

export function writeAtomicFile(
  files: FileSystem,
  path: string,
  bytes: Uint8Array,
  sync: { readonly file: SyncPoint; readonly directory: SyncPoint },
  beforeNamed?: () => void,
): void {
  files.createFile(path, bytes, sync.file, beforeNamed)
  files.syncDirectory(directoryOf(path), sync.directory)
}
