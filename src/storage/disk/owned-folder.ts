/**
 * A folder is one process's at a time, until somebody takes it by force or moves it away. Whoever was stopped for a while may
 * find another process's files under the names that it meant to give: so names are given right after a look, and never
 * taken from another file.
 */
import { FencedError } from '../../errors.js'

/** A folder, and whether it is still this process's. */
export interface OwnedFolder {
  readonly root: string
  readonly isOurs: () => boolean
}

/** @throws {FencedError} When the folder is another's by now. */
export function checkOurs({ root, isOurs }: OwnedFolder): void {
  if (!isOurs()) throw new FencedError(root)
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
