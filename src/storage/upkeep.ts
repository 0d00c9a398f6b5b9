/**
 * Keeps memory, log and files within their bounds while commits go on: a checkpoint moves what is in memory to files, so
 * that the log before it may go; then files are merged that have become too many or too small, and folded when there is
 * nothing else to do; and trees that nobody needs are dropped. Only one of these is under way at a time.
 *
 * A failure stops all writing, but for a full disk: what could not be written stays in memory and in the log, readers see
 * it, commits are refused, and it is tried again until there is space. For the commits that set some free, a part of the
 * log is always ahead.
 */

import { invariant } from '../base/invariant.js'
import { hashKey } from '../base/key-hash.js'
import { DatabaseClosedError, DynafileError, diskFullForNow, tooManyFilesForNow } from '../errors.js'
import { type CarriedRange, checkpoint } from './checkpoint.js'
import { compact, foldAll } from './compaction.js'
import { isForWantOfDescriptors, isPassing } from './disk/passing-failure.js'
import type { CommitQueue } from './log/commit-queue.js'
import type { EndedSegments } from './log/ended-segments.js'
import type { LogWriter } from './log/log-writer.js'
import { refusal } from './log/refusal.js'
import type { FrozenMemtable, Memtables } from './memtables.js'
import type { Partition } from './partition/partition.js'
import type { PartitionStore } from './partition/partition-store.js'
import type { WriterContext } from './partition/partition-writer.js'
import type { StorageOptions } from './storage-options.js'
import type { Memtable } from './tree/memtable.js'
import type { Write } from './tree/write.js'

/** How much of the log is kept for followers once recovery needs it no more, as a share of what recovery may need. */
const RETAINED_SHARE = 1 / 8
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

/** What it looks after. */
export interface UpkeepParts {
  readonly context: WriterContext
  readonly memtables: Memtables
  readonly log: LogWriter
  readonly queue: CommitQueue
  readonly segments: EndedSegments
  /** How much log was read when the storage was opened: recovery would have to read it again. */
  readonly replayedByteLength: number
}

export class Upkeep {
  readonly #parts: UpkeepParts
  /** Set while there was no space, or no descriptor, for a file when one was last written: then nothing is accepted that would need more. */
  #passingFailure: Error | undefined
  /** A checkpoint, a folding or a drop. */
  #underWay: Promise<void> | undefined
  /** The part of it that writers wait for when memory is full. */
  #filesWritten: Promise<unknown> | undefined
  /** The trees that are dropped next, all of them together, and when they are. */
  #drops: { readonly trees: Set<number>; readonly dropped: Promise<void> } | undefined
  #idle: { cancel(): void } | undefined
  /** When it is looked again whether the disk is still full. */
  #retry: { cancel(): void } | undefined
  /** Of the log since the last freeze, or that was read when the storage was opened, what is in segments before the present one. */
  #logByteLength: number
  #isRotating = false
  #isClosing = false

  constructor(parts: UpkeepParts) {
    this.#parts = parts
    this.#logByteLength = parts.replayedByteLength
  }

  get isClosing(): boolean {
    return this.#isClosing
  }

