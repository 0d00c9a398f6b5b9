/**
 * The folder a database lives in: made when it does not exist, refused when it holds something else. Refusing comes
 * before the first write: a folder that is not ours stays as it is.
 */
import { DynafileError, diskFullForNow, NotADatabaseError, OpenFailedError, ReadOnlyFolderError } from '../errors.js'
import { writeAtomicFile } from './disk/atomic-file.js'
import { directoryOf, fileName, isOwnName, logNumber } from './disk/file-name.js'
import { type FileSystem, readFile } from './disk/file-system.js'
import type { Environment } from './environment.js'
import { checkFormatVersion, decodeFormat, encodeFormat, type Format } from './format-file.js'

/** Makes the folder, with its parents, and looks whether it is one for us. */
export function prepareFolder(files: FileSystem, root: string): void {
  opening(root, () => {
    if (files.kind(fileName.format(root)) === 'file') {
      checkFormatVersion(readFile(files, fileName.format(root)), root)
      return
    }
    makeDirectories(files, root)
    const foreign = files.list(root).find((name) => !isOwnName(name))
    if (foreign !== undefined) {
      throw new NotADatabaseError(root, `it has no file FORMAT, but holds "${foreign}"; choose an empty folder`)
    }
    const hasData =
      files.list(fileName.logDirectory(root)).some((name) => logNumber(name) !== undefined) ||
      files.list(fileName.trees(root)).length > 0 ||
      files.list(root).some((name) => name.startsWith('MANIFEST'))
    // Unless another process created it while we looked.
    if (hasData && files.kind(fileName.format(root)) === 'file') return
    if (hasData) throw new NotADatabaseError(root, 'its file FORMAT is missing; restore it from a backup')
    syncAncestors(files, root)
  })
}

/** What FORMAT says. In a new folder it is written here: from then on the folder is a database. */
export function openFormat(environment: Environment, root: string): Format {
  const { files, checksum, random, clock } = environment
  const path = fileName.format(root)
  return opening(root, () => {
    const exists = files.kind(path) === 'file'
    // Read before anything is made: a newer version's folder must stay as it is.
    const format = exists ? decodeFormat(readFile(files, path), path, root, checksum) : undefined
    files.makeDirectory(fileName.logDirectory(root))
    files.makeDirectory(fileName.trees(root))
    if (format !== undefined) return format

    const created = { databaseId: random.bytes(16), createdAt: clock.now() }
    const bytes = encodeFormat(created, checksum)
    try {
      writeAtomicFile(files, path, bytes, { file: 'format-file', directory: 'format-directory' })
    } catch (failure) {
      if ((failure as NodeJS.ErrnoException).code !== 'EEXIST') throw failure
      // Another process has made a database of the folder since.
      return decodeFormat(readFile(files, path), path, root, checksum)
    }
    return created
  })
}

/** Runs a step of opening; says what a failure of the system means for the folder. */
export function opening<T>(root: string, step: () => T): T {
  try {
    return step()
  } catch (failure) {
    throw openingFailure(root, failure)
  }
}

export function openingFailure(root: string, cause: unknown): unknown {
  if (cause instanceof DynafileError) return cause
  switch ((cause as NodeJS.ErrnoException).code) {
    case 'EROFS':
    case 'EACCES':
    case 'EPERM':
      return new ReadOnlyFolderError(root, { cause })
    case 'ENOSPC':
    case 'EDQUOT':
      return diskFullForNow(cause as Error)
    case 'ENOTDIR':
    case 'EEXIST':
      return new NotADatabaseError(root, 'it, or a folder above it, is a file', { cause })
    default:
      return isSystemError(cause) ? new OpenFailedError(root, { cause }) : cause
  }
}

function isSystemError(cause: unknown): boolean {
  return cause instanceof Error && typeof (cause as NodeJS.ErrnoException).code === 'string'
}

function makeDirectories(files: FileSystem, path: string): void {
  const kind = files.kind(path)
  if (kind === 'directory') return
  if (kind !== undefined) throw new NotADatabaseError(path, 'it is not a folder')
  const parent = directoryOf(path)
  if (parent !== '') makeDirectories(files, parent)
  files.makeDirectory(path)
}

/**
 * Makes the folder's name durable, and those of all folders above it: not only of those just made, for an earlier
 * process may have made one and been killed before it could sync. FORMAT is written after this, so where FORMAT is,
 * this has been done.
 */
function syncAncestors(files: FileSystem, root: string): void {
  for (let path = root; path !== ''; path = directoryOf(path)) {
    try {
      files.syncDirectory(directoryOf(path), 'parent-directory')
    } catch (failure) {
      // We may create folders in a folder that we may not read; whoever made that one has to care for its name.
      if (!['EACCES', 'EPERM'].includes((failure as NodeJS.ErrnoException).code ?? '')) throw failure
    }
  }
}
