/** A file system that is another one but for what a test changes. */
import type { FileSystem, OpenFile } from '../../src/storage/disk/file-system.js'

export function changedFileSystem(files: FileSystem, changes: Partial<FileSystem>): FileSystem {
  return {
    open: (path, mode) => files.open(path, mode),
    createFile: (path, bytes, point, beforeNamed) => files.createFile(path, bytes, point, beforeNamed),
    makeDirectory: (path) => files.makeDirectory(path),
    list: (path) => files.list(path),
    kind: (path) => files.kind(path),
    rename: (from, to) => files.rename(from, to),
    link: (path, name) => files.link(path, name),
    remove: (path) => files.remove(path),
    removeLater: (path) => files.removeLater(path),
    removeDirectory: (path) => files.removeDirectory(path),
    syncDirectory: (path, point) => files.syncDirectory(path, point),
    syncDirectoryLater: (path, point) => files.syncDirectoryLater(path, point),
    ...changes,
  }
}

/** The same with an open file. */
export function changedFile(file: OpenFile, changes: Partial<OpenFile>): OpenFile {
  return {
    path: file.path,
    size: () => file.size(),
    read: (target, position, byteLength) => file.read(target, position, byteLength),
    write: (bytes, position) => file.write(bytes, position),
    truncate: (byteLength) => file.truncate(byteLength),
    sync: (point) => file.sync(point),
    syncLater: (point) => file.syncLater(point),
    close: () => file.close(),
    ...changes,
  }
}
