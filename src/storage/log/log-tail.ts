/**
 * Reads the log of another process while it grows. What was read to its end is not read again: a look costs what was
 * appended since the last one, not what is in the log.
 *
 * A segment that has ended counts up to where the next one begins: behind that, an opening may have found frames whose
 * durability nothing proved, and written them again. Files of old segments are written over by new ones; each segment has a
 * salt of its own, so that what was read of one is not taken for a part of the other.
 */
import { CorruptionError, FellBehindError } from '../../errors.js'
import { fileName, logNumber } from '../disk/file-name.js'
import type { OpenFile } from '../disk/file-system.js'
import type { Environment } from '../environment.js'
import {
  claimedLength,
  decodeFrame,
  decodeSegmentHeader,
  decodeTransactions,
  FRAME_HEADER_LENGTH,
  type Frame,
  type Transaction,
} from './log-format.js'

export type LoggedTransaction = Transaction & { readonly lsn: number }

/** More than a segment's header frame has. */
const HEADER_BYTE_LIMIT = 256
/** So much is read at once, or as much as a frame has. */
const WINDOW_BYTE_LENGTH = 64 * 1024

interface OpenSegment {
  readonly file: OpenFile
  readonly path: string
  readonly number: number
  readonly salt: bigint
  readonly firstLsn: number
  /** Where its first commit begins. */
  readonly offset: number
}

/** Where a frame begins, and the first commit in it. */
interface Place {
  readonly offset: number
  readonly nextLsn: number
}

export class LogTail {
  readonly #environment: Pick<Environment, 'files' | 'checksum'>
  readonly #root: string
  /** The last commit of each segment that has ended. */
  readonly #ends = new Map<number, number>()
  /** Behind the last frame of which everything was read. */
  #last: (Place & Pick<OpenSegment, 'number' | 'salt'>) | undefined

  constructor(environment: Pick<Environment, 'files' | 'checksum'>, root: string) {
    this.#environment = environment
    this.#root = root
  }

  /**
   * The commits from `lsn` to `last`, in order. All of them have been durable: one that is not there is damage.
   *
   * @throws {FellBehindError} When some of them are gone already.
   * @throws {CorruptionError} When it ends in front of the last one, with the file and where in it.
   */
  *between(lsn: number, last: number): Generator<LoggedTransaction, void> {
    const { checksum } = this.#environment
    const segments = lsn > last ? [] : this.#open(lsn)
    let [path, offset, next] = [fileName.logDirectory(this.#root), 0, lsn]
    try {
      for (const [i, segment] of segments.entries()) {
        const { file, number, salt, firstLsn } = segment
        const end = segments[i + 1] === undefined ? Number.POSITIVE_INFINITY : segments[i + 1]!.firstLsn - 1
        if (end !== Number.POSITIVE_INFINITY) this.#ends.set(number, end)
        if (end < lsn) continue
        if (next > last) return
        if (firstLsn > next) throw new FellBehindError(this.#root)
        const place = this.#placeIn(segment, next)
        path = segment.path
        offset = place.offset
        for (const { frame, behind } of framesFrom(file, place, { salt, checksum })) {
          if (frame.firstLsn > Math.min(end, last)) break
          for (const transaction of behind.nextLsn > next ? decodeTransactions(frame) : []) {
            if (transaction.lsn < next) continue
            if (transaction.lsn > last) return
            yield transaction
            next = transaction.lsn + 1
          }
          offset = behind.offset
          this.#last = { number, salt, ...behind }
        }
        if (next <= Math.min(end, last)) break
      }
      if (next > last) return
      throw new CorruptionError(path, offset, `commits ${next} to ${last} were durable, and are damaged or missing`)
    } finally {
      for (const { file } of segments) file.close()
    }
  }

  /** Where to begin to look for a commit. */
  #placeIn({ number, salt, firstLsn, offset }: OpenSegment, lsn: number): Place {
    const last = this.#last
    const isKnown = last?.number === number && last.salt === salt && last.nextLsn <= lsn
    return isKnown ? last : { offset, nextLsn: firstLsn }
  }

  /** Those that may have commits from `lsn` on, in order. */
  #open(lsn: number): OpenSegment[] {
    const { files } = this.#environment
    const segments: OpenSegment[] = []
    try {
      for (const number of files.list(fileName.logDirectory(this.#root)).map(logNumber)) {
        if (number === undefined || (this.#ends.get(number) ?? lsn) < lsn) continue
        const path = fileName.log(this.#root, number)
        // The writer may remove an old one between these lines.
        if (files.kind(path) !== 'file') continue
        const segment = this.#openSegment(files.open(path, 'read'), path, number)
        if (segment !== undefined) segments.push(segment)
      }
      return segments
    } catch (failure) {
      for (const { file } of segments) file.close()
      throw failure
    }
  }

  /** Undefined when it is none yet, or, about to be written over, has the header of another. */
  #openSegment(file: OpenFile, path: string, number: number): OpenSegment | undefined {
    let segment: OpenSegment | undefined
    try {
      const bytes = Buffer.alloc(HEADER_BYTE_LIMIT)
      const frame = decodeFrame(bytes.subarray(0, file.read(bytes, 0)), 0, { ...this.#environment, salt: 0n })
      const header = frame?.type === 'segment' ? decodeSegmentHeader(frame.payload) : undefined
      if (header?.number === number) {
        segment = { file, path, number, salt: header.salt, firstLsn: frame!.firstLsn, offset: frame!.byteLength }
      }
      return segment
    } finally {
      if (segment === undefined) file.close()
    }
  }
}

/** The whole frames from a place on, and the place behind each. They are views of memory that the next one overwrites. */
function* framesFrom(
  file: OpenFile,
  from: Place,
  seal: Parameters<typeof decodeFrame>[2],
): Generator<{ readonly frame: Frame; readonly behind: Place }, void> {
  let { offset, nextLsn } = from
  let window = Buffer.allocUnsafeSlow(WINDOW_BYTE_LENGTH)
  /** Where in the file the window begins, how much of it is filled, and where in it the next frame begins. */
  let [start, length, at] = [offset, file.read(window, offset), 0]
  const neededAt = () => claimedLength(window.subarray(0, length), at) ?? FRAME_HEADER_LENGTH
  for (;;) {
    for (let needed = neededAt(); at + needed > length; needed = neededAt()) {
      // What looks like the length of a frame may be anything.
      if (offset + needed > file.size()) return
      if (needed > window.length) window = Buffer.allocUnsafeSlow(needed)
      start = offset
      at = 0
      length = file.read(window, start)
      // It was cut off meanwhile.
      if (length < needed) return
    }
    const frame = decodeFrame(window.subarray(0, length), at, seal)
    if (frame?.type !== 'commit' || frame.firstLsn !== nextLsn) return
    offset += frame.byteLength
    nextLsn += frame.transactionCount
    yield { frame, behind: { offset, nextLsn } }
    at = offset - start
  }
}
