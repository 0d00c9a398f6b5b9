/**
 * A folder is one process's at a time, until somebody takes it by force or moves it away. Whoever was stopped for a while may
 * find another process's files under the names that it meant to give: so names are given right after a look, and never
 * taken from another file.
 */
import { CorruptionError, FencedError } from '../../errors.js'
import type { FileSystem } from './file-system.js'

/** A folder, and whether it is still this process's. */
export interface OwnedFolder {
  readonly root: string
  readonly isOurs: () => boolean
}

/** @throws {FencedError} When the folder is another's by now. */
export function checkOurs({ root, isOurs }: OwnedFolder): void {
  if (!isOurs()) throw new FencedError(root)
}

/**
 * Looks whether a file that is open for writing still has its name: what is written to one that has none is gone once it is
 * closed, and nothing else would say so.
 *
 * @throws {FencedError} When it has none because the folder is another's by now.
 * @throws {CorruptionError} When somebody removed it.
 */
export function checkNamed(folder: OwnedFolder, files: FileSystem, path: string): void {
  if (files.kind(path) === 'file') return
  checkOurs(folder)
  throw new CorruptionError(path, 0, 'the file is missing')
}

/** What is told of a failure: whatever else went wrong in a folder that is another's by now, that is why. */
export function reasonOf<T>({ root, isOurs }: OwnedFolder, failure: T): T | FencedError {
  return failure instanceof FencedError || isOurs() ? failure : new FencedError(root)
}

/**
 * Does what gives a file its name, right after a look whether the folder is ours.
 *
 * @throws {FencedError} When it is not, or when the name, which only its holder gives, is taken.
 */
export function givingName<T>(folder: OwnedFolder, give: () => T): T {
  checkOurs(folder)
  try {
    return give()
  } catch (failure) {
    throw (failure as NodeJS.ErrnoException).code === 'EEXIST' ? new FencedError(folder.root) : failure
  }
}
