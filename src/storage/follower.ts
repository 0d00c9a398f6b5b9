/**
 * Reads a database that another process writes, without its lock and without writing anything. It shows commits that
 * were durable when it looked, in order and each once: a commit that a power cut could still take back is not shown.
 *
 * A checkpoint of the writer replaces sorted files; the old ones stay open here until everything that is in the new ones
 * has been shown, and longer when some of those are gone again before they are open here. The writer keeps a part of its log
 * behind a checkpoint, so a follower falls behind only if it is slower than that.
 */
import type { HashedKey } from '../base/key-hash.js'
import { CorruptionError, FellBehindError, NotADatabaseError } from '../errors.js'
import { fileName } from './disk/file-name.js'
import { readFile } from './disk/file-system.js'
import type { Environment } from './environment.js'
import { decodeFormat } from './format-file.js'
import { type LoggedTransaction, LogTail } from './log/log-tail.js'
import { decodeWitness } from './log/witness.js'
import { Manifest } from './manifest/manifest.js'
import type { ManifestState, PartitionRecord } from './manifest/manifest-format.js'
import { filesOf, openPartition, type Partition } from './partition/partition.js'
import { PartitionMap } from './partition/partition-map.js'
import { idText } from './recovery.js'
import { BlockCache, slotByteLength } from './sorted-file/block-cache.js'
import { OpenFiles } from './sorted-file/open-files.js'
import type { SortedFileContext, SortedFileReader } from './sorted-file/sorted-file-reader.js'
import { DEFAULT_STORAGE_OPTIONS } from './storage-options.js'
import type { ByteView, Direction, KeyBounds } from './tree/cursor.js'
import { Memtable } from './tree/memtable.js'
import type { RangeCursor } from './tree/range-cursor.js'
import { peekEntry, type ReadableTrees, readEntry, readRange, type Sources } from './view.js'

const CACHE_BYTE_LIMIT = 8 * 1024 * 1024
/** A checkpoint of the writer may remove files between our reading of their names and of them: then look again. */
const ATTEMPTS = 5

type FollowerEnvironment = Pick<Environment, 'files' | 'checksum'>

export class Follower implements ReadableTrees {
  readonly #environment: FollowerEnvironment
  readonly #root: string
  readonly #databaseId: Uint8Array
  /** Which manifest the files are from: it hands out ids whenever files are written. */
  #nextId = 0
  #partitions = PartitionMap.of()
  readonly #context: SortedFileContext
  /** By their paths: those of the partitions, and those that were opened for some that could not be opened whole. */
  readonly #readers = new Map<string, SortedFileReader>()
  /** The manifest whose files could not be opened the last time. */
  #missedId: number | undefined
  #memtable = new Memtable()
  #lsn = 0
  readonly #log: LogTail

  private constructor(environment: FollowerEnvironment, root: string, databaseId: Uint8Array) {
    this.#environment = environment
    this.#root = root
    this.#databaseId = databaseId
    this.#log = new LogTail(environment, root)
    const { files, checksum } = environment
    // Once open, a file can be read even after its name is gone: none is closed before it is needed no more.
    const openFiles = new OpenFiles(files, Number.POSITIVE_INFINITY)
    const cache = new BlockCache(CACHE_BYTE_LIMIT, slotByteLength(DEFAULT_STORAGE_OPTIONS.blockByteLength))
    this.#context = { files, openFiles, checksum, cache, databaseId }
  }

  /** @throws {NotADatabaseError} When there is no database in the folder. */
  static open(environment: FollowerEnvironment, root: string): Follower {
    const path = fileName.format(root)
    if (environment.files.kind(path) !== 'file') throw new NotADatabaseError(root, 'there is no database in it')
    const { databaseId } = decodeFormat(readFile(environment.files, path), path, root, environment.checksum)
    const follower = new Follower(environment, root, databaseId)
    try {
      follower.#load()
      return follower
    } catch (failure) {
      follower.close()
      throw failure
    }
  }

