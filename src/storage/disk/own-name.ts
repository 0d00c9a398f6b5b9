/**
 * Names are given in a folder that is ours, and never taken from another file. Whoever was stopped for a while may find
 * another process's files under the names that it meant to give.
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
