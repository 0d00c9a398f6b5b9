/**
 * Sorted spaces of bytes ("trees") that survive. Keys are byte strings, values bytes; what they mean is not known here.
 *
 * A commit changes any keys of any trees, all or none. Readers see published commits only: with durability `synced`,
 * those that no power cut can take back. Reads are synchronous; nothing changes within one turn of the event loop.
 */
import { DatabaseClosedError, DynafileError, FencedError, WriteFailedError } from '../errors.js'
import { type CheckpointContext, checkpoint, openPartition } from './checkpoint.js'
import type { Environment } from './environment.js'
import { openFormat, opening } from './folder.js'
import { type BulkTransaction, CommitQueue, type Committed, refusal } from './log/commit-queue.js'
import type { LogWriter } from './log/log-writer.js'
import type { Manifest } from './manifest/manifest.js'
import { PartitionMap } from './partition/partition-map.js'
import { idText, recover } from './recovery.js'
import { BlockCache, slotByteLength } from './sorted-file/block-cache.js'
import type { SortedFileContext } from './sorted-file/sorted-file-reader.js'
import type { StorageOptions } from './storage-options.js'
import { Memtable } from './tree/memtable.js'
import type { KeyBounds, RangeCursor } from './tree/range-cursor.js'
import type { Write } from './tree/write.js'
import { type Direction, type ReadableTrees, readEntry, readRange, type Sources } from './view.js'

/** The right to write to a folder, from the process lock. */
export interface FolderClaim {
  /** Grows with every claim: what an older holder wrote can be told from what a newer one did. */
  readonly epoch: number
  isHeld(): boolean
}

/** How much of the log is kept for followers once recovery needs it no more, as a share of what recovery may need. */
const RETAINED_SHARE = 1 / 8

export interface TreeStatistics {
  readonly partitionCount: number
  readonly fileByteLength: number
  readonly fileEntryCount: number
}

export class Storage implements ReadableTrees {
  readonly root: string
  readonly databaseId: string
  readonly #options: StorageOptions
  readonly #manifest: Manifest
  readonly #log: LogWriter
  readonly #queue: CommitQueue
  readonly #partitions: PartitionMap
  readonly #context: CheckpointContext
  #nextId: number
  /** Commits since the last checkpoint began. */
  #live: Memtable
  /** Commits that the running checkpoint is moving into files. */
  #frozen: Memtable | undefined
  #view: Sources
  #checkpoint: Promise<void> | undefined
  #logByteLength = 0
  /** Segments of the log that are complete, newest first. */
  #ended: { readonly number: number; readonly byteLength: number }[] = []
  #closing: Promise<void> | undefined
  #isClosed = false

  private constructor(environment: Environment, root: string, claim: FolderClaim, options: StorageOptions) {
    const { databaseId } = openFormat(environment, root)
    const preparedByteLimit = options.durability.kind === 'synced' ? options.segmentByteLimit : 0
    const recovered = opening(root, () =>
      recover(environment, root, { databaseId, epoch: claim.epoch, preparedByteLimit }),
    )
    this.root = root
    this.databaseId = idText(databaseId)
    this.#options = options
    this.#manifest = recovered.manifest
    this.#log = recovered.log
    this.#live = recovered.memtable
    this.#nextId = recovered.nextId
    const { files, checksum } = environment
    const cache = new BlockCache(options.cacheByteLimit, slotByteLength(options.blockByteLength))
    const readers: SortedFileContext = { files, checksum, cache, databaseId }
    this.#partitions = new PartitionMap(
      recovered.manifest.state.partitions.map((record) => openPartition(record, root, readers)),
    )
    this.#logByteLength = recovered.replayedByteLength
    this.#ended = [...recovered.endedSegments]
    this.#view = this.#currentView()
    this.#context = {
      environment,
      root,
      options,
      manifest: this.#manifest,
      partitions: this.#partitions,
      readers,
      nextId: () => this.#nextId++,
      endOfIds: () => this.#nextId,
      checkWritable: () => {
        if (this.failure !== undefined) throw this.failure
        if (!claim.isHeld()) throw new FencedError(root)
      },
      durableDirectories: new Set(),
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
      isOurs: () => claim.isHeld(),
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

