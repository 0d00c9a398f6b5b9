/**
 * The partitions there are, and the one way to change them: new files are written, one edit of the manifest makes them
 * count, and the files it no longer names go.
 *
 * Invariants:
 *   - An edit replaces partitions by others that cover the same keys; it is durable before anybody reads through it.
 *   - A file goes only when the manifest does not name it and nobody reads it: a snapshot holds every file that it could
 *     read when it was taken.
 */
import { directoryOf, fileName } from '../disk/file-name.js'
import type { FileSystem } from '../disk/file-system.js'
import { Removals } from '../disk/removals.js'
import type { Manifest } from '../manifest/manifest.js'
import type { ManifestEdit, PartitionRecord } from '../manifest/manifest-format.js'
import type { SortedFileContext, SortedFileReader } from '../sorted-file/sorted-file-reader.js'
import { openPartition, type Partition, saysNothing } from './partition.js'
import { PartitionMap } from './partition-map.js'

/** Whoever holds one can read the files of its map, until it is released. */
export interface PartitionLease {
  readonly map: PartitionMap
  release(): void
}

interface RetiredFile {
  readonly reader: SortedFileReader
  /** It counted from one version of the map up to another one. */
  readonly bornAt: number
  readonly retiredAt: number
}

export class PartitionStore {
  readonly root: string
  readonly readers: SortedFileContext
  readonly #files: FileSystem
  readonly #manifest: Manifest
  readonly #isOurs: () => boolean
  readonly #removals: Removals
  #map: PartitionMap
  #nextId: number
  /** Grows with every change. */
  #version = 0
  /** Of files that were not there at the beginning. */
  readonly #bornAt = new WeakMap<SortedFileReader, number>()
  readonly #leases = new Set<{ readonly version: number }>()
  #retired: RetiredFile[] = []
  /** Directories whose names are known to be durable. */
  readonly #durableDirectories = new Set<string>()
  /** Directories that files are, or are about to be, written into. */
  readonly #usedDirectories = new Set<string>()

  /** @param isOurs Whether the folder is still this process's: a successor may need what we do not. */
  constructor(
    root: string,
    manifest: Manifest,
    readers: SortedFileContext,
    { nextId, isOurs }: { readonly nextId: number; readonly isOurs: () => boolean },
  ) {
    this.root = root
    this.#isOurs = isOurs
    this.#removals = new Removals(readers.files)
    this.readers = readers
    this.#files = readers.files
    this.#manifest = manifest
    this.#map = PartitionMap.of(manifest.state.partitions.map((record) => openPartition(record, root, readers)))
    this.#nextId = nextId
  }

  get map(): PartitionMap {
    return this.#map
  }

