/**
 * One writer at a time, and everyone who waited shares a sync: while a group of commits is being made durable the next
 * ones gather, and become the next group. Who is alone does not wait for the thread pool: see sync-choice.ts; many may be
 * two groups that take turns: see group-size.ts.
 *
 * Invariants:
 *   - Commits are published, and then acknowledged, in the order in which they came.
 *   - With durability `synced`, both happen after their sync: no reader sees what a power cut could still take back.
 *   - Commits that follow each other without a pause let others run every few milliseconds: a loop of awaited writes may
 *     never wait for anything else.
 *   - After a write or a sync has failed nothing more is written or acknowledged. The kernel may have dropped the pages
 *     and would report success next time; only recovery can tell what is there.
 */
import { type BytesInView, bytesOf } from '../../base/bytes.js'
import type { Clock, MonotonicClock } from '../../base/clock.js'
import { invariant } from '../../base/invariant.js'
import type { HashedKey } from '../../base/key-hash.js'
import { OthersTurn } from '../../base/others-turn.js'
import type { Scheduler } from '../../base/scheduler.js'
import { DatabaseClosedError, DynafileError, FencedError } from '../../errors.js'
import { checkOurs, reasonOf } from '../disk/owned-folder.js'
import type { KeyBounds } from '../tree/cursor.js'
import type { Write } from '../tree/write.js'
import {
  type BulkTransaction,
  type Commit,
  type Committed,
  checkCommitFits,
  checkTogetherFit,
  GROUP_BYTE_LIMIT,
} from './commit.js'
import { CommitGroup } from './commit-group.js'
import { EncodedCommits } from './encoded-commits.js'
import { GroupSize } from './group-size.js'
import type { LogWriter } from './log-writer.js'
import { PackedCommits } from './packed-commits.js'
import { PendingWrites } from './pending-writes.js'
import { QueueRoom } from './queue-room.js'
import { refusal } from './refusal.js'
import { SyncChoice } from './sync-choice.js'

/** When a commit is acknowledged: after its sync, or as soon as the system has it, with a sync now and then, or none. */
export type Durability =
  | { readonly kind: 'synced' }
  | { readonly kind: 'interval'; readonly intervalMs: number }
  | { readonly kind: 'system' }

/** A group of so many takes no more. */
const GROUP_COMMIT_LIMIT = 2048
/**
 * Whether the folder is still ours, and the log in it, is looked at closely no more often: in between at a glance, and without
 * syncs not at all.
 */
const CLAIM_MS = 5

const RESOLVED = Promise.resolve()

function nothing(): void {}

interface Task {
  readonly kind: 'task'
  readonly run: () => void | Promise<void>
  readonly resolve: () => void
  readonly reject: (failure: Error) => void
}

export interface CommitQueueOptions {
  readonly log: LogWriter
  readonly durability: Durability
  readonly scheduler: Scheduler
  readonly clock: Clock
  readonly monotonicClock: MonotonicClock
  /** Makes a commit visible to readers, … */
  readonly publish: (lsn: number, writes: readonly Write[]) => void
  /** … and many. */
  readonly publishEncoded: (commits: EncodedCommits) => void
  /** Called after each group; the next one may have been written, and be under way. */
  readonly afterGroup: () => void
  /** Resolves when there is memory for what is written, or is undefined when there is now. */
  readonly room: () => Promise<void> | undefined
  /** Whether there is now. */
  readonly hasRoom: () => boolean
  /** Whether this process still holds the folder, looked at closely or at a glance. */
  readonly isOurs: (look?: 'glance') => boolean
  readonly root: string
}

export class CommitQueue {
  readonly #options: CommitQueueOptions
  readonly #queue: (CommitGroup | Task)[] = []
  readonly #pending = new PendingWrites()
  readonly #syncChoice = new SyncChoice()
  readonly #groupSize = new GroupSize()
  /** How much is queued. */
  readonly #room = new QueueRoom()
  /** Written and not acknowledged: one, or for a moment two. */
  readonly #inFlight: CommitGroup[] = []
  /** The sync of a group that was begun before those behind it were looked at. */
  #begun: Promise<void> | undefined
  #isRunning = false
  #isClosed = false
  #failure: Error | undefined
  #lastLsn: number
  #timestamp: number
  /** Of a group that is done: the next one takes its memory. */
  #spare: CommitGroup | undefined
  #interval: { cancel(): void } | undefined
  readonly #othersTurn: OthersTurn
  #claimCheckedAt = Number.NEGATIVE_INFINITY
  readonly #ended: (() => void)[] = []