  /** Throws when there is no space on the disk for what commits become. Whether writing has failed, the queue tells. */
  checkSpace(): void {
    if (this.#passingFailure !== undefined && this.#queue.failure === undefined) throw this.#passingFailure
  }

  /** Throws when the log has no room on a full disk for commits of so many bytes, keys and values, that set space free. */
  checkFreeing(byteLength: number): void {
    if (this.#passingFailure === undefined) return
    // What was accepted before is written first.
    const needed = this.#queue.queuedByteLength + byteLength + FRAME_OVERHEAD
    if (this.#log.reserve(needed) !== undefined) throw this.#passingFailure
  }

  /** Looks, after each group of commits, what is due. */
  afterGroup(): void {
    if (this.#passingFailure === undefined) this.#checkReserve()
    const isLong = this.#log.segmentByteLength >= this.#options.segmentByteLimit
    // There may be no space for a new segment, which would stop all writing.
    if (isLong && !this.#isRotating && !this.#isClosing && this.#passingFailure === undefined) {
      this.#isRotating = true
      // A failure stops the queue, and so is reported by the next commit.
      this.#queue
        .next(() => this.#rotate().then(nothing))
        .catch(nothing)
        .finally(() => {
          this.#isRotating = false
        })
    }
    if (this.#underWay === undefined && !this.#isClosing && this.#isCheckpointDue()) {
      // A failure stops the queue, and so is reported by the next commit.
      this.#startCheckpoint({ writesAll: false }).catch(nothing)
    }
  }

  /**
   * While files are written, writers are slowed once half of their memory is used again, the more the less is left, and
   * wait for it only when there is none: memory is bounded, in bytes and in entries.
   */
  room(): Promise<void> | undefined {
    if (this.hasRoom()) return undefined
    const used = this.#usedShare()
    if (used >= 1) return this.#filesWritten!.then(nothing, nothing)
    const delayMs = (LONGEST_DELAY_MS * (used - SLOWED_FROM)) / (1 - SLOWED_FROM)
    return this.#parts.context.environment.scheduler.delay(delayMs)
  }

  hasRoom(): boolean {
    return this.#filesWritten === undefined || this.#usedShare() < SLOWED_FROM
  }

  /**
   * Moves everything that is acknowledged now into sorted files, so that recovery has nothing to read. One that is under
   * way has begun too early, and is waited for.
   */
  async checkpoint(): Promise<void> {
    // Asked again each time: somebody else who waited may have been quicker, and what he began is not ours.
    while (this.#underWay !== undefined) await this.#underWay
    await this.#startCheckpoint({ writesAll: true })
    await this.#partitions.removed()
  }

  /** Merges everything, so that each partition is one file. It happens by itself when nothing is written for a while. */
  async compact(): Promise<void> {
    await this.checkpoint()
    while (this.#underWay !== undefined) await this.#underWay
    await this.#startFolding()
    await this.#partitions.removed()
  }

  /**
   * Removes all that there is of a tree, in one edit of the manifest. Trees that are to be dropped while something else is
   * under way are dropped together.
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
    if (this.#passingFailure !== undefined) this.#tryAgain()
  }

  /**
   * Ends the commits, and moves what is in memory to files, so that the next opening has nothing to read from the log. What
   * there is no space for, and all after a failure, stays in the log.
   */
  async close(): Promise<void> {
    const { memtables } = this.#parts
    this.#isClosing = true
    this.#idle?.cancel()
    // If it fails, writing has failed, which whoever closes looks at.
    await this.#underWay?.catch(nothing)
    await this.#queue.close(() => {
      // What a full disk has left frozen comes first; what came after it stays in the log.
      return memtables.frozen === undefined ? this.#freeze() : undefined
    })
    if (memtables.frozen === undefined || this.#queue.failure !== undefined) return
    await this.#startCheckpoint({ writesAll: true }).catch((failure) => {
      if (this.#passingFailure === undefined) throw failure
    })
  }

  /** Resolves when what is under way has ended, however it does. */
  async ended(): Promise<void> {
    await this.#underWay?.catch(nothing)
  }

  get #options(): StorageOptions {
    return this.#parts.context.options
  }

  get #log(): LogWriter {
    return this.#parts.log
  }

  get #queue(): CommitQueue {
    return this.#parts.queue
  }

  get #partitions(): PartitionStore {
    return this.#parts.context.store
  }

  #isCheckpointDue(): boolean {
    const { memtableByteLimit, memtableEntryLimit, logByteLimit } = this.#options
    const { live } = this.#parts.memtables
    return (
      live.byteLength >= memtableByteLimit ||
      live.entryCount >= memtableEntryLimit ||
      this.#unflushedByteLength() >= logByteLimit
    )
  }

