/**
 * Appends groups of commits to the log, and knows how far it is durable.
 *
 * Invariants:
 *   - Sequence numbers are consecutive; the log has no gaps.
 *   - `durableLsn` moves only after a sync has returned, to what was written before the sync began.
 *   - A segment is complete and synced before the next one begins.
 *   - Only segments that no manifest needs are written over, and no name is ever taken from another file: whoever holds
 *     the folder by now keeps what it has.
 */
import { ByteWriter } from '../../base/byte-writer.js'
import { invariant } from '../../base/invariant.js'
import { fileName } from '../disk/file-name.js'
import type { OpenFile, SyncPoint } from '../disk/file-system.js'
import { checkNamed, givingName, type OwnedFolder } from '../disk/owned-folder.js'
import { isPassing } from '../disk/passing-failure.js'
import { ignoringFailure, Removals } from '../disk/removals.js'
import type { Environment } from '../environment.js'
import { beginFrame, type Frame } from './log-format.js'
import { LogSegment, type SegmentLengths, type SegmentOptions } from './log-segment.js'
import { Witness } from './witness.js'

/** Where a log ends. */
export interface LogPosition {
  readonly lastLsn: number
  readonly timestamp: number
}

export interface LogIdentity extends OwnedFolder {
  readonly databaseId: Uint8Array
  readonly epoch: number
}

/** So many segments that nobody needs any more are kept for being written over: about what a checkpoint sets free. */
const SPARE_LIMIT = 4
/** A shorter one is not worth it. */
const SPARE_SHARE = 1 / 2

export class LogWriter {
  readonly #environment: Environment
  readonly #identity: LogIdentity
  readonly #witness: Witness
  readonly #removals: Removals
  readonly #segmentOptions: SegmentOptions
  /** Of those that this process has written. */
  readonly #firstSegment: number
  #segment: LogSegment
  /** Segments whose files are written over by the next ones. */
  readonly #spares: { readonly number: number; readonly byteLength: number }[] = []
  /** To the segments before this one. */
  #writtenByteLength = 0
  #isTrimmed = false
  #writtenLsn: number
  #durableLsn: number
  /** Of the last transaction appended. */
  #timestamp: number

  private constructor(
    environment: Environment,
    identity: LogIdentity,
    segment: LogSegment,
    options: SegmentOptions,
    at: LogPosition,
  ) {
    this.#environment = environment
    this.#removals = new Removals(environment.files)
    this.#identity = identity
    this.#segment = segment
    this.#firstSegment = segment.number
    this.#segmentOptions = options
    this.#writtenLsn = at.lastLsn
    this.#durableLsn = at.lastLsn
    this.#timestamp = at.timestamp
    this.#witness = new Witness(environment, identity, at.lastLsn)
  }

