/** Commits that are written as one frame of the log, made durable by one sync, and acknowledged together. */
import { ByteWriter } from '../../base/byte-writer.js'
import { COMMIT_BYTE_LIMIT, type Commit, GROUP_BYTE_LIMIT } from './commit.js'
import { beginFrame, encodeTransaction, FRAME_ALIGNMENT, FRAME_HEADER_LENGTH } from './log-format.js'
import { refusal } from './refusal.js'

/** What is in the log of a group beside its commits, at most. */
const FRAME_OVERHEAD: number = FRAME_HEADER_LENGTH + FRAME_ALIGNMENT
const USUAL_FRAME_LENGTH: number = 16 * 1024

/** Somebody who waits for several commits. */
interface Waiter {
  /** The first of them. */
  readonly firstLsn: number
  readonly resolve: () => void
  readonly reject: (failure: Error) => void
}

export class CommitGroup {
  readonly kind = 'group'
  readonly commits: Commit[] = []
  readonly frame: ByteWriter = new ByteWriter(USUAL_FRAME_LENGTH)
  readonly #waiters: Waiter[] = []
  #byteLength = 0

  constructor() {
    this.clear()
  }

  /** Of its frame, at most. */
  get byteLength(): number {
    return this.#byteLength
  }

  /**
   * Whether a commit may join it.
   *
   * @param byteLength Of the commit, if that is much.
   * @param commitLimit The group has fewer commits until now.
   */
  takes(byteLength: number, commitLimit: number): boolean {
    const { length } = this.frame
    const isOpen = this.commits.length < commitLimit && length < GROUP_BYTE_LIMIT
    return isOpen && length + byteLength < COMMIT_BYTE_LIMIT
  }

  /** Says how many bytes longer it is then. */
  add(commit: Commit): number {
    const before = this.frame.length
    encodeTransaction(this.frame, commit)
    this.commits.push(commit)
    const byteLength = this.frame.length - before
    this.#byteLength += byteLength
    return byteLength
  }

  /** Resolves when it is acknowledged. @param firstLsn Of the commits that are waited for, in this group and before it. */
  whenAcknowledged(firstLsn: number): Promise<void> {
    return new Promise((resolve, reject) => this.#waiters.push({ firstLsn, resolve, reject }))
  }

  /** Tells everybody that it is durable, or as durable as was asked for. */
  acknowledge(): void {
    for (const commit of this.commits) {
      commit.onDurable?.(commit)
      commit.resolve?.(commit.lsn)
    }
    for (const waiter of this.#waiters) waiter.resolve()
  }

  /** Tells everybody of a failure. @param unwrittenLsn From this commit on nothing was written. */
  refuse(cause: Error, unwrittenLsn: number): void {
    const failureOf = (lsn: number) => refusal(cause, lsn < unwrittenLsn ? 'unknown' : 'not written')
    for (const { lsn, reject } of this.commits) reject?.(failureOf(lsn))
    for (const { firstLsn, reject } of this.#waiters) reject(failureOf(firstLsn))
  }

  /** Empties it, to be used again. */
  clear(): void {
    empty(this.commits)
    empty(this.#waiters)
    beginFrame(this.frame)
    this.#byteLength = FRAME_OVERHEAD
  }
}

/** Keeps the memory of a short list: setting the length would let it go. */
function empty(list: unknown[]): void {
  if (list.length > 16) list.length = 0
  while (list.length > 0) list.pop()
}