  constructor(options: CommitQueueOptions) {
    this.#options = options
    this.#othersTurn = new OthersTurn(options.scheduler)
    this.#lastLsn = options.log.writtenLsn
    this.#timestamp = options.log.timestamp
  }

  get failure(): Error | undefined {
    return this.#failure
  }

  /**
   * What stands under a key once everything queued is published: undefined when nothing is queued for it. Each further
   * write makes it another object.
   */
  pending(tree: number, key: HashedKey): { readonly value: Uint8Array | undefined } | undefined {
    return this.#pending.find(tree, key)
  }

  /** Throws when no commit can be accepted. */
  check(): void {
    if (this.#failure !== undefined) throw refusal(this.#failure, 'not written')
    if (this.#isClosed) throw new DatabaseClosedError()
  }

  /**
   * Queues a commit and resolves once it is acknowledged. `onDurable` is called just before, in the order of commits. Who
   * commits in the same turn may get the same promise.
   */
  commit(writes: readonly Write[], origin = 0, onDurable?: (commit: Committed) => void): Promise<undefined> {
    this.check()
    const byteLength = checkCommitFits(writes)
    const group = this.#openGroup(byteLength, this.#commitLimit)
    // First: there may be no memory for the commit, and the group is queued all the same.
    this.#start()
    this.#add(group, writes, origin, onDurable, this.#microseconds())
    return group.acknowledged
  }

  /**
   * The same of a commit of one write, whose key and value are lent: they need to be there for this call alone, in which none
   * of the caller's code runs.
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
    this.check()
    const group = this.#openGroup(0, this.#commitLimit)
    this.#start()
    const now = microsecondsOf(nowMs)
    const framed = group.framed(tree)
    if (framed === undefined) {
      const writes = [{ tree, key: key.text, value: value && new Uint8Array(bytesOf(value)) }]
      this.#add(group, writes, origin, undefined, now)
      return group.acknowledged
    }
    const lsn = this.#lastLsn + 1
    const timestamp = Math.max(this.#timestamp + 1, now)
    this.#room.add(1, group.addFramed(key, value, origin, lsn, timestamp))
    this.#lastLsn = lsn
    this.#timestamp = timestamp
    this.#pending.addEncoded(framed, 1)
    return group.acknowledged
  }

  /**
   * Queues many commits, each its own, and resolves once all of them are acknowledged. If one is refused, so are those
   * behind it.
   */
  commitAll(transactions: readonly (BulkTransaction | PackedCommits)[]): Promise<void> {
    this.check()
    if (transactions.length === 0) return RESOLVED
    const now = this.#microseconds()
    const groups: CommitGroup[] = []
    this.#start()
    for (const transaction of transactions) {
      const group = this.#addBulk(transaction, now)
      if (groups.at(-1) !== group) groups.push(group)
    }
    // Those that were written are refused first: what is said of the whole is that it may be stored in part.
    return groups.length === 1
      ? groups[0]!.acknowledged
      : Promise.all(groups.map(({ acknowledged }) => acknowledged)).then(nothing)
  }

  /**
   * Queues several commits that are acknowledged, found by recovery and seen by readers all or none: they lie in one frame
   * of the log, which counts as a whole, and are published in one turn.
   */
  commitTogether(transactions: readonly BulkTransaction[]): Promise<void> {
    this.check()
    if (transactions.length === 0) return RESOLVED
    const byteLength = checkTogetherFit(transactions)
    const now = this.#microseconds()
    const group = this.#openGroup(byteLength)
    this.#start()
    // All or none: when the first is added there is memory for the last.
    group.frame.reserve(byteLength)
    for (const { writes, origin, onDurable } of transactions) this.#add(group, writes, origin, onDurable, now)
    return group.acknowledged
  }

  /** Of the log, what is queued and not yet published needs at most so much. */
  get queuedByteLength(): number {
    return this.#room.byteLength
  }

  /** The sequence number of the last commit that was queued. */
  get lastLsn(): number {
    return this.#lastLsn
  }

  /** The keys in the range for which something is queued, and not yet published. */
  pendingKeys(tree: number, bounds: KeyBounds): ReadonlySet<string> {
    return this.#pending.keysIn(tree, bounds)
  }

  /** What is queued, or being written, and readers do not see yet, in its order: who is told of it may be added. */
  *unpublished(): Generator<Commit, void> {
    for (const group of this.#inFlight) if (!group.isPublished) yield* group.commits()
    for (const entry of this.#queue) if (entry.kind === 'group') yield* entry.commits()
  }

  /** Resolves when there is room for more; undefined when there is now. */
  room(): Promise<void> | undefined {
    // After a failure the next commit says why.
    return this.#failure === undefined ? this.#room.wait() : undefined
  }

  /**
   * Resolves when all that was queued until now is acknowledged; undefined when nothing is. An answer that was found
   * by looking at queued commits must wait for them: it would be a lie if they were lost.
   */
  settled(): Promise<void> | undefined {
    if (this.#failure !== undefined) return undefined
    const last = this.#queue.findLast((entry) => entry.kind === 'group') ?? this.#inFlight.at(-1)
    return last?.acknowledged
  }

  /** Runs a task when nothing is in flight, after all that was queued until now and before all that comes later. */
  between(run: () => void | Promise<void>): Promise<void> {
    this.check()
    return this.#enqueueTask(run)
  }

  /** The same before anything that is queued; called when a group has just been acknowledged. */
  next(run: () => Promise<void>): Promise<void> {
    return this.#enqueueTask(run, 'first')
  }

  /** Makes everything acknowledged until now durable. */
  flush(): Promise<void> {
    return this.between(() => this.#syncLog())
  }

  /** Acknowledges and makes durable what is queued, then runs a last task; accepts nothing afterwards. */
  async close(last: () => void | Promise<void> = () => {}): Promise<void> {
    this.#isClosed = true
    this.#interval?.cancel()
    if (this.#failure !== undefined) return
    await this.#enqueueTask(async () => {
      await this.#syncLog()
      await last()
      this.#options.log.trim()
    })
  }

  /** Resolves when nothing is under way: even after a failure a sync may be, and the files have to stay open for it. */
  ended(): Promise<void> {
    return this.#isRunning ? new Promise((resolve) => this.#ended.push(resolve)) : RESOLVED
  }

  /** Stops for good: whatever waits is refused, nothing is written any more. */
  fail(cause: unknown): void {
    if (this.#failure !== undefined) return
    this.#failure = this.#reasonOf(cause)
    this.#interval?.cancel()
    const inFlight = this.#inFlight.splice(0)
    this.#pending.clear()
    const entries = this.#queue.splice(0)
    for (const group of inFlight) group.refuse(this.#failure, 'unknown')
    for (const entry of entries) {
      if (entry.kind === 'group') entry.refuse(this.#failure, 'not written')
      else entry.reject(refusal(this.#failure, 'not written'))
    }
    this.#room.open()
  }

  #reasonOf(failure: unknown): Error {
    const reason = failure instanceof Error ? failure : new Error(String(failure))
    return reasonOf(this.#options, reason)
  }

  #microseconds(): number {
    return microsecondsOf(this.#options.clock.now())
  }

  /** Of the group that single commits are added to. A burst is no more than one group longer than it would be without a limit. */
  get #commitLimit(): number {
    return this.#queue.length > 1 ? GROUP_COMMIT_LIMIT : Math.min(GROUP_COMMIT_LIMIT, this.#groupSize.limit)
  }

  #add(
    group: CommitGroup,
    writes: readonly Write[],
    origin: number,
    onDurable: ((commit: Committed) => void) | undefined,
    now: number,
  ): void {
    const lsn = this.#lastLsn + 1
    const timestamp = Math.max(this.#timestamp + 1, now)
    const commit: Commit = { lsn, timestamp, origin, writes, onDurable }
    this.#room.add(1, group.add(commit))
    // Not before it is in the group, for which there may be no memory.
    this.#lastLsn = lsn
    this.#timestamp = timestamp
    this.#pending.add(writes)
  }

  /** Says which group it is in. */
  #addBulk(transaction: BulkTransaction | PackedCommits, now: number): CommitGroup {
    if (transaction instanceof PackedCommits) {
      const group = this.#openGroup(transaction.byteLength)
      this.#addPacked(group, transaction, now)
      return group
    }
    const { writes, origin, onDurable } = transaction
    const group = this.#openGroup(checkCommitFits(writes))
    this.#add(group, writes, origin, onDurable, now)
    return group
  }

  #addPacked(group: CommitGroup, commits: PackedCommits, now: number): void {
    this.#room.add(commits.count, group.addPacked(commits, Math.max(this.#timestamp + 1, now)))
    commits.firstLsn = this.#lastLsn + 1
    this.#lastLsn += commits.count
    this.#timestamp = group.timestamp
    this.#pending.addEncoded(commits, commits.count)
  }

  #enqueueTask(run: () => void | Promise<void>, place: 'first' | 'last' = 'last'): Promise<void> {
    return new Promise((resolve, reject) => {
      const task: Task = { kind: 'task', run, resolve, reject }
      if (place === 'first') this.#queue.unshift(task)
      else this.#queue.push(task)
      this.#start()
    })
  }

  /**
   * @param byteLength Of what is to be added, if that is much.
   * @param commitLimit The group has fewer commits until now.
   */
  #openGroup(byteLength = 0, commitLimit: number = GROUP_COMMIT_LIMIT): CommitGroup {
    const last = this.#queue.at(-1)
    if (last?.kind === 'group' && last.takes(byteLength, commitLimit)) return last
    const group = this.#spare ?? new CommitGroup()
    this.#spare = undefined
    this.#room.add(0, group.byteLength)
    this.#queue.push(group)
    return group
  }

  #start(): void {
    if (this.#isRunning) return
    this.#isRunning = true
    // Not at once: everything that this turn of the caller's code commits belongs into the first group.
    RESOLVED.then(this.#run)
  }

  /** Where nothing has to be waited for, nothing is: an await would cost more than the write. */
  readonly #run = (): void => {
    while (this.#begun !== undefined || this.#queue.length > 0) {
      const waiting = this.#takeBegun() ?? this.#turn() ?? this.#runNext()
      if (waiting !== undefined) {
        waiting.then(this.#run)
        return
      }
    }
    this.#isRunning = false
    for (const resolve of this.#ended) resolve()
  }

  /** What has to be waited for so that others run, if they did not for a while. */
  #turn(): Promise<void> | undefined {
    return this.#othersTurn.due(this.#options.monotonicClock.now())
  }

  #takeBegun(): Promise<void> | undefined {
    const begun = this.#begun
    this.#begun = undefined
    return begun?.catch((failure) => this.fail(failure))
  }

  #runNext(): Promise<void> | undefined {
    const entry = this.#queue.shift()!
    if (entry.kind === 'group' && entry.count === 0) {
      // There was no memory for the commit that it was made for.
      entry.acknowledge()
      this.#release(entry)
      return undefined
    }
    try {
      const waiting = entry.kind === 'task' ? this.#runTask(entry) : this.#runGroup(entry)
      return waiting?.catch((failure) => this.fail(failure))
    } catch (failure) {
      this.fail(failure)
      return undefined
    }
  }

  async #runTask(task: Task): Promise<void> {
    try {
      await task.run()
    } catch (failure) {
      const reason = this.#reasonOf(failure)
      task.reject(reason instanceof DynafileError ? reason : refusal(reason, 'unknown'))
      throw reason
    }
    task.resolve()
  }

  #runGroup(group: CommitGroup): Promise<void> | undefined {
    this.#inFlight.push(group)
    const room = this.#options.room()
    return room === undefined ? this.#write(group) : room.then(() => this.#write(group))
  }

  #write(group: CommitGroup): Promise<void> | undefined {
    // A failure may have come from elsewhere while this group waited.
    if (this.#failure !== undefined) throw this.#failure
    const { log, durability } = this.#options
    log.append(group.frame, group.count, group.timestamp)
    if (durability.kind === 'synced') return this.#sync(group)
    if (durability.kind === 'interval') this.#syncAfter(durability.intervalMs)
    this.#acknowledge(group)
    return undefined
  }

  #sync(group: CommitGroup): Promise<void> | undefined {
    const { log, monotonicClock } = this.#options
    const startedAt = monotonicClock.now()
    if (this.#syncChoice.isLater(group.count + this.#queue.length, startedAt)) {
      return log.syncLater('log-frame').then(() => this.#synced(group))
    }
    log.sync('log-frame')
    this.#syncChoice.held(startedAt, monotonicClock.now())
    this.#acknowledge(group)
    return undefined
  }

  /** The sync of the next group begins before those who waited for this one go on: it is under way while they do. */
  #synced(group: CommitGroup): void {
    if (this.#failure !== undefined) return
    const next = this.#queue[0]
    try {
      if (next?.kind !== 'group' || next.count <= 1 || !this.#options.hasRoom()) return
      // Where syncs take no time, in memory, all would go on here, and nobody else ever run.
      if (this.#begun !== undefined || this.#turn() !== undefined) return
      this.#queue.shift()
      this.#inFlight.push(next)
      this.#begun = this.#write(next)
    } finally {
      this.#acknowledge(group)
    }
  }

  #acknowledge(group: CommitGroup): void {
    if (this.#failure !== undefined) return
    this.#checkClaim()
    invariant(this.#inFlight[0] === group, 'groups are acknowledged in the order in which they were written')
    for (const entry of group.entries) this.#publish(entry)
    group.isPublished = true
    // Not before all are published: who is told of one sees those that belong together with it.
    group.acknowledge()
    const { count } = group
    if (this.#inFlight[0] === group) this.#inFlight.shift()
    this.#release(group)
    if (this.#options.durability.kind === 'synced') {
      this.#groupSize.acknowledged(count, this.#room.commitCount, this.#options.monotonicClock.now())
    }
    this.#options.afterGroup()
  }

  #publish(entry: Commit | EncodedCommits): void {
    if (entry instanceof EncodedCommits) {
      this.#options.publishEncoded(entry)
      this.#pending.remove(entry.count)
      return
    }
    this.#options.publish(entry.lsn, entry.writes)
    this.#pending.remove(entry.writes.length)
  }

  /** Without syncs a commit may be lost with the power; that one may be with the folder, for a moment, is no more. */
  #checkClaim(): void {
    const { durability, isOurs, root, monotonicClock, log } = this.#options
    // Now, and not before the group was written: that may have taken long, or the process have been stopped meanwhile.
    const now = monotonicClock.now()
    const isGlance = now - this.#claimCheckedAt < CLAIM_MS
    if (isGlance && durability.kind !== 'synced') return
    if (!isGlance) this.#claimCheckedAt = now
    if (!isOurs(isGlance ? 'glance' : undefined)) throw new FencedError(root)
    if (!isGlance) log.checkNamed()
  }

  #release(group: CommitGroup): void {
    this.#room.remove(group.count, group.byteLength)
    // The memory of a very large one is not kept for small ones.
    const isLarge = group.frame.length > 2 * GROUP_BYTE_LIMIT
    group.clear()
    if (!isLarge) this.#spare ??= group
  }

  #syncAfter(intervalMs: number): void {
    if (this.#interval !== undefined || this.#isClosed) return
    this.#interval = this.#options.scheduler.after(intervalMs, () => {
      this.#interval = undefined
      // A failure poisons the queue, and so is reported by the next commit.
      if (this.#failure === undefined && !this.#isClosed) this.flush().catch(() => {})
    })
  }

  async #syncLog(): Promise<void> {
    const { log } = this.#options
    if (log.durableLsn < log.writtenLsn) await log.syncLater('log-flush')
    // What was acknowledged without a look at the claim may be in the log of a folder that is another's.
    checkOurs(this.#options)
    log.checkNamed()
  }
}

/** @param ms Of which the fractions count, too. */
function microsecondsOf(ms: number): number {
  return Math.floor(ms * 1000)
}
