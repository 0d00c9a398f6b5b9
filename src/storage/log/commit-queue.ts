/**
 * One writer at a time, and everyone who waited shares a sync: while a group of commits is being made durable the next
 * ones gather, and become the next group.
 *
 * Invariants:
 *   - Commits are published, and then acknowledged, in the order in which they came.
 *   - With durability `synced`, both happen after their sync: no reader sees what a power cut could still take back.
 *   - After a write or a sync has failed nothing more is written or acknowledged. The kernel may have dropped the pages
 *     and would report success next time; only recovery can tell what is there.
 */
import { ByteWriter } from '../../base/byte-writer.js'
import type { Clock } from '../../base/clock.js'
import type { Scheduler } from '../../base/scheduler.js'
import { DatabaseClosedError, DiskFullError, DynafileError, FencedError, WriteFailedError } from '../../errors.js'
import type { Write } from '../tree/write.js'
import { encodeTransaction } from './log-format.js'
import type { LogWriter } from './log-writer.js'

/** When a commit is acknowledged: after its sync, or as soon as the system has it, with a sync now and then, or none. */
export type Durability =
  | { readonly kind: 'synced' }
  | { readonly kind: 'interval'; readonly intervalMs: number }
  | { readonly kind: 'system' }

const GROUP_BYTE_LIMIT = 4 * 1024 * 1024
const GROUP_COMMIT_LIMIT = 2048

/** A commit that has been acknowledged. */
export interface Committed {
  readonly lsn: number
  /** Microseconds since 1970, more than any commit before. */
  readonly timestamp: number
}

interface Commit extends Committed {
  readonly writes: readonly Write[]
  readonly onDurable: ((commit: Committed) => void) | undefined
  readonly resolve: (lsn: number) => void
  readonly reject: (failure: Error) => void
}

interface Waiter {
  readonly resolve: () => void
  readonly reject: (failure: Error) => void
}

interface Group {
  readonly kind: 'group'
  readonly commits: Commit[]
  readonly payload: ByteWriter
  readonly waiters: Waiter[]
}

interface Task {
  readonly kind: 'task'
  readonly run: () => void | Promise<void>
  readonly waiter: Waiter
}

export interface CommitQueueOptions {
  readonly log: LogWriter
  readonly durability: Durability
  readonly scheduler: Scheduler
  readonly clock: Clock
  /** Makes a commit visible to readers. */
  readonly publish: (lsn: number, writes: readonly Write[]) => void
  /** Called after each group, before the next one is written. */
  readonly afterGroup: () => void
  /** Resolves when there is memory for more, or is undefined when there is now. */
  readonly room: () => Promise<void> | undefined
  /** Whether this process still holds the folder. */
  readonly isOurs: () => boolean
  readonly root: string
}

export class CommitQueue {
  readonly #options: CommitQueueOptions
  readonly #queue: (Group | Task)[] = []
  /** What is written but not yet published, by tree and key: commits that follow are checked against it. */
  readonly #pending = new Map<number, Map<string, { value: Uint8Array | undefined; lsn: number }>>()
  #inFlight: Group | undefined
  #isRunning = false
  #running: Promise<void> = Promise.resolve()
  #isClosed = false
  #failure: Error | undefined
  #lastLsn: number
  #timestamp: number
  #spare: ByteWriter | undefined
  #interval: { cancel(): void } | undefined

  constructor(options: CommitQueueOptions) {
    this.#options = options
    this.#lastLsn = options.log.writtenLsn
    this.#timestamp = options.log.timestamp
  }

  get failure(): Error | undefined {
    return this.#failure
  }

  /** What stands under a key once everything queued is published: undefined when nothing is queued for it. */
  pending(tree: number, key: string): { readonly value: Uint8Array | undefined } | undefined {
    return this.#pending.get(tree)?.get(key)
  }

