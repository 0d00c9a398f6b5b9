/**
 * The lower waist: everything the engine asks of a disk. `node:fs` is imported in this folder and nowhere else, so a
 * test can hand the engine a disk that forgets, and one that fails.
 *
 * Most calls are synchronous: a read from the page cache costs two microseconds, an awaited one forty. What really waits
 * for the device, syncing, and what takes long with large files, removing them, can be left to a thread.
 *
 * What we assume of a disk, and what each sync is for: architecture/assumptions.md.
 */

/**
 * Every sync of the protocol by name. The names say what would be lost without it, and let a test switch off any one
 * of them and see that the crash schedules notice.
 */
export const SYNC_POINTS = [
  'parent-directory', // the database's own folder exists
  'format-file', // the bytes of FORMAT
  'format-directory', // its name: the moment a database is created
  'manifest-snapshot', // the bytes of a new manifest
  'manifest-directory', // its name, before the older ones go
  'manifest-edit', // one edit, before anything acts on it
  'log-frame', // a group of commits, before they are acknowledged
  'log-flush', // the same, asked for by flush(), by close(), by an interval or by the end of a segment
  'log-segment-directory', // the name of a new segment, before a commit in it is acknowledged
  'log-recovery', // commits found in the log whose durability nothing proves, written again
  'log-recovery-directory', // the name of the segment that holds them
  'sorted-file', // the bytes of a sorted file
  'sorted-file-directory', // its name, before the manifest says that it counts
  'trees-directory', // the name of a tree's directory
  'tree-directory', // the name of a partition's directory
] as const

export type SyncPoint = (typeof SYNC_POINTS)[number]

export interface FileSystem {
  /** Opens a file. `create` fails with EEXIST when the name is taken; none of them follows a symbolic link. */
  open(path: string, mode: 'read' | 'write' | 'create'): OpenFile

  /**
   * Creates a small file whole: afterwards all of it is there, durably, or nothing. Its name is not yet durable. Fails with
   * EEXIST when the name is taken: it never replaces anything.
   *
   * @param beforeNamed Called when only the name is missing; if it throws, there is no file.
   */
  createFile(path: string, bytes: Uint8Array, point: SyncPoint, beforeNamed?: () => void): void

  /** Creates a directory; its parent must exist. One that is there already is no error. */
  makeDirectory(path: string): void

  /** The names in a directory, sorted; none if it does not exist. */
  list(path: string): string[]

  /** What is at a path; a symbolic link is neither file nor directory. */
  kind(path: string): 'file' | 'directory' | 'other' | undefined

  rename(from: string, to: string): void

  /** Gives a file a second name. Fails with EEXIST when that one is taken: it never replaces anything. */
  link(path: string, name: string): void

  /** Removes a file. One that is not there is no error. */
  remove(path: string): void

  /** The same, while others run. */
  removeLater(path: string): Promise<void>

  /** Removes an empty directory. One that is not there, not empty or in use is no error: nothing depends on it. */
  removeDirectory(path: string): void

  /** Makes created, renamed and removed names of a directory durable. Syncing a file does not. */
  syncDirectory(path: string, point: SyncPoint): void

  /** The same, while others run. */
  syncDirectoryLater(path: string, point: SyncPoint): Promise<void>
}

export interface OpenFile {
  readonly path: string
  size(): number

  /**
   * Fills `target`, or so many of its bytes, from `position` on; returns how many there were, less only at the end of the
   * file.
   */
  read(target: Uint8Array, position: number, byteLength?: number): number

  /** Writes all of `bytes`. They may be lost until a sync returns. */
  write(bytes: Uint8Array, position: number): void

  /** Cuts the file off. Until a sync returns it may still be as long as before. */
  truncate(byteLength: number): void

  /** Makes the bytes written so far durable. After it throws, nothing is known about any of them. */
  sync(point: SyncPoint): void

  /** The same, without holding up the event loop, which takes half as long again. */
  syncLater(point: SyncPoint): Promise<void>

  close(): void
}

/** Reads a whole file. */
export function readFile(files: FileSystem, path: string): Uint8Array {
  const file = files.open(path, 'read')
  try {
    const bytes = Buffer.allocUnsafeSlow(file.size())
    return bytes.subarray(0, file.read(bytes, 0))
  } finally {
    file.close()
  }
}
