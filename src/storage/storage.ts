/**
 * Sorted spaces of bytes ("trees") that survive. Keys are byte strings, values bytes; what they mean is not known here.
 *
 * A commit changes any keys of any trees, all or none. Readers see published commits only: with durability `synced`,
 * those that no power cut can take back. Reads are synchronous; nothing changes within one turn of the event loop.
 */

import type { BytesInView } from '../base/bytes.js'
import { type HashedKey, hashKey } from '../base/key-hash.js'
import { DatabaseClosedError } from '../errors.js'
import { Activity } from './activity.js'
import { checkOurs, reasonOf } from './disk/owned-folder.js'
import type { Environment } from './environment.js'
import { openFormat, opening } from './folder.js'
import type { BulkTransaction, Commit, Committed } from './log/commit.js'
import { CommitQueue } from './log/commit-queue.js'
import type { EncodedCommits, MovableBytes } from './log/encoded-commits.js'
import { EndedSegments } from './log/ended-segments.js'
import type { LogWriter } from './log/log-writer.js'
import type { PackedCommits } from './log/packed-commits.js'
import { refusal } from './log/refusal.js'
import type { Manifest } from './manifest/manifest.js'
import { Memtables } from './memtables.js'
import type { PartitionMap } from './partition/partition-map.js'
import { PartitionStore } from './partition/partition-store.js'
import type { WriterContext } from './partition/partition-writer.js'
import { idText, recover } from './recovery.js'
import { StorageSnapshot } from './snapshot.js'
import { BlockCache, slotByteLength } from './sorted-file/block-cache.js'
import type { ReadAs } from './sorted-file/entry-cache.js'
import { OpenFiles } from './sorted-file/open-files.js'
import type { SortedFileContext } from './sorted-file/sorted-file-reader.js'
import type { StorageOptions } from './storage-options.js'
import { type StorageStatistics, storageStatistics, type TreeStatistics, treeStatistics } from './storage-statistics.js'
import type { ByteView, Direction, KeyBounds } from './tree/cursor.js'
import type { RangeCursor } from './tree/range-cursor.js'
import type { Write } from './tree/write.js'
import { keptForFollowers, reservedByteLength, Upkeep } from './upkeep.js'
import { peekEntry, type ReadableTrees, readEntry, readRange, type Sources, warmEntries } from './view.js'
import { WriterThread } from './writer-thread/writer-thread.js'

/** The right to write to a folder, from the process lock. */
export interface FolderClaim {
  /** Grows with every claim: what an older holder wrote can be told from what a newer one did. */
  readonly epoch: number
  /** @param look A glance is cheaper, and does not notice that a folder around this one was moved. */
  isHeld(look?: 'glance'): boolean
}

/** What there is to be checked besides what readers see: `integrity-check.ts`. */
export interface CheckedFiles {
  readonly environment: Environment
  readonly root: string
  readonly readers: SortedFileContext
  readonly manifest: Pick<Manifest, 'state' | 'number' | 'editCount'>
  readonly log: Pick<LogWriter, 'durableLsn'>
}

export class Storage implements ReadableTrees {
  readonly root: string
  readonly databaseId: string
  readonly #options: StorageOptions
  readonly #manifest: Manifest
  readonly #log: LogWriter
  readonly #queue: CommitQueue
  readonly #partitions: PartitionStore
  readonly #cache: BlockCache
  readonly #openFiles: OpenFiles
  readonly #context: WriterContext
  readonly #activity: Activity
  readonly #memtables: Memtables
  readonly #segments: EndedSegments
  readonly #upkeep: Upkeep
  #onPublish: (tree: number, key: HashedKey) => void = nothing
  /** When each of them was taken, the oldest first. */
  readonly #snapshots = new Map<StorageSnapshot, number>()
  #closing: Promise<void> | undefined
  #publishedLsn: number
  #isClosed = false