  /** Throws when no commit can be accepted. */
  check(): void {
    if (this.#failure !== undefined) throw refusal(this.#failure, 'not written')
    if (this.#isClosed) throw new DatabaseClosedError()
  }

  /**
   * Queues a commit and resolves with its sequence number once it is acknowledged. `onDurable` is called just before,
   * in the order of commits.
   */
  commit(writes: readonly Write[], origin = 0, onDurable?: (commit: Committed) => void): Promise<number> {
    this.check()
    const group = this.#openGroup()
    const lsn = ++this.#lastLsn
    const timestamp = Math.max(this.#timestamp + 1, Math.floor(this.#options.clock.now() * 1000))
    this.#timestamp = timestamp
    encodeTransaction(group.payload, { timestamp, origin, writes })
    for (const { tree, key, value } of writes) {
      let keys = this.#pending.get(tree)
      if (keys === undefined) this.#pending.set(tree, (keys = new Map()))
      keys.set(key, { value, lsn })
    }
    const acknowledged = new Promise<number>((resolve, reject) => {
      group.commits.push({ lsn, timestamp, writes, onDurable, resolve, reject })
    })
    this.#start()
    return acknowledged
  }

  /**
   * Resolves when all that was queued until now is acknowledged; undefined when nothing is. An answer that was found
   * by looking at queued commits must wait for them: it would be a lie if they were lost.
   */
  settled(): Promise<void> | undefined {
    if (this.#failure !== undefined) return undefined
    const last = this.#queue.findLast((entry) => entry.kind === 'group') ?? this.#inFlight
    if (last === undefined) return undefined
    return new Promise((resolve, reject) => last.waiters.push({ resolve, reject }))
  }

  /** Runs a task when nothing is in flight, after all that was queued until now and before all that comes later. */
  between(run: () => void | Promise<void>): Promise<void> {
    this.check()
    return this.#enqueueTask(run)
  }

  /** Makes everything acknowledged until now durable. */
  flush(): Promise<void> {
    return this.between(() => this.#syncLog())
  }

  /** Acknowledges and makes durable what is queued, then runs a last task; accepts nothing afterwards. */
  async close(last: () => void = () => {}): Promise<void> {
    this.#isClosed = true
    this.#interval?.cancel()
    if (this.#failure !== undefined) return
    await this.#enqueueTask(() => this.#syncLog().then(last))
  }

  /** Resolves when nothing is under way: even after a failure a sync may be, and the files have to stay open for it. */
  ended(): Promise<void> {
    return this.#running
  }

  /** Stops for good: whatever waits is refused, nothing is written any more. */
  fail(cause: unknown): void {
    if (this.#failure !== undefined) return
    this.#failure = cause instanceof Error ? cause : new Error(String(cause))
    this.#interval?.cancel()
    const inFlight = this.#inFlight
    this.#inFlight = undefined
    this.#pending.clear()
    if (inFlight !== undefined) rejectGroup(inFlight, refusal(this.#failure, 'unknown'))
    for (const entry of this.#queue.splice(0)) {
      if (entry.kind === 'group') rejectGroup(entry, refusal(this.#failure, 'not written'))
      else entry.waiter.reject(refusal(this.#failure, 'not written'))
    }
  }

  #enqueueTask(run: () => void | Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ kind: 'task', run, waiter: { resolve, reject } })
      this.#start()
    })
  }

  #openGroup(): Group {
    const last = this.#queue.at(-1)
    if (last?.kind === 'group' && last.commits.length < GROUP_COMMIT_LIMIT && last.payload.length < GROUP_BYTE_LIMIT) {
      return last
    }
    const payload = this.#spare ?? new ByteWriter(16 * 1024)
    this.#spare = undefined
    payload.clear()
    const group: Group = { kind: 'group', commits: [], payload, waiters: [] }
    this.#queue.push(group)
    return group
  }

  #start(): void {
    if (this.#isRunning) return
    this.#isRunning = true
    // Not at once: everything that this turn of the caller's code commits belongs into the first group.
    this.#running = Promise.resolve().then(() => this.#run())
  }

  async #run(): Promise<void> {
    for (let entry = this.#queue.shift(); entry !== undefined; entry = this.#queue.shift()) {
      try {
        if (entry.kind === 'task') await this.#runTask(entry)
        else {
          this.#inFlight = entry
          const written = this.#write(entry)
          // Where nothing has to be waited for, nothing is: an await would cost more than the write.
          if (written !== undefined) await written
          this.#acknowledge(entry)
        }
      } catch (failure) {
        this.fail(failure)
      }
      if (this.#failure !== undefined) break
    }
    this.#isRunning = false
  }

  async #runTask(task: Task): Promise<void> {
    try {
      await task.run()
    } catch (failure) {
      const refused = failure instanceof DynafileError ? failure : refusal(failure as Error, 'unknown')
      task.waiter.reject(refused)
      throw failure
    }
    task.waiter.resolve()
  }

  #write(group: Group): Promise<void> | undefined {
    const room = this.#options.room()
    if (room !== undefined) return room.then(() => this.#append(group))
    return this.#append(group)
  }

  #append(group: Group): Promise<void> | undefined {
    // A failure may have come from elsewhere while this group waited.
    if (this.#failure !== undefined) throw this.#failure
    const { log, durability } = this.#options
    log.append(group.payload.view(), group.commits.length, group.commits.at(-1)!.timestamp)
    if (durability.kind === 'synced') return log.sync('log-frame')
    if (durability.kind === 'interval') this.#syncAfter(durability.intervalMs)
    return undefined
  }

  #acknowledge(group: Group): void {
    if (this.#failure !== undefined) return
    if (!this.#options.isOurs()) throw new FencedError(this.#options.root)
    this.#inFlight = undefined
    for (const commit of group.commits) {
      const { lsn, writes } = commit
      this.#options.publish(lsn, writes)
      for (const { tree, key } of writes) {
        const keys = this.#pending.get(tree)
        if (keys?.get(key)?.lsn === lsn) keys.delete(key)
      }
      commit.onDurable?.(commit)
      commit.resolve(lsn)
    }
    for (const waiter of group.waiters) waiter.resolve()
    this.#spare ??= group.payload
    this.#options.afterGroup()
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
    if (log.durableLsn < log.writtenLsn) await log.sync('log-flush')
  }
}

function rejectGroup(group: Group, failure: Error): void {
  for (const commit of group.commits) commit.reject(failure)
  for (const waiter of group.waiters) waiter.reject(failure)
}

/** What somebody is told whose write was not, or may not have been, stored because of a failure. */
export function refusal(cause: Error, outcome: 'unknown' | 'not written'): Error {
  if (cause instanceof FencedError) return cause
  const code = (cause as NodeJS.ErrnoException).code
  const isFull = code === 'ENOSPC' || code === 'EDQUOT'
  return isFull ? new DiskFullError(outcome, { cause }) : new WriteFailedError(outcome, { cause })
}