  peek(tree: number, key: HashedKey): ByteView | undefined {
    return peekEntry(this.#sources, tree, key)
  }

  get(tree: number, key: string): Uint8Array | undefined {
    return readEntry(this.#sources, tree, key)
  }

  range(tree: number, bounds: KeyBounds, direction: Direction = 'ascending', tombstoneLimit?: number): RangeCursor {
    return readRange(this.#sources, tree, bounds, direction, tombstoneLimit)
  }

  /**
   * What was committed since the last call. `onTransaction` is called for each, before this follower shows it: what is
   * read inside is what was there before. When something was told, what went wrong behind it is thrown by the next call: the
   * caller has what it was told.
   *
   * @throws {FellBehindError} When some of it is gone already.
   * @throws {CorruptionError} When some of it is not there, or damaged.
   */
  poll(onTransaction: (transaction: LoggedTransaction) => void): void {
    const before = this.#lsn
    try {
      // What was told is not told again: it goes on after the last one.
      this.#despiteRaces(() => this.#pollOnce(onTransaction))
    } catch (failure) {
      if (this.#lsn === before) throw failure
    }
  }

  #pollOnce(onTransaction: (transaction: LoggedTransaction) => void): void {
    const state = this.#state()
    const durable = this.#durableLsn(state)
    for (const transaction of this.#log.between(this.#lsn + 1, durable)) {
      onTransaction(transaction)
      this.#apply(transaction)
    }
    // Not before: the new files hold commits that were not shown yet.
    const isShown = this.#lsn >= durable && state.firstLsn <= this.#lsn + 1
    if (state.nextId !== this.#nextId && isShown) this.#tryToReload(state)
  }

  close(): void {
    this.#context.openFiles.closeAll()
  }

  get #sources(): Sources {
    return { memtables: [this.#memtable], partitions: this.#partitions }
  }

  #load(): void {
    this.#despiteRaces(() => {
      const state = this.#state()
      this.#replaceFiles(state, this.#durableLsn(state))
    })
  }

  #despiteRaces(read: () => void): void {
    for (let attempt = 1; ; attempt++) {
      try {
        read()
        return
      } catch (failure) {
        if (attempt === ATTEMPTS || !isRace(failure)) throw failure
      }
    }
  }

  /**
   * Some of its files may be gone by now. Those of before are open and show the same, so there is another time for it; but
   * what is missing while the manifest stays the same is damage.
   */
  #tryToReload(state: ManifestState): void {
    try {
      this.#reload(state)
    } catch (failure) {
      if (!isRace(failure) || this.#missedId === state.nextId) throw failure
      this.#missedId = state.nextId
    }
  }

  /** Reads from the files of another manifest; what was shown stays shown. */
  #reload(state: ManifestState): void {
    const shown = this.#lsn
    this.#replaceFiles(state, shown)
    this.#lsn = shown
  }

  /** Takes the files of a manifest, and the commits since then up to `lsn`. If that fails, what is shown has not changed. */
  #replaceFiles(state: ManifestState, lsn: number): void {
    const before = { partitions: this.#partitions, memtable: this.#memtable, lsn: this.#lsn }
    try {
      this.#partitions = PartitionMap.of(state.partitions.map((record) => this.#openPartition(record)))
      this.#memtable = new Memtable()
      this.#lsn = state.firstLsn - 1
      for (const transaction of this.#log.between(state.firstLsn, lsn)) this.#apply(transaction)
    } catch (failure) {
      this.#partitions = before.partitions
      this.#memtable = before.memtable
      this.#lsn = before.lsn
      // The next manifest may need what was opened of this one; of those before it there is only what is shown.
      this.#closeOthers(this.#pathsOf(state))
      throw failure
    }
    this.#nextId = state.nextId
    this.#closeOthers()
  }

  /** With readers that have its files open: those that there were before are used again, as files never change. */
  #openPartition(record: PartitionRecord): Partition {
    const known = this.#pathsIn(record).flatMap((path) => this.#readers.get(path) ?? [])
    const partition = openPartition(record, this.#root, this.#context, known)
    for (const file of partition.files) {
      // First: of one that turns out to be damaged the file is open, too.
      this.#readers.set(file.path, file)
      file.open()
    }
    return partition
  }

  #pathsIn(record: PartitionRecord): string[] {
    return filesOf(record).map(({ id }) => fileName.sortedFile(this.#root, record.tree, record.id, id))
  }

  #pathsOf({ partitions }: ManifestState): ReadonlySet<string> {
    return new Set(partitions.flatMap((record) => this.#pathsIn(record)))
  }

  /** Closes what neither the partitions nor anybody else needs. */
  #closeOthers(kept: ReadonlySet<string> = new Set()): void {
    const needed = new Set([...this.#partitions.all()].flatMap(({ files }) => files))
    for (const [path, reader] of this.#readers) {
      if (needed.has(reader) || kept.has(path)) continue
      reader.close()
      this.#readers.delete(path)
    }
  }

  #apply({ lsn, writes }: LoggedTransaction): void {
    for (const { tree, key, value } of writes) {
      const flushedLsn = this.#partitions.find(tree, key)?.record.flushedLsn ?? 0
      if (lsn > flushedLsn) this.#memtable.set(tree, key, value, lsn)
    }
    this.#lsn = lsn
  }

  #state(): ManifestState {
    const found = Manifest.read(this.#environment, this.#root, idText(this.#databaseId))
    if (found === undefined) throw new NotADatabaseError(this.#root, 'its manifest is missing')
    return found.state
  }

  /**
   * Whatever the witness and the manifest say was durable. What is in sorted files was, too; without it, a witness that
   * is overwritten while it is read would leave us behind the files.
   */
  #durableLsn(state: ManifestState): number {
    const { files, checksum } = this.#environment
    const path = fileName.witness(this.#root)
    const witness = files.kind(path) === 'file' ? readFile(files, path) : new Uint8Array()
    const flushed = state.partitions.reduce((highest, { flushedLsn }) => Math.max(highest, flushedLsn), 0)
    return Math.max(state.durableLsn, flushed, decodeWitness(witness, this.#databaseId, checksum, state.epoch))
  }
}

/** Whether a failure may come from the writer having replaced files between two of our reads. */
function isRace(failure: unknown): boolean {
  if (failure instanceof CorruptionError || failure instanceof FellBehindError) return true
  const { code, cause } = failure as NodeJS.ErrnoException
  return code === 'ENOENT' || (cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT'
}