  private constructor(environment: Environment, root: string, claim: FolderClaim, options: StorageOptions) {
    const { databaseId } = openFormat(environment, root)
    const preparedByteLimit = options.durability.kind === 'synced' ? options.segmentByteLimit : 0
    const segments = { preparedByteLimit, reservedByteLength: reservedByteLength(options) }
    const keptLogByteLimit = keptForFollowers(options)
    const isOurs = (look?: 'glance') => claim.isHeld(look)
    const recovered = opening(root, () => {
      try {
        return recover(environment, root, { databaseId, epoch: claim.epoch, isOurs, segments, keptLogByteLimit })
      } catch (failure) {
        throw reasonOf({ root, isOurs }, failure)
      }
    })
    this.root = root
    this.databaseId = idText(databaseId)
    this.#options = options
    this.#manifest = recovered.manifest
    this.#log = recovered.log
    this.#publishedLsn = recovered.log.writtenLsn
    this.#memtables = new Memtables(recovered.memtable)
    this.#segments = new EndedSegments(recovered.endedSegments)
    const { files, checksum } = environment
    this.#cache = new BlockCache(options.cacheByteLimit, slotByteLength(options.blockByteLength))
    this.#openFiles = new OpenFiles(files, options.openFileLimit)
    const readers = { files, openFiles: this.#openFiles, checksum, cache: this.#cache, databaseId }
    this.#partitions = new PartitionStore(root, recovered.manifest, readers, { nextId: recovered.nextId, isOurs })
    this.#activity = new Activity(environment.monotonicClock)
    this.#context = {
      environment,
      options,
      store: this.#partitions,
      activity: this.#activity,
      checkWritable: () => {
        if (this.failure !== undefined) throw this.failure
        checkOurs({ root, isOurs })
      },
      isOurs,
      thread: environment.hasThreads === true ? new WriterThread(environment.scheduler) : undefined,
      mayStartThread: () => !this.#upkeep.isClosing,
    }
    this.#queue = new CommitQueue({
      log: this.#log,
      durability: options.durability,
      scheduler: environment.scheduler,
      clock: environment.clock,
      monotonicClock: environment.monotonicClock,
      root,
      publish: (lsn, writes) => this.#publish(lsn, writes),
      publishEncoded: (commits) => this.#publishEncoded(commits),
      afterGroup: () => this.#upkeep.afterGroup(),
      room: () => this.#upkeep.room(),
      hasRoom: () => this.#upkeep.hasRoom(),
      isOurs,
    })
    this.#upkeep = new Upkeep({
      context: this.#context,
      memtables: this.#memtables,
      log: this.#log,
      queue: this.#queue,
      segments: this.#segments,
      replayedByteLength: recovered.replayedByteLength,
    })
  }

  /**
   * Opens the database in a folder, or creates it there.
   *
   * @throws {CorruptionError} When something that was durable is damaged; nothing was changed.
   */
  static open(environment: Environment, root: string, claim: FolderClaim, options: StorageOptions): Storage {
    return new Storage(environment, root, claim, options)
  }

  /** The failure that stopped all writing, if there was one. */
  get failure(): Error | undefined {
    return this.#queue.failure
  }

  get durability(): StorageOptions['durability']['kind'] {
    return this.#options.durability.kind
  }

  get lastLsn(): number {
    return this.#log.writtenLsn
  }

  peek(tree: number, key: HashedKey, as?: ReadAs): ByteView | undefined {
    this.checkOpen()
    return peekEntry(this.#sources, tree, key, as)
  }

  warm(tree: number, keys: readonly HashedKey[], count: number): void {
    warmEntries(this.#sources, tree, keys, count)
  }

  get(tree: number, key: string): Uint8Array | undefined {
    this.checkOpen()
    return readEntry(this.#sources, tree, key)
  }

  /** The value under a key as the next commit will find it: queued commits included. */
  head(tree: number, key: string): Uint8Array | undefined {
    const pending = this.#queue.pending(tree, hashKey(key))
    return pending === undefined ? this.get(tree, key) : pending.value
  }

  /** The same where it lies: it is there until the next call of anything that reads. */
  peekHead(tree: number, key: HashedKey): ByteView | undefined {
    const pending = this.#queue.pending(tree, key)
    if (pending === undefined) return this.peek(tree, key)
    return pending.value && { bytes: pending.value, start: 0, end: pending.value.length }
  }

  /** What is queued for a key; each further write makes it another object. */
  queued(tree: number, key: string): object | undefined {
    return this.#queue.pending(tree, hashKey(key))
  }

  /** The commits that readers do not see yet, in their order: who is told of one may be added. */
  unpublished(): Iterable<Commit> {
    return this.#queue.unpublished()
  }

  range(tree: number, bounds: KeyBounds, direction: Direction = 'ascending', tombstoneLimit?: number): RangeCursor {
    this.checkOpen()
    return readRange(this.#sources, tree, bounds, direction, tombstoneLimit)
  }

  /** Calls back with each key that a commit has written, at the moment it becomes visible. */
  onPublish(listener: (tree: number, key: HashedKey) => void): void {
    this.#onPublish = listener
  }

  /** What is published now, for as long as it is needed; it costs nothing to take, and holds up nobody. */
  snapshot(): StorageSnapshot {
    this.checkOpen()
    const snapshot = new StorageSnapshot(
      this.#memtables.all.map((memtable) => memtable.snapshot()),
      this.#partitions.lease(),
      () => this.#snapshots.delete(snapshot),
    )
    this.#snapshots.set(snapshot, this.#activity.now())
    return snapshot
  }

  /**
   * Commits writes, all or none, and resolves once that is acknowledged. `onDurable` is called just before, in the order of
   * commits. `origin` is kept in the log for whoever follows it. Who commits in the same turn may get the same promise.
   */
  commit(writes: readonly Write[], origin = 0, onDurable?: (commit: Committed) => void): Promise<undefined> {
    this.#upkeep.checkSpace()
    return this.#queue.commit(writes, origin, onDurable)
  }

  /**
   * The same of one write, whose key and value are lent: they need to be there for this call alone, in which none of the
   * caller's code runs.
   *
   * @param nowMs The clock's time, which may run such code.
   */
  commitLent(
    tree: number,
    key: HashedKey,
    value: BytesInView | undefined,
    origin: number,
    nowMs: number,
  ): Promise<undefined> {
    this.#upkeep.checkSpace()
    return this.#queue.commitLent(tree, key, value, origin, nowMs)
  }

  /**
   * Commits many transactions, each its own, and resolves once all are acknowledged: for bulk loads, as a promise for each
   * would cost more than the commit. Their writes are kept until then. If one is refused, so are those behind it.
   */
  commitAll(transactions: readonly (BulkTransaction | PackedCommits)[]): Promise<void> {
    this.#upkeep.checkSpace()
    return this.#queue.commitAll(transactions)
  }

  /**
   * Commits several transactions, all or none: each its own, with its own sequence number and origin, but in one frame of
   * the log and visible in one moment.
   */
  commitTogether(transactions: readonly BulkTransaction[]): Promise<void> {
    this.#upkeep.checkSpace()
    return this.#queue.commitTogether(transactions)
  }

  /** The sequence number of the last commit that readers see, … */
  get publishedLsn(): number {
    return this.#publishedLsn
  }

  /** … and of the last one that is queued. */
  get queuedLsn(): number {
    return this.#queue.lastLsn
  }

  /** The keys in the range for which something is queued, and not yet published. */
  queuedKeys(tree: number, bounds: KeyBounds): ReadonlySet<string> {
    return this.#queue.pendingKeys(tree, bounds)
  }

  /** What to wait for between the parts of a bulk load, so that the queue stays bounded; undefined when there is room. */
  room(): Promise<void> | undefined {
    return this.#queue.room()
  }

  /** Throws when no commit can be accepted. */
  checkWritable(): void {
    this.#upkeep.checkSpace()
    this.#queue.check()
  }

  /**
   * The same for a commit of so many bytes, keys and values, after which space can be set free: on a full disk it is
   * accepted, if the log has room for it. It must be committed with `commitFreeing` in the same turn.
   */
  checkFreeing(byteLength: number): void {
    this.#queue.check()
    this.#upkeep.checkFreeing(byteLength)
  }

  /** Commits writes for which `checkFreeing` was called. */
  commitFreeing(writes: readonly Write[], origin = 0, onDurable?: (commit: Committed) => void): Promise<undefined> {
    return this.#queue.commit(writes, origin, onDurable)
  }

  /** Resolves when all commits queued until now are acknowledged; undefined when none are queued. */
  settled(): Promise<void> | undefined {
    return this.#queue.settled()
  }

  /** Makes everything acknowledged until now durable, whatever durability was chosen. */
  flush(): Promise<void> {
    return this.#queue.flush()
  }

  /**
   * Moves everything that is acknowledged now into sorted files, so that recovery has nothing to read. One runs at a
   * time: one that is running has begun too early, and is waited for.
   */
  checkpoint(): Promise<void> {
    return this.#upkeep.checkpoint()
  }

  /** Merges everything, so that each partition is one file. It happens by itself when nothing is written for a while. */
  compact(): Promise<void> {
    return this.#upkeep.compact()
  }

  /**
   * Removes all that there is of a tree, whatever its size, in one edit of the manifest: its files go when nobody reads them
   * any more, and recovery passes over what the log has of it. Nobody may write to the tree any more, and what says so must
   * be published. Trees that are to be dropped while something else is under way are dropped together.
   */
  dropTree(tree: number): Promise<void> {
    return this.#upkeep.dropTree(tree)
  }

  /**
   * Makes everything durable and lets the folder go.
   *
   * @throws {WriteFailedError} When writing had failed before and acknowledged commits may not be durable; …
   * @throws {FencedError} … or when that was because the folder is another's.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    try {
      await this.#upkeep.close()
      // After this, recovery knows what it has to find.
      if (this.failure === undefined) await this.#noteDurable()
      else if (this.durability !== 'synced') throw refusal(this.failure, 'unknown')
    } finally {
      // Neither may write to a file that is closed: its descriptor can be another file's by then.
      await this.#upkeep.ended()
      await this.#context.thread?.end()
      await this.#queue.ended()
      this.#isClosed = true
      this.#manifest.close()
      this.#log.close()
      for (const snapshot of [...this.#snapshots.keys()]) snapshot.release()
      this.#partitions.close()
      await Promise.all([this.#partitions.removed(), this.#log.removed()])
    }
  }

  get checkedFiles(): CheckedFiles {
    const { environment, store } = this.#context
    return { environment, root: this.root, readers: store.readers, manifest: this.#manifest, log: this.#log }
  }

  statistics(tree: number): TreeStatistics {
    return treeStatistics(tree, this.#partitions.map.of(tree), this.#memtables.all)
  }

  /** What there is, and what was done; it reads nothing from the disk. */
  totals(): StorageStatistics {
    const [oldestAt] = this.#snapshots.values()
    return storageStatistics({
      activity: this.#activity,
      partitions: this.#partitions,
      memtables: this.#memtables.all,
      log: this.#log,
      segments: this.#segments,
      openFileCount: this.#openFiles.count,
      blockCache: this.#cache.statistics,
      hasThread: this.#context.thread?.isRunning === true,
      snapshots: { count: this.#snapshots.size, oldestAt },
    })
  }

  /** Runs a part of work in the background, during which nobody else runs: how long that takes is noted. */
  inBackground<T>(slice: () => T): T {
    return this.#activity.slice(slice)
  }

  /** Every partition there is, for the integrity check. */
  get partitions(): PartitionMap {
    return this.#partitions.map
  }

  get #sources(): Sources {
    return { memtables: this.#memtables.all, partitions: this.#partitions.map }
  }

  /** Throws when the database is closed. */
  checkOpen(): void {
    if (this.#isClosed) throw new DatabaseClosedError()
  }

  #publish(lsn: number, writes: readonly Write[]): void {
    const { live } = this.#memtables
    let byteLength = 0
    this.#publishedLsn = lsn
    for (const { tree, key, value } of writes) {
      live.set(tree, key, value, lsn)
      byteLength += key.length + (value === undefined ? 0 : value.length)
      this.#onPublish(tree, hashKey(key))
    }
    this.#activity.committedByteLength += byteLength
  }

  #publishEncoded(commits: EncodedCommits): void {
    const { live } = this.#memtables
    const { tree, count, firstLsn } = commits
    let byteLength = 0
    for (let i = 0; i < count; i++) {
      const lsn = firstLsn + i
      this.#publishedLsn = lsn
      const key = commits.keyAt(i)
      if (commits.lookAt(i, published)) {
        live.put(tree, key, published, lsn)
        byteLength += published.end - published.start
      } else live.remove(tree, key, lsn)
      byteLength += key.length
      this.#onPublish(tree, key)
    }
    this.#activity.committedByteLength += byteLength
  }

  async #noteDurable(): Promise<void> {
    try {
      await this.#manifest.edit({ durableLsn: this.#log.durableLsn })
    } catch (failure) {
      throw refusal(failure as Error, 'unknown')
    }
  }
}

function nothing(): void {}

/** The value that is being published. */
const published: MovableBytes = { view: new DataView(new ArrayBuffer(0)), start: 0, end: 0 }
