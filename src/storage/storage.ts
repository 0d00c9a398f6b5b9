/**
 * Sorted spaces of bytes ("trees") that survive. Keys are byte strings, values bytes; what they mean is not known here.
 *
 * A commit changes any keys of any trees, all or none. Readers see published commits only: with durability `synced`,
 * those that no power cut can take back. Reads are synchronous; nothing changes within one turn of the event loop.
 */

import { invariant } from '../base/invariant.js'
import { type HashedKey, hashKey } from '../base/key-hash.js'
import { DatabaseClosedError, DynafileError, diskFullForNow, FencedError, WriteFailedError } from '../errors.js'
import { Activity } from './activity.js'
import { type CarriedRange, checkpoint } from './checkpoint.js'
import { compact, foldAll } from './compaction.js'
import { isDiskFull } from './disk/disk-full.js'
import type { Environment } from './environment.js'
import { openFormat, opening } from './folder.js'
import { type BulkTransaction, CommitQueue, type Committed, refusal } from './log/commit-queue.js'
import type { LogWriter } from './log/log-writer.js'
import type { Manifest } from './manifest/manifest.js'
import { filesOf, type Partition } from './partition/partition.js'
import type { PartitionMap } from './partition/partition-map.js'
import { PartitionStore } from './partition/partition-store.js'
import type { WriterContext } from './partition/partition-writer.js'
import { idText, recover } from './recovery.js'
import { StorageSnapshot } from './snapshot.js'
import { BlockCache, type CacheStatistics, slotByteLength } from './sorted-file/block-cache.js'
import { OpenFiles } from './sorted-file/open-files.js'
import type { StorageOptions } from './storage-options.js'
import type { ByteView, Direction, KeyBounds } from './tree/cursor.js'
import { Memtable } from './tree/memtable.js'
import type { RangeCursor } from './tree/range-cursor.js'
import type { SortedTree } from './tree/sorted-tree.js'
import type { Write } from './tree/write.js'
import { peekEntry, type ReadableTrees, readEntry, readRange, type Sources, warmEntries } from './view.js'
import { WriterThread } from './writer-thread/writer-thread.js'

/** The right to write to a folder, from the process lock. */
export interface FolderClaim {
  /** Grows with every claim: what an older holder wrote can be told from what a newer one did. */
  readonly epoch: number
  isHeld(): boolean
}

/** How much of the log is kept for followers once recovery needs it no more, as a share of what recovery may need. */
const RETAINED_SHARE = 1 / 8

/** As many entries of a tree are counted one by one; of more, their number is estimated. */
const COUNTED_ENTRIES = 10_000

/** Writers are slowed when this share of the memory is used again before the last checkpoint has written its files. */
const SLOWED_FROM = 1 / 2
/** What a group of commits waits for at most before it is written. */
const LONGEST_DELAY_MS = 10
/** After so long it is tried again whether there is space on a disk that was full. */
const RETRY_MS = 1000
/** This share of a segment is always ahead in the log. */
const RESERVED_SHARE = 1 / 512
/** More than a small commit has in the log beside its keys and values. */
const FRAME_OVERHEAD = 4096

/** What there is of one tree. */
export interface TreeStatistics {
  readonly partitionCount: number
  readonly fileCount: number
  readonly deltaCount: number
  readonly fileByteLength: number
  /** Keys and values in its files, without compression; what is overwritten counts again. */
  readonly rawByteLength: number
  /** Keys and values that are not overwritten or removed: an estimate. */
  readonly liveByteLength: number
  /** In its files, tombstones included. */
  readonly fileEntryCount: number
  readonly tombstoneCount: number
  /** Keys that have a value. */
  readonly keyCount: number
  /** Whether that is the number, or an estimate: mostly too high, as what is overwritten may count again. */
  readonly isExact: boolean
}

