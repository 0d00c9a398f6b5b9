/** Commits that are written as one frame of the log, made durable by one sync, and acknowledged together. */
import { ByteWriter } from '../../base/byte-writer.js'
import type { BytesInView } from '../../base/bytes.js'
import type { HashedKey } from '../../base/key-hash.js'
import { COMMIT_BYTE_LIMIT, type Commit, GROUP_BYTE_LIMIT } from './commit.js'
import { EncodedCommits } from './encoded-commits.js'
import { FramedCommits } from './framed-commits.js'
import { beginFrame, encodeTransaction, FRAME_ALIGNMENT, FRAME_HEADER_LENGTH } from './log-format.js'
import type { PackedCommits } from './packed-commits.js'
import { refusal } from './refusal.js'

/** What is in the log of a group beside its commits, at most. */
const FRAME_OVERHEAD: number = FRAME_HEADER_LENGTH + FRAME_ALIGNMENT
const USUAL_FRAME_LENGTH: number = 16 * 1024

export class CommitGroup {
  readonly kind = 'group'
  /** In their order. */
  readonly entries: (Commit | EncodedCommits)[] = []
  readonly frame: ByteWriter = new ByteWriter(USUAL_FRAME_LENGTH)
  readonly #framed: FramedCommits = new FramedCommits(this.frame)
  /** How many commits there are. */
  count = 0
  /** Of the last of them. */
  timestamp = 0
  /** Whether readers see what is in it. */
  isPublished = false
  #byteLength = 0
  /** Made for the first who waits. */
  #acknowledged: Promise<undefined> | undefined
  #resolve: ((nothing: undefined) => void) | undefined
  #reject: ((failure: Error) => void) | undefined

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
    const isOpen = this.count < commitLimit && length < GROUP_BYTE_LIMIT
    return isOpen && length + byteLength < COMMIT_BYTE_LIMIT
  }

  /**
   * The commits of one write each to a tree with which the group begins, and which `addFramed` adds to; undefined when it has
   * others already.
   */
  framed(tree: number): EncodedCommits | undefined {
    const { entries } = this
    if (entries.length === 0) this.#framed.begin(tree)
    else if (entries.length > 1 || entries[0] !== this.#framed || !this.#framed.takes(tree)) return undefined
    return this.#framed
  }

  /** Adds a commit to them; says how many bytes longer the group is then. */
  addFramed(key: HashedKey, value: BytesInView | undefined, origin: number, lsn: number, timestamp: number): number {
    const before = this.frame.length
    this.#framed.add(key, value, origin, lsn, timestamp)
    if (this.entries.length === 0) this.entries.push(this.#framed)
    return this.#added(1, timestamp, before)
  }

  /** Says how many bytes longer it is then. */
  add(commit: Commit): number {
    const before = this.frame.length
    try {
      encodeTransaction(this.frame, commit)
    } catch (failure) {
      // There is no memory for it: half of it must not be there, as those behind it could not be read then.
      this.frame.cut(before)
      throw failure
    }
    this.entries.push(commit)
    return this.#added(1, commit.timestamp, before)
  }

  /** The same of many, of which the first has a timestamp and each of the others one more than the one before. */
  addPacked(commits: PackedCommits, timestamp: number): number {
    const before = this.frame.length
    commits.stamp(timestamp)
    this.frame.bytes(commits.written())
    this.entries.push(commits)
    return this.#added(commits.count, timestamp + commits.count - 1, before)
  }

  /** Its commits, each an object of its own from now on. */
  commits(): readonly Commit[] {
    if (this.entries.some((entry) => entry instanceof EncodedCommits)) {
      const commits = this.entries.flatMap((entry) => (entry instanceof EncodedCommits ? entry.unpacked() : [entry]))
      this.entries.splice(0, this.entries.length, ...commits)
    }
    return this.entries as Commit[]
  }

  #added(count: number, timestamp: number, before: number): number {
    this.count += count
    this.timestamp = timestamp
    const byteLength = this.frame.length - before
    this.#byteLength += byteLength
    return byteLength
  }

  /** Resolves when it is acknowledged: one promise for all who wait, as all of them hear the same. */
  get acknowledged(): Promise<undefined> {
    this.#acknowledged ??= new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    return this.#acknowledged
  }

  /** Tells everybody that it is durable, or as durable as was asked for. */
  acknowledge(): void {
    for (const entry of this.entries) if (!(entry instanceof EncodedCommits)) entry.onDurable?.(entry)
    this.#resolve?.(undefined)
  }

  /** Tells everybody of a failure, and whether anything of the group may have been written. */
  refuse(cause: Error, outcome: 'unknown' | 'not written'): void {
    this.#reject?.(refusal(cause, outcome))
  }

  /** Empties it, to be used again. */
  clear(): void {
    empty(this.entries)
    this.count = 0
    this.timestamp = 0
    this.isPublished = false
    this.#acknowledged = undefined
    this.#resolve = undefined
    this.#reject = undefined
    beginFrame(this.frame)
    this.#byteLength = FRAME_OVERHEAD
  }
}

/** Keeps the memory of a short list: setting the length would let it go. */
function empty(list: unknown[]): void {
  if (list.length > 16) list.length = 0
  while (list.length > 0) list.pop()
}