  /**
   * Begins a new segment with the frames whose durability nothing proves, and makes them durable. It becomes visible by
   * its name, so a crash leaves all of them or what was there before. The last argument is about this segment and
   * those behind it.
   */
  static resume(
    environment: Environment,
    identity: LogIdentity,
    from: LogPosition & { readonly segment: number; readonly suspects: readonly Frame[]; readonly provenLsn: number },
    lengths: SegmentLengths,
  ): LogWriter {
    const { files } = environment
    const path = fileName.log(identity.root, from.segment)
    const temporary = fileName.temporaryOfOurs(path, environment.random)
    const first = from.suspects[0]?.firstLsn ?? from.lastLsn + 1
    const file = files.open(temporary, 'create')
    const options: SegmentOptions = { checksum: environment.checksum, ...lengths }
    try {
      const header = { lsn: first, syncedLsn: from.provenLsn, timestamp: from.timestamp }
      const segment = startSegment(environment, identity, file, from.segment, header, options)
      const copy = new ByteWriter()
      for (const { type, firstLsn, transactionCount, payload } of from.suspects) {
        beginFrame(copy)
        copy.bytes(payload)
        segment.append({ type, firstLsn, transactionCount, epoch: identity.epoch, syncedLsn: from.provenLsn }, copy)
      }
      segment.sync('log-recovery')
      givingName(identity, () => files.link(temporary, path))
      // Somebody who looks at every new file may hold it: the next opening removes it.
      ignoringFailure(() => files.remove(temporary))
      files.syncDirectory(fileName.logDirectory(identity.root), 'log-recovery-directory')
      return new LogWriter(environment, identity, segment, options, from)
    } catch (failure) {
      file.close()
      // It counts for nobody, and the next opening removes it.
      ignoringFailure(() => files.remove(temporary))
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

  /** What was written to the log since it was opened. */
  get writtenByteLength(): number {
    return this.#writtenByteLength + this.#segment.writtenByteLength
  }

  /** The files that are there for the segment and for those that come after it. */
  get files(): { readonly count: number; readonly byteLength: number } {
    const spareByteLength = this.#spares.reduce((sum, { byteLength }) => sum + byteLength, 0)
    return { count: 1 + this.#spares.length, byteLength: this.#segment.fileByteLength + spareByteLength }
  }

  /** Appends one group of commits, encoded behind `beginFrame`. Nothing is durable yet. */
  append(frame: ByteWriter, transactionCount: number, timestamp: number): void {
    const firstLsn = this.#writtenLsn + 1
    const { epoch } = this.#identity
    this.#segment.append({ type: 'commit', firstLsn, transactionCount, epoch, syncedLsn: this.#durableLsn }, frame)
    this.#writtenLsn += transactionCount
    this.#timestamp = timestamp
  }

  /**
   * Looks whether the segment still has its name, which takes a sixteenth of a sync.
   *
   * @throws {CorruptionError} When somebody removed it: what is written to it now is gone once it is closed.
   */
  checkNamed(): void {
    const { files } = this.#environment
    checkNamed(this.#identity, files, fileName.log(this.#identity.root, this.#segment.number))
  }

  /** Makes everything appended so far durable, and holds up the event loop for it. */
  sync(point: SyncPoint): void {
    this.#segment.sync(point)
    this.#proceed(this.#writtenLsn)
  }

  /** The same for what was appended until now, while others run. */
  async syncLater(point: SyncPoint): Promise<void> {
    const reached = this.#writtenLsn
    await this.#segment.syncLater(point)
    this.#proceed(reached)
  }

  /**
   * Ends the segment and begins the next. Nothing may be in flight, nor appended before it resolves. Where there is no space
   * for one, or no descriptor, which its failure says (`isPassing`), this one goes on.
   */
  async rotate(): Promise<void> {
    if (this.#durableLsn < this.#writtenLsn) await this.syncLater('log-flush')
    this.checkNamed()
    const { root } = this.#identity
    const number = this.#segment.number + 1
    const path = fileName.log(root, number)
    const file = givingName(this.#identity, () => this.#openNext(path))
    try {
      const first = { lsn: this.#writtenLsn + 1, syncedLsn: this.#durableLsn, timestamp: this.#timestamp }
      const next = startSegment(this.#environment, this.#identity, file, number, first, this.#segmentOptions)
      await this.#environment.files.syncDirectoryLater(fileName.logDirectory(root), 'log-segment-directory')
      // Many that ended early are small: their space would add up while they are kept for followers.
      if (!this.#isWorthKeeping(this.#segment.byteLength)) this.#segment.trim()
      this.#segment.close()
      this.#writtenByteLength += this.#segment.writtenByteLength
      this.#segment = next
    } catch (failure) {
      file.close()
      if (isPassing(failure)) await this.#takeBack(path)
      throw failure
    }
  }

  /**
   * Takes a segment that nobody needs any more: its file becomes that of a later one, or goes. It keeps its old name
   * until then, which is before the manifest's first segment: recovery does not look at it. One of another process is not
   * written over: that one may have lost the folder, and write what it has once more before it looks.
   */
  recycle(number: number, byteLength: number): void {
    const isWanted = number >= this.#firstSegment && this.#isWorthKeeping(byteLength)
    const isKept = isWanted && !this.#isTrimmed && this.#spares.length < SPARE_LIMIT
    if (isKept) this.#spares.push({ number, byteLength })
    else this.#removals.remove(fileName.log(this.#identity.root, number))
  }

  /**
   * Sees to it that so much more can be appended on a full disk. Segments that are kept for being written over go for it.
   *
   * @returns Why there is no space for that; undefined when there is.
   */
  reserve(byteLength: number): Error | undefined {
    if (this.#isTrimmed) return undefined
    const shortage = this.#segment.reserve(byteLength)
    if (shortage === undefined || this.#spares.length === 0) return shortage
    this.#removeSpares()
    return this.#segment.reserve(byteLength)
  }

  /** Gives back what is reserved, and all else that no frame has taken: something needs the space more. */
  release(): void {
    this.#segment.trim()
    this.#removeSpares()
  }

  /** Gives back the space that was taken ahead: nothing will be appended. What a crash before this leaves of it, recovery finds empty. */
  trim(): void {
    this.#isTrimmed = true
    this.release()
  }

  /** Resolves when nothing is being removed any more. */
  removed(): Promise<void> {
    return this.#removals.settled()
  }

  close(): void {
    this.#segment.close()
    this.#witness.close()
  }

  #isWorthKeeping(byteLength: number): boolean {
    const { preparedByteLimit } = this.#segmentOptions
    return preparedByteLimit > 0 && byteLength >= preparedByteLimit * SPARE_SHARE
  }

  /** A segment of which nothing counts: recovery must not find it behind frames that are written now. */
  async #takeBack(path: string): Promise<void> {
    const { files } = this.#environment
    files.remove(path)
    try {
      await files.syncDirectoryLater(fileName.logDirectory(this.#identity.root), 'log-segment-directory')
    } catch (cause) {
      // It may be there again after a power cut, so nothing may be written in front of it.
      throw new Error(`the log's segment could not be taken back: ${(cause as Error).message}`, { cause })
    }
  }

  #removeSpares(): void {
    if (!this.#identity.isOurs()) return
    for (const { number } of this.#spares.splice(0)) {
      this.#environment.files.remove(fileName.log(this.#identity.root, number))
    }
  }

  #openNext(path: string): OpenFile {
    const { files } = this.#environment
    const spare = this.#spares[0]
    if (spare === undefined) return files.open(path, 'create')
    const old = fileName.log(this.#identity.root, spare.number)
    // A rename would take the name away from a file of whoever holds the folder by now.
    files.link(old, path)
    let file: OpenFile
    try {
      file = files.open(path, 'write')
    } catch (failure) {
      files.remove(path)
      throw failure
    }
    this.#spares.shift()
    files.remove(old)
    return file
  }

  #proceed(reached: number): void {
    invariant(reached >= this.#durableLsn, 'what is durable stays durable')
    this.#durableLsn = reached
    this.#witness.write(reached)
  }
}

function startSegment(
  { random }: Environment,
  { databaseId, epoch }: LogIdentity,
  file: OpenFile,
  number: number,
  first: { readonly lsn: number; readonly syncedLsn: number; readonly timestamp: number },
  options: SegmentOptions,
): LogSegment {
  // A salt of its own: bytes of an older segment, whose file this was or which show through, do not verify in this one.
  const salt = Buffer.from(random.bytes(8)).readBigUInt64LE()
  return LogSegment.start(file, { number, databaseId, salt, timestamp: first.timestamp }, { ...first, epoch }, options)
}