/** What there is of all trees together, and what was done since the opening. */
export interface StorageStatistics {
  readonly openMs: number
  readonly files: { readonly count: number; readonly byteLength: number }
  readonly retiredFiles: { readonly count: number; readonly byteLength: number }
  readonly log: { readonly count: number; readonly byteLength: number }
  readonly openFileCount: number
  /** Keys and values that are not overwritten or removed: an estimate. */
  readonly liveByteLength: number
  readonly memtableByteLength: number
  readonly memtableEntryCount: number
  readonly blockCache: CacheStatistics
  readonly committedByteLength: number
  readonly writtenLogByteLength: number
  readonly writtenFileByteLength: number
  readonly checkpointCount: number
  readonly checkpointMs: number
  readonly deltaMergeCount: number
  readonly partitionMergeCount: number
  readonly foldCount: number
  readonly mergeMs: number
  readonly longestSliceMs: number
  /** Whether there is a thread that writes sorted files, … */
  readonly hasThread: boolean
  /** … and what such a thread wrote. */
  readonly threadWrittenFileByteLength: number
  readonly snapshotCount: number
  readonly oldestSnapshotMs: number | undefined
}

interface FrozenMemtable {
  readonly memtable: Memtable
  readonly lsn: number
  readonly segment: number
}

export class Storage implements ReadableTrees {
  readonly root: string
  readonly databaseId: string
  readonly #environment: Environment
  readonly #options: StorageOptions
  readonly #manifest: Manifest
  readonly #log: LogWriter
  readonly #queue: CommitQueue
  readonly #partitions: PartitionStore
  readonly #cache: BlockCache
  readonly #openFiles: OpenFiles
  readonly #context: WriterContext
  readonly #activity: Activity
  /** Commits since the last checkpoint began. */
  #live: Memtable
  /** Commits that a checkpoint is moving into files: up to which one, and which segment the next ones are in. */
  #frozen: FrozenMemtable | undefined
  /** Set while there was no space for a file when one was last written: then nothing is accepted that would need more. */
  #diskFull: Error | undefined
  /** The part of a checkpoint, or of what is merged behind it, that writers wait for when memory is full. */
  #filesWritten: Promise<unknown> | undefined
  /** What readers see is in these, newest first. */
  #memtables: readonly Memtable[]
  #checkpoint: Promise<void> | undefined
  #idle: { cancel(): void } | undefined
  /** When it is looked again whether the disk is still full. */
  #retry: { cancel(): void } | undefined
  /** The trees that are dropped next, all of them together, and when they are. */
  #drops: { readonly trees: Set<number>; readonly dropped: Promise<void> } | undefined
  #onPublish: (writes: readonly Write[]) => void = nothing
  /** When each of them was taken, the oldest first. */
  readonly #snapshots = new Map<StorageSnapshot, number>()
  #logByteLength = 0
  /** Segments of the log that are complete, newest first. */
  #ended: { readonly number: number; readonly byteLength: number }[] = []
  #closing: Promise<void> | undefined
  #isClosing = false
  #isRotating = false
  #publishedLsn = 0
  #isClosed = false

