/**
 * Appends groups of commits to the log, and knows how far it is durable.
 *
 * Invariants:
 *   - Sequence numbers are consecutive; the log has no gaps.
 *   - `durableLsn` moves only after a sync has returned, to what was written before the sync began.
 *   - A segment is complete and synced before the next one begins.
 */
import { invariant } from '../../base/invariant.js'
import { fileName } from '../disk/file-name.js'
import type { OpenFile, SyncPoint } from '../disk/file-system.js'
import type { Environment } from '../environment.js'
import type { Frame } from './log-format.js'
import { LogSegment } from './log-segment.js'
import { encodeWitness } from './witness.js'

/** Where a log ends. */
export interface LogPosition {
  readonly lastLsn: number
  readonly timestamp: number
}

export interface LogIdentity {
  readonly root: string
  readonly databaseId: Uint8Array
  readonly epoch: number
}

export class LogWriter {
  readonly #environment: Environment
  readonly #identity: LogIdentity
  readonly #witness: OpenFile
  #segment: LogSegment
  #writtenLsn: number
  #durableLsn: number
  /** Of the last transaction appended. */
  #timestamp: number

  private constructor(environment: Environment, identity: LogIdentity, segment: LogSegment, at: LogPosition) {
    this.#environment = environment
    this.#identity = identity
    this.#segment = segment
    this.#writtenLsn = at.lastLsn
    this.#durableLsn = at.lastLsn
    this.#timestamp = at.timestamp
    this.#witness = openWitness(environment, identity.root)
  }

  /**
   * Begins a new segment with the frames whose durability nothing proves, and makes them durable. It becomes visible by
   * a rename, so a crash leaves all of them or what was there before.
   */
  static resume(
    environment: Environment,
    identity: LogIdentity,
    from: LogPosition & { readonly segment: number; readonly suspects: readonly Frame[]; readonly provenLsn: number },
  ): LogWriter {
    const { files } = environment
    const path = fileName.log(identity.root, from.segment)
    const temporary = fileName.temporary(path)
    files.remove(temporary)
    const first = from.suspects[0]?.firstLsn ?? from.lastLsn + 1
    const file = files.open(temporary, 'create')
    try {
      const header = { lsn: first, syncedLsn: from.provenLsn, timestamp: from.timestamp }
      const segment = startSegment(environment, identity, file, from.segment, header)
      for (const { type, firstLsn, transactionCount, payload } of from.suspects) {
        segment.append({ type, firstLsn, transactionCount, epoch: identity.epoch, syncedLsn: from.provenLsn }, payload)
      }
      segment.sync('log-recovery')
      files.rename(temporary, path)
      files.syncDirectory(fileName.logDirectory(identity.root), 'log-recovery-directory')
      return new LogWriter(environment, identity, segment, from)
    } catch (failure) {
      file.close()
      throw failure
    }
  }

  get writtenLsn(): number {
    return this.#writtenLsn
  }

  get durableLsn(): number {
    return this.#durableLsn
  }

  /** The timestamp of the last transaction. */
  get timestamp(): number {
    return this.#timestamp
  }

  get segmentNumber(): number {
    return this.#segment.number
  }

  get segmentByteLength(): number {
    return this.#segment.byteLength
  }

  /** Appends one group of commits. Nothing is durable yet. */
  append(payload: Uint8Array, transactionCount: number, timestamp: number): void {
    const firstLsn = this.#writtenLsn + 1
    const { epoch } = this.#identity
    this.#segment.append({ type: 'commit', firstLsn, transactionCount, epoch, syncedLsn: this.#durableLsn }, payload)
    this.#writtenLsn += transactionCount
    this.#timestamp = timestamp
  }

  /** Makes everything appended so far durable. */
  async sync(point: SyncPoint): Promise<void> {
    const reached = this.#writtenLsn
    await this.#segment.syncLater(point)
    this.#proceed(reached)
  }

  /** Ends the segment and begins the next. Nothing may be in flight. */
  rotate(): void {
    if (this.#durableLsn < this.#writtenLsn) {
      this.#segment.sync('log-flush')
      this.#proceed(this.#writtenLsn)
    }
    const { files } = this.#environment
    const { root } = this.#identity
    const number = this.#segment.number + 1
    const file = files.open(fileName.log(root, number), 'create')
    try {
      const first = { lsn: this.#writtenLsn + 1, syncedLsn: this.#durableLsn, timestamp: this.#timestamp }
      const next = startSegment(this.#environment, this.#identity, file, number, first)
      files.syncDirectory(fileName.logDirectory(root), 'log-segment-directory')
      this.#segment.close()
      this.#segment = next
    } catch (failure) {
      file.close()
      throw failure
    }
  }

  close(): void {
    this.#segment.close()
    this.#witness.close()
  }

  #proceed(reached: number): void {
    invariant(reached >= this.#durableLsn, 'what is durable stays durable')
    this.#durableLsn = reached
    const { databaseId, epoch } = this.#identity
    this.#witness.write(encodeWitness({ epoch, databaseId, durableLsn: reached }, this.#environment.checksum), 0)
  }
}

function startSegment(
  { random, checksum }: Environment,
  { databaseId, epoch }: LogIdentity,
  file: OpenFile,
  number: number,
  first: { readonly lsn: number; readonly syncedLsn: number; readonly timestamp: number },
): LogSegment {
  // A salt of its own: bytes of an older segment that show through on the disk do not verify in this one.
  const salt = Buffer.from(random.bytes(8)).readBigUInt64LE()
  return LogSegment.start(file, { number, databaseId, salt, timestamp: first.timestamp }, { ...first, epoch }, checksum)
}

function openWitness({ files }: Environment, root: string): OpenFile {
  const path = fileName.witness(root)
  return files.kind(path) === undefined ? files.open(path, 'create') : files.open(path, 'write')
}