  /** The value under a key, as readers see it: possibly a view into memory that never changes. */
  get(tree: number, key: string): Uint8Array | undefined {
    this.#checkOpen()
    return readEntry(this.#view, tree, key)
  }

  /** The value under a key as the next commit will find it: queued commits included. */
  head(tree: number, key: string): Uint8Array | undefined {
    const pending = this.#queue.pending(tree, key)
    return pending === undefined ? this.get(tree, key) : pending.value
  }

  /** What is queued for a key; each further write makes it another object. */
  queued(tree: number, key: string): object | undefined {
    return this.#queue.pending(tree, key)
  }

  /** Walks a range of published entries. Use it within one turn: commits would change what it walks over. */
  range(tree: number, bounds: KeyBounds, direction: Direction = 'ascending', tombstoneLimit?: number): RangeCursor {
    this.#checkOpen()
    return readRange(this.#view, tree, bounds, direction, tombstoneLimit)
  }

  /**
   * Commits writes, all or none, and resolves with the commit's sequence number once it is acknowledged. `onDurable` is
   * called just before that, in the order of commits. `origin` is kept in the log for whoever follows it.
   */
  commit(writes: readonly Write[], origin = 0, onDurable?: (commit: Committed) => void): Promise<number> {
    return this.#queue.commit(writes, origin, onDurable)
  }

  /**
   * Commits many transactions, each its own, and resolves once all are acknowledged: for bulk loads, as a promise for each
   * would cost more than the commit. Their writes are kept until then. If one is refused, so are those behind it.
   */
  commitAll(transactions: readonly BulkTransaction[]): Promise<void> {
    return this.#queue.commitAll(transactions)
  }

  /** What to wait for between the parts of a bulk load, so that the queue stays bounded; undefined when there is room. */
  room(): Promise<void> | undefined {
    return this.#queue.room()
  }

  /** Throws when no commit can be accepted. */
  checkWritable(): void {
    this.#queue.check()
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
    await this.#checkpoint
    await this.#startCheckpoint()
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
      if (this.failure === undefined && this.#unflushedBytes() > this.#options.logByteLimit / 16)
        await this.checkpoint()
      await this.#queue.close()
      // No other one can begin now. If it fails, writing has failed, which is looked at below.
      await this.#checkpoint?.catch(() => {})
      // After this, recovery knows what it has to find.
      if (this.failure === undefined) this.#noteDurable()
      else if (this.durability !== 'synced') throw new WriteFailedError('unknown', { cause: this.failure })
    } finally {
      // Neither may write to a file that is closed: its descriptor can be another file's by then.
      await this.#checkpoint?.catch(() => {})
      await this.#queue.ended()
      this.#isClosed = true
      this.#manifest.close()
      this.#log.close()
      for (const { file } of this.#partitions.all()) file?.close()
    }
  }

  statistics(tree: number): TreeStatistics {
    const partitions = this.#partitions.of(tree)
    let fileByteLength = 0
    let fileEntryCount = 0
    for (const { record } of partitions) {
      fileByteLength += record.file?.byteLength ?? 0
      fileEntryCount += record.file?.entryCount ?? 0
    }
    return { partitionCount: partitions.length, fileByteLength, fileEntryCount }
  }

  /** Every partition there is, for the integrity check. */
  get partitions(): PartitionMap {
    return this.#partitions
  }

  #checkOpen(): void {
    if (this.#isClosed) throw new DatabaseClosedError()
  }

  #publish(lsn: number, writes: readonly Write[]): void {
    for (const { tree, key, value } of writes) this.#live.set(tree, key, { value, lsn })
  }

  #afterGroup(): void {
    const { segmentByteLimit } = this.#options
    if (this.#log.segmentByteLength >= segmentByteLimit) this.#rotate()
    if (this.#checkpoint === undefined && this.#isCheckpointDue()) {
      // A failure stops the queue, and so is reported by the next commit.
      this.#startCheckpoint().catch(() => {})
    }
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

  #rotate(): void {
    const ended = { number: this.#log.segmentNumber, byteLength: this.#log.segmentByteLength }
    this.#log.rotate()
    this.#logByteLength += ended.byteLength
    this.#ended.unshift(ended)
  }

  /** Writers wait while the checkpoint can't keep up: memory is bounded. */
  #room(): Promise<void> | undefined {
    if (this.#frozen === undefined || this.#live.byteLength < this.#options.memtableByteLimit) return undefined
    return this.#checkpoint
  }

  #startCheckpoint(): Promise<void> {
    this.#checkpoint ??= this.#runCheckpoint().finally(() => {
      this.#checkpoint = undefined
    })
    return this.#checkpoint
  }

  async #runCheckpoint(): Promise<void> {
    let lsn = 0
    let segment = 0
    await this.#queue.between(() => {
      if (this.#live.entryCount === 0) return
      // The new segment begins with the first commit that the checkpoint does not have.
      this.#rotate()
      this.#logByteLength = 0
      segment = this.#log.segmentNumber
      lsn = this.#log.writtenLsn
      this.#frozen = this.#live
      this.#live = new Memtable()
      this.#view = this.#currentView()
    })
    if (this.#frozen === undefined) return
    try {
      await checkpoint(this.#context, this.#frozen, lsn)
      this.#context.checkWritable()
      this.#manifest.edit({ firstSegment: segment, firstLsn: lsn + 1, durableLsn: this.#log.durableLsn })
      this.#removeLogBefore(segment)
    } catch (failure) {
      // What is frozen stays readable in memory, and recovery will find it in the log.
      this.#queue.fail(failure)
      throw failure instanceof DynafileError ? failure : refusal(failure as Error, 'unknown')
    }
    this.#frozen = undefined
    this.#view = this.#currentView()
  }

  #currentView(): Sources {
    const memtables = this.#frozen === undefined ? [this.#live] : [this.#live, this.#frozen]
    return { memtables, partitions: this.#partitions }
  }

  #noteDurable(): void {
    try {
      this.#manifest.edit({ durableLsn: this.#log.durableLsn })
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