  private constructor(environment: Environment, root: string, claim: FolderClaim, options: StorageOptions) {
    const { databaseId } = openFormat(environment, root)
    const preparedByteLimit = options.durability.kind === 'synced' ? options.segmentByteLimit : 0
    const segments = { preparedByteLimit, reservedByteLength: reservedByteLength(options) }
    const recovered = opening(root, () => recover(environment, root, { databaseId, epoch: claim.epoch, segments }))
    this.root = root
    this.databaseId = idText(databaseId)
    this.#environment = environment
    this.#options = options
    this.#manifest = recovered.manifest
    this.#log = recovered.log
    this.#publishedLsn = recovered.log.writtenLsn
    this.#live = recovered.memtable
    this.#memtables = [this.#live]
    const { files, checksum } = environment
    this.#cache = new BlockCache(options.cacheByteLimit, slotByteLength(options.blockByteLength))
    this.#openFiles = new OpenFiles(files, options.openFileLimit)
    const readers = { files, openFiles: this.#openFiles, checksum, cache: this.#cache, databaseId }
    const isOurs = () => claim.isHeld()
    this.#partitions = new PartitionStore(root, recovered.manifest, readers, { nextId: recovered.nextId, isOurs })
    this.#logByteLength = recovered.replayedByteLength
    this.#ended = [...recovered.endedSegments]
    this.#activity = new Activity(environment.monotonicClock)
    this.#context = {
      environment,
      options,
      store: this.#partitions,
      activity: this.#activity,
      checkWritable: () => {
        if (this.failure !== undefined) throw this.failure
        if (!isOurs()) throw new FencedError(root)
      },
      isOurs,
      thread: environment.hasThreads === true ? new WriterThread(environment.scheduler) : undefined,
      mayStartThread: () => !this.#isClosing,
    }
    this.#queue = new CommitQueue({
      log: this.#log,
      durability: options.durability,
      scheduler: environment.scheduler,
      clock: environment.clock,
      monotonicClock: environment.monotonicClock,
      root,
      publish: (lsn, writes) => this.#publish(lsn, writes),
      afterGroup: () => this.#afterGroup(),
      room: () => this.#room(),
      hasRoom: () => this.#hasRoom(),
      isOurs,
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

  peek(tree: number, key: HashedKey, as?: 'one of many'): ByteView | undefined {
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
    const pending = this.#queue.pending(tree, key)
    return pending === undefined ? this.get(tree, key) : pending.value
  }

  /** The same where it lies: it is there until the next call of anything that reads. */
  peekHead(tree: number, key: string): ByteView | undefined {
    const pending = this.#queue.pending(tree, key)
    if (pending === undefined) return this.peek(tree, hashKey(key))
    return pending.value && { bytes: pending.value, start: 0, end: pending.value.length }
  }

  /** What is queued for a key; each further write makes it another object. */
  queued(tree: number, key: string): object | undefined {
    return this.#queue.pending(tree, key)
  }

  range(tree: number, bounds: KeyBounds, direction: Direction = 'ascending', tombstoneLimit?: number): RangeCursor {
    this.checkOpen()
    return readRange(this.#sources, tree, bounds, direction, tombstoneLimit)
  }

  /** Calls back with the writes of each commit at the moment it becomes visible. */
  onPublish(listener: (writes: readonly Write[]) => void): void {
    this.#onPublish = listener
  }

  /** What is published now, for as long as it is needed; it costs nothing to take, and holds up nobody. */
  snapshot(): StorageSnapshot {
    this.checkOpen()
    const snapshot = new StorageSnapshot(
      this.#memtables.map((memtable) => memtable.snapshot()),
      this.#partitions.lease(),
      () => this.#snapshots.delete(snapshot),
    )
    this.#snapshots.set(snapshot, this.#activity.now())
    return snapshot
  }

  /**
   * Commits writes, all or none, and resolves with the commit's sequence number once it is acknowledged. `onDurable` is
   * called just before that, in the order of commits. `origin` is kept in the log for whoever follows it.
   */
  commit(writes: readonly Write[], origin = 0, onDurable?: (commit: Committed) => void): Promise<number> {
    this.#checkSpace()
    return this.#queue.commit(writes, origin, onDurable)
  }

  /**
   * Commits many transactions, each its own, and resolves once all are acknowledged: for bulk loads, as a promise for each
   * would cost more than the commit. Their writes are kept until then. If one is refused, so are those behind it.
   */
  commitAll(transactions: readonly BulkTransaction[]): Promise<void> {
    this.#checkSpace()
    return this.#queue.commitAll(transactions)
  }

  /**
   * Commits several transactions, all or none: each its own, with its own sequence number and origin, but in one frame of
   * the log and visible in one moment.
   */
  commitTogether(transactions: readonly BulkTransaction[]): Promise<void> {
    this.#checkSpace()
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

  /** Whether something is queued, and not yet published, for a key in the range. */
  hasQueued(tree: number, bounds: KeyBounds): boolean {
    return this.#queue.hasPending(tree, bounds)
  }

  /** What to wait for between the parts of a bulk load, so that the queue stays bounded; undefined when there is room. */
  room(): Promise<void> | undefined {
    return this.#queue.room()
  }

  /** Throws when no commit can be accepted. */
  checkWritable(): void {
    this.#checkSpace()
    this.#queue.check()
  }

  /**
   * The same for a commit of so many bytes, keys and values, after which space can be set free: on a full disk it is
   * accepted, if the log has room for it. It must be committed with `commitFreeing` in the same turn.
   */
  checkFreeing(byteLength: number): void {
    this.#queue.check()
    if (this.#diskFull === undefined) return
    // What was accepted before is written first.
    const needed = this.#queue.queuedByteLength + byteLength + FRAME_OVERHEAD
    if (this.#log.reserve(needed) !== undefined) throw this.#diskFull
  }

  /** Commits writes for which `checkFreeing` was called. */
  commitFreeing(writes: readonly Write[], origin = 0, onDurable?: (commit: Committed) => void): Promise<number> {
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
  async checkpoint(): Promise<void> {
    // Asked again each time: somebody else who waited may have been quicker, and what he began is not ours.
    while (this.#checkpoint !== undefined) await this.#checkpoint
    await this.#startCheckpoint({ writesAll: true })
    await this.#partitions.removed()
  }

  /** Merges everything, so that each partition is one file. It happens by itself when nothing is written for a while. */
  async compact(): Promise<void> {
    await this.checkpoint()
    while (this.#checkpoint !== undefined) await this.#checkpoint
    await this.#startFolding()
    await this.#partitions.removed()
  }

  /**
   * Removes all that there is of a tree, whatever its size, in one edit of the manifest: its files go when nobody reads them
   * any more, and recovery passes over what the log has of it. Nobody may write to the tree any more, and what says so must
   * be published. Trees that are to be dropped while something else is under way are dropped together.
   */
  async dropTree(tree: number): Promise<void> {
    if (this.#isClosing) throw new DatabaseClosedError()
    if (this.#drops === undefined) {
      const trees = new Set<number>()
      this.#drops = { trees, dropped: this.#dropTogether(trees) }
    }
    this.#drops.trees.add(tree)
    await this.#drops.dropped
    await this.#partitions.removed()
    // What there was no space for may have some now.
    if (this.#diskFull !== undefined) this.#tryAgain()
  }

  /** @param trees More of them may come until they are dropped. */
  async #dropTogether(trees: ReadonlySet<number>): Promise<void> {
    try {
      // Those that somebody drops at once come before anything is done.
      await undefined
      // Files of the trees may be being written, or what is in memory of them committed once more.
      for (let hasWaited = false; ; hasWaited = true) {
        while (this.#checkpoint !== undefined) await this.#checkpoint.catch(nothing)
        // One drop may follow the other: what is in memory would never come to files. On a full disk it can't before.
        if (hasWaited || !this.#isCheckpointDue() || this.#isClosing || this.#diskFull !== undefined) break
        this.#startCheckpoint({ writesAll: false }).catch(nothing)
      }
      if (this.#isClosing) throw new DatabaseClosedError()
    } finally {
      this.#drops = undefined
    }
    this.#checkpoint = this.#drop(trees).finally(() => {
      this.#checkpoint = undefined
    })
    await this.#checkpoint
  }

  /** As a checkpoint it is one of the things of which only one runs at a time. */
  async #drop(trees: ReadonlySet<number>): Promise<void> {
    const found = [...trees].filter((tree) => this.#hasAnyOf(tree))
    if (found.length === 0) return
    const lsn = this.queuedLsn
    // A power cut must not take back what says that nobody needs the trees, and leave them empty.
    await this.#queue.flush()
    try {
      this.#context.checkWritable()
      await this.#whileBusy(this.#dropPartitions(found, lsn))
    } catch (failure) {
      throw this.#failed(failure)
    }
    for (const tree of found) {
      for (const { trees } of this.#memtables) trees.delete(tree)
    }
  }

  async #dropPartitions(trees: readonly number[], lsn: number): Promise<void> {
    try {
      await this.#partitions.drop(trees, lsn)
    } catch (failure) {
      if (!isDiskFull(failure)) throw failure
      // What the log has ahead is enough for the line in the manifest, and a file that goes for what comes then.
      this.#log.release()
      await this.#partitions.drop(trees, lsn)
    }
  }

  #hasAnyOf(tree: number): boolean {
    const hasFiles = this.#partitions.map.of(tree).some(({ files }) => files.length > 0)
    return hasFiles || this.#memtables.some(({ trees }) => trees.has(tree))
  }

  /**
   * Makes everything durable and lets the folder go.
   *
   * @throws {WriteFailedError} When writing had failed before and acknowledged commits may not be durable.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    try {
      this.#isClosing = true
      this.#idle?.cancel()
      // If it fails, writing has failed, which is looked at below.
      await this.#checkpoint?.catch(() => {})
      await this.#queue.close(() => {
        // What a full disk has left frozen comes first; what came after it stays in the log.
        return this.#frozen === undefined ? this.#freeze() : undefined
      })
      // What is in sorted files need not be read from the log by the next opening.
      if (this.#frozen !== undefined && this.failure === undefined) {
        // Without space for that, the next opening does read it.
        await this.#startCheckpoint({ writesAll: true }).catch((failure) => {
          if (this.#diskFull === undefined) throw failure
        })
      }
      // After this, recovery knows what it has to find.
      if (this.failure === undefined) await this.#noteDurable()
      else if (this.durability !== 'synced') throw new WriteFailedError('unknown', { cause: this.failure })
    } finally {
      // Neither may write to a file that is closed: its descriptor can be another file's by then.
      await this.#checkpoint?.catch(() => {})
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

  statistics(tree: number): TreeStatistics {
    const partitions = this.#partitions.map.of(tree)
    const files = partitions.flatMap(({ record }) => filesOf(record))
    const fileEntryCount = sum(files, ({ entryCount }) => entryCount)
    const tombstoneCount = sum(files, ({ tombstoneCount }) => tombstoneCount)
    const deltaCount = sum(partitions, ({ record }) => record.deltas.length)
    const inMemory = this.#memtables.map(({ trees }) => trees.get(tree)).filter((sorted) => sorted !== undefined)
    return {
      partitionCount: partitions.length,
      fileCount: files.length,
      deltaCount,
      fileByteLength: sum(files, ({ byteLength }) => byteLength),
      rawByteLength: sum(files, ({ rawByteLength }) => rawByteLength),
      liveByteLength:
        Math.round(sum(files, (file) => file.rawByteLength * shareOfLive(file))) +
        sum(inMemory, ({ byteLength }) => byteLength),
      fileEntryCount,
      tombstoneCount,
      ...countKeys({ entryCount: fileEntryCount, tombstoneCount, deltaCount }, inMemory),
    }
  }

  /** What there is, and what was done; it reads nothing from the disk. */
  totals(): StorageStatistics {
    const activity = this.#activity
    const now = activity.now()
    const files = [...this.#partitions.map.all()].flatMap(({ record }) => filesOf(record))
    const rawByteLength = sum(files, (file) => file.rawByteLength * shareOfLive(file))
    const [oldest] = this.#snapshots.values()
    const { count, byteLength } = this.#log.files
    return {
      openMs: now - activity.openedAt,
      files: { count: files.length, byteLength: sum(files, (file) => file.byteLength) },
      retiredFiles: this.#partitions.retired,
      log: {
        count: count + this.#ended.length,
        byteLength: byteLength + sum(this.#ended, (ended) => ended.byteLength),
      },
      openFileCount: this.#openFiles.count,
      liveByteLength: rawByteLength + sum(this.#memtables, (memtable) => memtable.rawByteLength),
      memtableByteLength: sum(this.#memtables, (memtable) => memtable.byteLength),
      memtableEntryCount: sum(this.#memtables, (memtable) => memtable.entryCount),
      blockCache: this.#cache.statistics,
      committedByteLength: activity.committedByteLength,
      writtenLogByteLength: this.#log.writtenByteLength,
      writtenFileByteLength: activity.fileByteLength,
      checkpointCount: activity.checkpointCount,
      checkpointMs: activity.checkpointMs,
      deltaMergeCount: activity.deltaMergeCount,
      partitionMergeCount: activity.partitionMergeCount,
      foldCount: activity.foldCount,
      mergeMs: activity.mergeMs,
      longestSliceMs: activity.longestSliceMs,
      hasThread: this.#context.thread?.isRunning === true,
      threadWrittenFileByteLength: activity.threadFileByteLength,
      snapshotCount: this.#snapshots.size,
      oldestSnapshotMs: oldest === undefined ? undefined : now - oldest,
    }
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
    return { memtables: this.#memtables, partitions: this.#partitions.map }
  }

  #checkSpace(): void {
    if (this.#diskFull !== undefined && this.failure === undefined) throw this.#diskFull
  }

  /** Throws when the database is closed. */
  checkOpen(): void {
    if (this.#isClosed) throw new DatabaseClosedError()
  }

  #publish(lsn: number, writes: readonly Write[]): void {
    let byteLength = 0
    for (const { tree, key, value } of writes) {
      this.#live.set(tree, key, value, lsn)
      byteLength += key.length + (value?.length ?? 0)
    }
    this.#activity.committedByteLength += byteLength
    this.#publishedLsn = lsn
    this.#onPublish(writes)
  }

  #afterGroup(): void {
    if (this.#diskFull === undefined) this.#checkReserve()
    const isLong = this.#log.segmentByteLength >= this.#options.segmentByteLimit
    // There may be no space for a new segment, which would stop all writing.
    if (isLong && !this.#isRotating && !this.#isClosing && this.#diskFull === undefined) {
      this.#isRotating = true
      // A failure stops the queue, and so is reported by the next commit.
      this.#queue
        .next(() => this.#rotate().then(nothing))
        .catch(nothing)
        .finally(() => {
          this.#isRotating = false
        })
    }
    if (this.#checkpoint === undefined && !this.#isClosing && this.#isCheckpointDue()) {
      // A failure stops the queue, and so is reported by the next commit.
      this.#startCheckpoint({ writesAll: false }).catch(() => {})
    }
  }

  /** What is left of the disk is for the commits that set space free. */
  #checkReserve(): void {
    const shortage = this.#log.reserve(reservedByteLength(this.#options))
    if (shortage !== undefined) this.#failed(shortage)
  }

  #isCheckpointDue(): boolean {
    const { memtableByteLimit, memtableEntryLimit, logByteLimit } = this.#options
    return (
      this.#live.byteLength >= memtableByteLimit ||
      this.#live.entryCount >= memtableEntryLimit ||
      this.#unflushedBytes() >= logByteLimit
    )
  }

  #unflushedBytes(): number {
    return this.#live.entryCount === 0 ? 0 : this.#logByteLength + this.#log.segmentByteLength
  }

  /** @returns False when there is no space for another segment. */
  async #rotate(): Promise<boolean> {
    const ended = { number: this.#log.segmentNumber, byteLength: this.#log.segmentByteLength }
    try {
      await this.#log.rotate()
    } catch (failure) {
      if (!isDiskFull(failure)) throw failure
      this.#failed(failure)
      return false
    }
    this.#logByteLength += ended.byteLength
    this.#ended.unshift(ended)
    return true
  }

  /**
   * While files are written, writers are slowed once half of their memory is used again, the more the less is left, and
   * wait for it only when there is none: memory is bounded, in bytes and in entries.
   */
  #room(): Promise<void> | undefined {
    if (this.#hasRoom()) return undefined
    const used = this.#usedShare()
    if (used >= 1) return this.#filesWritten!.then(nothing, nothing)
    const delayMs = (LONGEST_DELAY_MS * (used - SLOWED_FROM)) / (1 - SLOWED_FROM)
    return this.#environment.scheduler.delay(delayMs)
  }

  #hasRoom(): boolean {
    return this.#filesWritten === undefined || this.#usedShare() < SLOWED_FROM
  }

  /** How much of the memory for commits is used. */
  #usedShare(): number {
    const { memtableByteLimit, memtableEntryLimit } = this.#options
    return Math.max(this.#live.byteLength / memtableByteLimit, this.#live.entryCount / memtableEntryLimit)
  }

  #startCheckpoint(options: { readonly writesAll: boolean }): Promise<void> {
    this.#checkpoint ??= this.#runCheckpoint(options).finally(() => {
      this.#checkpoint = undefined
    })
    return this.#checkpoint
  }

  /** As a checkpoint it is one of the things of which only one runs at a time. */
  #startFolding(): Promise<void> {
    this.#checkpoint ??= this.#fold().finally(() => {
      this.#checkpoint = undefined
    })
    return this.#checkpoint
  }

  async #fold(): Promise<void> {
    const isHurried = () => this.#isClosing || this.#isCheckpointDue()
    const fold = async () => {
      await foldAll(this.#context, isHurried)
      await compact(this.#context, () => true, isHurried)
    }
    try {
      await this.#whileBusy(this.#activity.work(fold))
    } catch (failure) {
      throw this.#failed(failure)
    }
  }

  /** When nothing was written for a while after a checkpoint, there is time to fold what it left. */
  #foldWhenIdle(): void {
    this.#idle?.cancel()
    const lsn = this.lastLsn
    const hasDeltas = [...this.#partitions.map.all()].some(({ record }) => record.deltas.length > 0)
    if (!hasDeltas || this.#isClosing || this.#options.idleMs === Number.POSITIVE_INFINITY) return
    this.#idle = this.#environment.scheduler.after(this.#options.idleMs, () => {
      if (this.#isClosing || this.failure !== undefined) return
      // What is under way may be a drop, after which nobody would think of it any more.
      if (this.lastLsn !== lsn || this.#checkpoint !== undefined) this.#foldWhenIdle()
      else this.#startFolding().catch(nothing)
    })
  }

  async #runCheckpoint({ writesAll }: { readonly writesAll: boolean }): Promise<void> {
    // First it goes on where there was no space.
    if (this.#diskFull !== undefined && this.#frozen === undefined) await this.#merge(() => false)
    if (this.#frozen === undefined) await this.#queue.between(() => this.#freeze())
    if (this.#frozen === undefined && this.#diskFull !== undefined) throw this.#diskFull
    if (this.#frozen === undefined) return
    const before = new Set(this.#partitions.map.all())
    try {
      await this.#moveToFiles(this.#frozen, writesAll)
    } catch (failure) {
      throw this.#failed(failure)
    }
    await this.#merge((partition) => before.has(partition))
    this.#foldWhenIdle()
  }

  async #merge(isIdle: (partition: Partition) => boolean): Promise<void> {
    const isHurried = () => this.#isClosing || this.#isCheckpointDue()
    try {
      await this.#whileBusy(this.#activity.work(() => compact(this.#context, isIdle, isHurried)))
      const shortage = this.#log.reserve(reservedByteLength(this.#options))
      if (shortage !== undefined) throw shortage
      this.#diskFull = undefined
    } catch (failure) {
      throw this.#failed(failure)
    }
  }

  /** What came of a failure while files were written: a full disk is waited for, any other one stops all writing. */
  #failed(failure: unknown): Error {
    // What is frozen stays readable in memory, and recovery will find it in the log.
    if (!isDiskFull(failure)) {
      this.#queue.fail(failure)
      return failure instanceof DynafileError ? failure : refusal(failure as Error, 'unknown')
    }
    this.#diskFull = diskFullForNow(failure)
    this.#retryLater()
    return this.#diskFull
  }

  async #moveToFiles({ memtable, lsn, segment }: FrozenMemtable, writesAll: boolean): Promise<void> {
    const activity = this.#activity
    const startedAt = activity.now()
    const writing = activity.work(() => checkpoint(this.#context, memtable, { lsn, writesAll }))
    const carried = await this.#whileBusy(writing)
    await activity.work(() => this.#carry(memtable, carried))
    this.#context.checkWritable()
    await this.#partitions.beginLog({ firstSegment: segment, firstLsn: lsn + 1, durableLsn: this.#log.durableLsn })
    this.#context.checkWritable()
    this.#removeLogBefore(segment)
    activity.checkpointCount += 1
    activity.checkpointMs += activity.now() - startedAt
    this.#frozen = undefined
    this.#memtables = [this.#live]
  }

  /** Files are being written, or dropped: writers may have to wait for it, so it must not wait for them. */
  #whileBusy<T>(writing: Promise<T>): Promise<T> {
    this.#filesWritten = writing
    return writing.finally(() => {
      this.#filesWritten = undefined
    })
  }

  /** No file counts that could not be written whole, so nothing is lost by trying once more. */
  #retryLater(): void {
    this.#retry ??= this.#environment.scheduler.after(RETRY_MS, () => {
      this.#retry = undefined
      this.#tryAgain()
    })
  }

  #tryAgain(): void {
    if (this.#isClosing || this.failure !== undefined || this.#diskFull === undefined) return
    // If there is still no space, it is tried later; any other failure is reported by the next commit.
    this.#startCheckpoint({ writesAll: false }).catch(nothing)
  }

  /** Lets commits go on in a new memtable and a new segment. Nothing may be in flight, nor written before it resolves. */
  async #freeze(): Promise<void> {
    invariant(this.#frozen === undefined, 'what is frozen is in files before more is frozen')
    if (this.#live.entryCount === 0) return
    // The new segment begins with the first commit that the checkpoint does not have.
    if (!(await this.#rotate())) return
    this.#logByteLength = 0
    this.#frozen = { memtable: this.#live, lsn: this.#log.writtenLsn, segment: this.#log.segmentNumber }
    this.#live = new Memtable()
    this.#memtables = [this.#live, this.#frozen.memtable]
  }

  /**
   * Commits once more what stays in memory, so that the log of before may go: the same values under the same keys, as
   * far as nothing newer has come meanwhile. Durable when this resolves.
   */
  async #carry(frozen: Memtable, ranges: readonly CarriedRange[]): Promise<void> {
    let writes: Write[] = []
    let byteLength = 0
    const commits: Promise<number>[] = []
    const commit = () => {
      if (writes.length > 0) commits.push(this.#queue.commit(writes))
      // Whatever goes wrong is seen at the end, where all are waited for.
      commits.at(-1)?.catch(nothing)
      writes = []
      byteLength = 0
    }
    for (const { tree, bounds } of ranges) {
      const cursor = frozen.trees.get(tree)!.cursor(bounds, 'ascending')
      while (cursor.next()) {
        const key = cursor.key()
        const isOverwritten = this.#queue.pending(tree, key) !== undefined || this.#live.has(tree, key)
        if (isOverwritten) continue
        const value = cursor.isTombstone ? undefined : cursor.bytes.subarray(cursor.start, cursor.end)
        writes.push({ tree, key, value })
        const entryByteLength = key.length + cursor.end - cursor.start
        byteLength += entryByteLength
        // They were committed before.
        this.#activity.committedByteLength -= entryByteLength
        if (byteLength < this.#options.sliceByteLength) continue
        commit()
        await this.#activity.waitFor(this.#environment.scheduler.pause())
      }
    }
    commit()
    await this.#activity.waitFor(Promise.all(commits))
    // What was overwritten must be durable, too, in its newer form: it may be queued only.
    if (ranges.length > 0) await this.#activity.waitFor(this.#queue.flush())
  }

  async #noteDurable(): Promise<void> {
    try {
      await this.#manifest.edit({ durableLsn: this.#log.durableLsn })
    } catch (failure) {
      throw refusal(failure as Error, 'unknown')
    }
  }

  /** Lets go of the segments that recovery needs no more; the latest are kept for a while, for those who follow the log. */
  #removeLogBefore(segment: number): void {
    let keptByteLength = 0
    this.#ended = this.#ended.filter(({ number, byteLength }) => {
      if (number < segment) keptByteLength += byteLength
      if (keptByteLength <= this.#options.logByteLimit * RETAINED_SHARE) return true
      this.#log.recycle(number, byteLength)
      return false
    })
  }
}

/** So much is ahead in the log in any case, for commits on a full disk that set space free. */
function reservedByteLength({ segmentByteLimit }: StorageOptions): number {
  return Math.floor(segmentByteLimit * RESERVED_SHARE)
}

/** How many keys of a tree have a value: exactly, where nothing lies above anything else. */
function countKeys(
  files: { readonly entryCount: number; readonly tombstoneCount: number; readonly deltaCount: number },
  inMemory: readonly SortedTree[],
): { keyCount: number; isExact: boolean } {
  const [only] = inMemory
  if (only === undefined && files.deltaCount === 0) return { keyCount: files.entryCount, isExact: true }
  const size = sum(inMemory, (sorted) => sorted.size)
  const tombstones = size > COUNTED_ENTRIES ? 0 : sum(inMemory, (sorted) => sorted.countTombstones())
  const isAlone = files.entryCount === 0 && inMemory.length === 1 && size <= COUNTED_ENTRIES
  if (isAlone) return { keyCount: size - tombstones, isExact: true }
  // A tombstone is an entry, and so is what it removes.
  const keyCount = files.entryCount + size - 2 * (files.tombstoneCount + tombstones)
  return { keyCount: Math.max(0, keyCount), isExact: false }
}

/** The part of a file's entries that are values: what they overrule in older files is not known. */
function shareOfLive({ entryCount, tombstoneCount }: { entryCount: number; tombstoneCount: number }): number {
  return entryCount === 0 ? 0 : (entryCount - tombstoneCount) / entryCount
}

function sum<T>(list: readonly T[], numberOf: (element: T) => number): number {
  return list.reduce((total, element) => total + numberOf(element), 0)
}

function nothing(): void {}