  /** Files that no partition has any more and that are kept because somebody may still read them. */
  get retired(): { readonly count: number; readonly byteLength: number } {
    const byteLength = this.#retired.reduce((sum, { reader }) => sum + reader.record.byteLength, 0)
    return { count: this.#retired.length, byteLength }
  }

  /** An id for a partition or a file; none is used twice. */
  nextId(): number {
    return this.#nextId++
  }

  /** Puts partitions in the place of others, durably. One at a time. */
  replace(removed: readonly Partition[], added: readonly PartitionRecord[]): Promise<void> {
    return this.#change(removed, added)
  }

  /** The log begins later, durably; trees of which nothing is left but what kept recovery from the log before go. */
  beginLog(log: {
    readonly firstSegment: number
    readonly firstLsn: number
    readonly durableLsn: number
  }): Promise<void> {
    const isOver = ({ record }: Partition) =>
      this.#map.of(record.tree).length === 1 && saysNothing(record, log.firstLsn)
    return this.#change([...this.#map.all()].filter(isOver), [], log)
  }

  async #change(
    removed: readonly Partition[],
    added: readonly PartitionRecord[],
    others: ManifestEdit = {},
  ): Promise<void> {
    const edit = { ...others, added, nextId: this.#nextId }
    await this.#manifest.edit({ removed: removed.map(({ record }) => record.id), ...edit })
    const known = removed.flatMap(({ files }) => files)
    const opened = added.map((record) => openPartition(record, this.root, this.readers, known))
    this.#map = this.#map.replace(removed, opened)
    this.#version += 1

    const kept = new Set(opened.flatMap(({ files }) => files))
    for (const reader of kept) if (!known.includes(reader)) this.#bornAt.set(reader, this.#version)
    for (const reader of known) {
      if (kept.has(reader)) continue
      const bornAt = this.#bornAt.get(reader) ?? 0
      this.#retired.push({ reader, bornAt, retiredAt: this.#version })
    }
    this.#removeRetired()
    const ids = new Set(added.map(({ id }) => id))
    for (const { record } of removed) {
      if (!ids.has(record.id)) this.#giveUp(fileName.partition(this.root, record.tree, record.id))
    }
    for (const tree of new Set(removed.map(({ record }) => record.tree))) {
      if (this.#map.of(tree).every(({ files }) => files.length === 0)) this.#giveUp(fileName.tree(this.root, tree))
    }
  }

  /**
   * Leaves nothing of trees, in one edit, but for each a partition without files, which says that all commits up to one are
   * in it: that is what recovery goes by. Once the log has none of them any more, that is forgotten, too.
   */
  drop(trees: readonly number[], flushedLsn: number): Promise<void> {
    const removed = trees.flatMap((tree) => this.#map.of(tree))
    return this.replace(
      removed,
      trees.map((tree) => ({ id: this.nextId(), tree, lower: '', flushedLsn, base: undefined, deltas: [] })),
    )
  }

  /** The map as it is now, with its files, for as long as it is needed. */
  lease(): PartitionLease {
    const lease = { version: this.#version }
    this.#leases.add(lease)
    return {
      map: this.#map,
      release: () => {
        if (this.#leases.delete(lease)) this.#removeRetired()
      },
    }
  }

  /**
   * The directory of a partition, its name durable. The first use after opening syncs it even if it exists: it may exist
   * in memory only.
   */
  async ensureDirectory(tree: number, partition: number): Promise<void> {
    const trees = fileName.trees(this.root)
    const treeDirectory = fileName.tree(this.root, tree)
    const directory = fileName.partition(this.root, tree, partition)
    // At once: what is removed meanwhile must not take the directories with it.
    this.#usedDirectories.add(treeDirectory)
    this.#usedDirectories.add(directory)
    if (!this.#durableDirectories.has(treeDirectory)) {
      this.#files.makeDirectory(treeDirectory)
      await this.#files.syncDirectoryLater(trees, 'trees-directory')
      this.#durableDirectories.add(treeDirectory)
    }
    if (!this.#durableDirectories.has(directory)) {
      this.#files.makeDirectory(directory)
      await this.#files.syncDirectoryLater(treeDirectory, 'tree-directory')
      this.#durableDirectories.add(directory)
    }
  }

  /** Closes every file. Those that nobody will ask for again are removed. */
  close(): void {
    this.#leases.clear()
    this.#removeRetired()
    for (const { files } of this.#map.all()) for (const file of files) file.close()
  }

  /** Resolves when nothing is being removed any more. */
  removed(): Promise<void> {
    return this.#removals.settled()
  }

  /** What a crash leaves behind of it, the next opening removes. */
  #removeRetired(): void {
    const versions = [...this.#leases].map(({ version }) => version)
    const isNeeded = ({ bornAt, retiredAt }: RetiredFile) =>
      versions.some((version) => bornAt <= version && version < retiredAt)
    const gone = this.#retired.filter((file) => !isNeeded(file))
    this.#retired = this.#retired.filter(isNeeded)
    for (const { reader } of gone) {
      reader.close()
      if (!this.#isOurs()) continue
      const directory = directoryOf(reader.path)
      this.#removals.remove(reader.path, () => {
        this.#removeUnused(directory)
        this.#removeUnused(directoryOf(directory))
      })
    }
  }

  /** What is made of it again has to be made durable again. */
  #giveUp(directory: string): void {
    this.#durableDirectories.delete(directory)
    this.#usedDirectories.delete(directory)
    this.#removeUnused(directory)
  }

  /** Fails, silently, while something is in it, such as files that a snapshot holds: it goes with the last of them. */
  #removeUnused(directory: string): void {
    if (!this.#usedDirectories.has(directory) && this.#isOurs()) this.#files.removeDirectory(directory)
  }
}