  #unflushedByteLength(): number {
    return this.#parts.memtables.live.entryCount === 0 ? 0 : this.#logByteLength + this.#log.segmentByteLength
  }

  /** How much of the memory for commits is used. */
  #usedShare(): number {
    const { memtableByteLimit, memtableEntryLimit } = this.#options
    const { live } = this.#parts.memtables
    return Math.max(live.byteLength / memtableByteLimit, live.entryCount / memtableEntryLimit)
  }

  #startCheckpoint(options: { readonly writesAll: boolean }): Promise<void> {
    return this.#start(() => this.#runCheckpoint(options))
  }

  #startFolding(): Promise<void> {
    return this.#start(() => this.#fold())
  }

  /** Starts something, unless something is under way: then that is answered. */
  #start(run: () => Promise<void>): Promise<void> {
    this.#underWay ??= run().finally(() => {
      this.#underWay = undefined
    })
    return this.#underWay
  }

  async #runCheckpoint({ writesAll }: { readonly writesAll: boolean }): Promise<void> {
    const { memtables } = this.#parts
    // That a disk was full before is not why.
    if (this.#queue.failure !== undefined) throw refusal(this.#queue.failure, 'not written')
    // First it goes on where there was no space.
    if (this.#passingFailure !== undefined && memtables.frozen === undefined) await this.#merge(() => false)
    if (memtables.frozen === undefined) await this.#queue.between(() => this.#freeze())
    const { frozen } = memtables
    if (frozen === undefined && this.#passingFailure !== undefined) throw this.#passingFailure
    if (frozen === undefined) return
    const before = new Set(this.#partitions.map.all())
    try {
      await this.#moveToFiles(frozen, writesAll)
    } catch (failure) {
      throw this.#failed(failure)
    }
    await this.#merge((partition) => before.has(partition))
    this.#foldWhenIdle()
  }

  /** Lets commits go on in a new memtable and a new segment. Nothing may be in flight, nor written before it resolves. */
  async #freeze(): Promise<void> {
    const { memtables } = this.#parts
    invariant(memtables.frozen === undefined, 'what is frozen is in files before more is frozen')
    if (memtables.live.entryCount === 0) return
    // The new segment begins with the first commit that the checkpoint does not have.
    if (!(await this.#rotate())) return
    this.#logByteLength = 0
    memtables.freeze({ lsn: this.#log.writtenLsn, segment: this.#log.segmentNumber })
  }

  /** @returns False when there is no space, or no descriptor, for another segment. */
  async #rotate(): Promise<boolean> {
    const ended = { number: this.#log.segmentNumber, byteLength: this.#log.segmentByteLength }
    try {
      await this.#log.rotate()
    } catch (failure) {
      if (!isPassing(failure)) throw failure
      this.#failed(failure)
      return false
    }
    this.#logByteLength += ended.byteLength
    this.#parts.segments.add(ended)
    return true
  }

  async #moveToFiles({ memtable, lsn, segment }: FrozenMemtable, writesAll: boolean): Promise<void> {
    const { context, memtables } = this.#parts
    const { activity } = context
    const startedAt = activity.now()
    const writing = activity.work(() => checkpoint(context, memtable, { lsn, writesAll }))
    const carried = await this.#whileBusy(writing)
    await activity.work(() => this.#carry(memtable, carried))
    context.checkWritable()
    await this.#partitions.beginLog({ firstSegment: segment, firstLsn: lsn + 1, durableLsn: this.#log.durableLsn })
    context.checkWritable()
    this.#removeLogBefore(segment)
    activity.checkpointCount += 1
    activity.checkpointMs += activity.now() - startedAt
    memtables.releaseFrozen()
  }

  /**
   * Commits once more what stays in memory, so that the log of before may go: the same values under the same keys, as
   * far as nothing newer has come meanwhile. Durable when this resolves.
   */
  async #carry(frozen: Memtable, ranges: readonly CarriedRange[]): Promise<void> {
    const { context, memtables } = this.#parts
    const { activity, environment } = context
    let writes: Write[] = []
    let byteLength = 0
    const commits: Promise<undefined>[] = []
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
        const isOverwritten =
          this.#queue.pending(tree, hashKey(key)) !== undefined || memtables.live.has(tree, hashKey(key))
        if (isOverwritten) continue
        const value = cursor.isTombstone ? undefined : cursor.bytes.subarray(cursor.start, cursor.end)
        writes.push({ tree, key, value })
        const entryByteLength = key.length + cursor.end - cursor.start
        byteLength += entryByteLength
        // They were committed before.
        activity.committedByteLength -= entryByteLength
        if (byteLength < this.#options.sliceByteLength) continue
        commit()
        await activity.waitFor(environment.scheduler.pause())
      }
    }
    commit()
    await activity.waitFor(Promise.all(commits))
    // What was overwritten must be durable, too, in its newer form: it may be queued only.
    if (ranges.length > 0) await activity.waitFor(this.#queue.flush())
  }

  /** Lets go of the segments that recovery needs no more; the latest are kept for a while, for those who follow the log. */
  #removeLogBefore(segment: number): void {
    const gone = this.#parts.segments.takeBefore(segment, keptForFollowers(this.#options))
    for (const { number, byteLength } of gone) this.#log.recycle(number, byteLength)
  }

  async #merge(isIdle: (partition: Partition) => boolean): Promise<void> {
    const { context } = this.#parts
    try {
      await this.#whileBusy(context.activity.work(() => compact(context, isIdle, this.#isHurried)))
      const shortage = this.#reserve()
      if (shortage !== undefined) throw shortage
      this.#passingFailure = undefined
    } catch (failure) {
      throw this.#failed(failure)
    }
  }

  async #fold(): Promise<void> {
    const { context } = this.#parts
    const fold = async () => {
      await foldAll(context, this.#isHurried)
      await compact(context, () => true, this.#isHurried)
    }
    try {
      await this.#whileBusy(context.activity.work(fold))
    } catch (failure) {
      throw this.#failed(failure)
    }
  }

  /** Whether there is something that should not wait for what is under way. */
  readonly #isHurried = (): boolean => this.#isClosing || this.#isCheckpointDue()

  /** When nothing was written for a while after a checkpoint, there is time to fold what it left. */
  #foldWhenIdle(): void {
    this.#idle?.cancel()
    const { writtenLsn } = this.#log
    const hasDeltas = [...this.#partitions.map.all()].some(({ record }) => record.deltas.length > 0)
    if (!hasDeltas || this.#isClosing || this.#options.idleMs === Number.POSITIVE_INFINITY) return
    this.#idle = this.#parts.context.environment.scheduler.after(this.#options.idleMs, () => {
      if (this.#isClosing || this.#queue.failure !== undefined) return
      // What is under way may be a drop, after which nobody would think of it any more.
      if (this.#log.writtenLsn !== writtenLsn || this.#underWay !== undefined) this.#foldWhenIdle()
      else this.#startFolding().catch(nothing)
    })
  }

  /** @param trees More of them may come until they are dropped. */
  async #dropTogether(trees: ReadonlySet<number>): Promise<void> {
    try {
      // Those that somebody drops at once come before anything is done.
      await undefined
      // Files of the trees may be being written, or what is in memory of them committed once more.
      for (let hasWaited = false; ; hasWaited = true) {
        // At once, and not by way of another promise: others who wait would come first, and begin something.
        while (this.#underWay !== undefined) await this.#underWay.catch(nothing)
        // One drop may follow the other: what is in memory would never come to files. On a full disk it can't before.
        if (hasWaited || !this.#isCheckpointDue() || this.#isClosing || this.#passingFailure !== undefined) break
        this.#startCheckpoint({ writesAll: false }).catch(nothing)
      }
      if (this.#isClosing) throw new DatabaseClosedError()
    } finally {
      this.#drops = undefined
    }
    invariant(this.#underWay === undefined, 'nothing has begun since the drop has waited')
    await this.#start(() => this.#drop(trees))
  }

  async #drop(trees: ReadonlySet<number>): Promise<void> {
    const { context, memtables } = this.#parts
    const found = [...trees].filter((tree) => memtables.hasTree(tree) || this.#hasFilesOf(tree))
    if (found.length === 0) return
    const { lastLsn } = this.#queue
    // A power cut must not take back what says that nobody needs the trees, and leave them empty.
    await this.#queue.flush()
    try {
      context.checkWritable()
      await this.#whileBusy(this.#dropPartitions(found, lastLsn))
    } catch (failure) {
      throw this.#failed(failure)
    }
    for (const tree of found) memtables.deleteTree(tree)
  }

  async #dropPartitions(trees: readonly number[], lsn: number): Promise<void> {
    try {
      await this.#partitions.drop(trees, lsn)
    } catch (failure) {
      if (!isPassing(failure)) throw failure
      // What the log has ahead is enough for the line in the manifest, and a file that goes for what comes then.
      this.#log.release()
      await this.#partitions.drop(trees, lsn)
    }
  }

  #hasFilesOf(tree: number): boolean {
    return this.#partitions.map.of(tree).some(({ files }) => files.length > 0)
  }

  /** Files are being written, or dropped: writers may have to wait for it, so it must not wait for them. */
  #whileBusy<T>(writing: Promise<T>): Promise<T> {
    this.#filesWritten = writing
    return writing.finally(() => {
      this.#filesWritten = undefined
    })
  }

  /** What came of a failure while files were written: space, or a descriptor, is waited for, any other one stops all writing. */
  #failed(failure: unknown): Error {
    // What is frozen stays readable in memory, and recovery will find it in the log.
    if (!isPassing(failure)) {
      this.#queue.fail(failure)
      return failure instanceof DynafileError ? failure : refusal(failure as Error, 'unknown')
    }
    this.#passingFailure = isForWantOfDescriptors(failure) ? tooManyFilesForNow(failure) : diskFullForNow(failure)
    this.#retryLater()
    return this.#passingFailure
  }

  /** What is left of the disk is for the commits that set space free. */
  #checkReserve(): void {
    const shortage = this.#reserve()
    if (shortage !== undefined) this.#failed(shortage)
  }

  /** Answers what is in the way. */
  #reserve(): ReturnType<LogWriter['reserve']> {
    return this.#log.reserve(reservedByteLength(this.#options))
  }

  /** No file counts that could not be written whole, so nothing is lost by trying once more. */
  #retryLater(): void {
    this.#retry ??= this.#parts.context.environment.scheduler.after(RETRY_MS, () => {
      this.#retry = undefined
      this.#tryAgain()
    })
  }

  #tryAgain(): void {
    if (this.#isClosing || this.#queue.failure !== undefined || this.#passingFailure === undefined) return
    // If there is still no space, it is tried later; any other failure is reported by the next commit.
    this.#startCheckpoint({ writesAll: false }).catch(nothing)
  }
}

/** So much of the log is kept once recovery needs it no more. */
export function keptForFollowers({ logByteLimit }: StorageOptions): number {
  return logByteLimit * RETAINED_SHARE
}

/** So much is ahead in the log in any case, for commits on a full disk that set space free. */
export function reservedByteLength({ segmentByteLimit }: StorageOptions): number {
  return Math.floor(segmentByteLimit * RESERVED_SHARE)
}

function nothing(): void {}
