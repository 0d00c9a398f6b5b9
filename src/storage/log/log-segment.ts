/**
 * One file of the log, open for appending frames. They are written once, from its start to its end, never again after.
 *
 * A sync into a file that grows has to write the file's new length too, which is half of its cost. So where somebody
 * waits for syncs the file is longer than what is in it: zeros are written ahead, or it is an old segment's file, whose
 * bytes are written over. To a reader both are what a torn append leaves: no frame, and so the end. It has to be zeros,
 * not a hole: for a hole the disk would look for space at every sync.
 *
 * Some of them are always ahead: on a full disk they are the room for the few commits that set space free.
 */

import { ByteWriter } from '../../base/byte-writer.js'
import type { Checksum } from '../../base/checksum.js'
import type { OpenFile, SyncPoint } from '../disk/file-system.js'
import { isPassing } from '../disk/passing-failure.js'
import { beginFrame, encodeSegmentHeader, endFrame, type FrameHeader, type SegmentHeader } from './log-format.js'

/** Zeros are written ahead for as much as the segment holds, but at least and at most for these shares of a segment. */
const LEAST_SHARE = 1 / 256
const LARGEST_SHARE = 1 / 32
const ZEROS = new Uint8Array(512 * 1024)
/** A frame of more than this share of the zeros behind it gains less than they cost. */
const LARGE_FRAME_SHARE = 1 / 8

export interface SegmentLengths {
  /** How long a segment gets; 0 where nobody waits for syncs: then nothing is written ahead. */
  readonly preparedByteLimit: number
  /** Less than this is never ahead, wherever there is space for it. @default 0 */
  readonly reservedByteLength?: number
}

export interface SegmentOptions extends SegmentLengths {
  readonly checksum: Checksum
}

export class LogSegment {
  readonly number: number
  readonly #salt: bigint
  readonly #file: OpenFile
  readonly #options: SegmentOptions
  #end = 0
  #writtenByteLength = 0
  /** How long the file is, as far as we care: from there on a frame makes it longer. */
  #preparedEnd: number
  /** Up to where the disk has taken the zeros: on a full one that is less. */
  #takenEnd: number

  private constructor(file: OpenFile, header: SegmentHeader, options: SegmentOptions) {
    this.#file = file
    this.#options = options
    this.#preparedEnd = file.size()
    this.#takenEnd = this.#preparedEnd
    this.number = header.number
    this.#salt = header.salt
  }

  /**
   * Starts a segment with its header frame, in a new file or over an old segment. The header needs no sync of its own: a
   * frame's sync covers it, and a segment whose header is lost holds no durable frame.
   */
  static start(
    file: OpenFile,
    header: SegmentHeader,
    first: { readonly lsn: number; readonly epoch: number; readonly syncedLsn: number },
    options: SegmentOptions,
  ): LogSegment {
    const segment = new LogSegment(file, header, options)
    const frame = new ByteWriter(128)
    beginFrame(frame)
    encodeSegmentHeader(frame, header)
    const { lsn: firstLsn, epoch, syncedLsn } = first
    const type = 'segment'
    const seal = { salt: 0n, checksum: options.checksum }
    segment.#write(endFrame(frame, { type, firstLsn, transactionCount: 0, epoch, syncedLsn }, seal))
    return segment
  }

  /** Where the frames end. */
  get byteLength(): number {
    return this.#end
  }

  /** How long the file is. */
  get fileByteLength(): number {
    return Math.max(this.#end, this.#preparedEnd)
  }

  /** What was written to it, zeros included. */
  get writtenByteLength(): number {
    return this.#writtenByteLength
  }

  /** Appends a frame whose payload was encoded behind `beginFrame`. */
  append(header: FrameHeader, frame: ByteWriter): void {
    this.#write(endFrame(frame, header, { salt: this.#salt, checksum: this.#options.checksum }))
  }

  sync(point: SyncPoint): void {
    this.#file.sync(point)
  }

  syncLater(point: SyncPoint): Promise<void> {
    return this.#file.syncLater(point)
  }

  /**
   * Sees to it that so much more can be appended, whatever becomes of the space on the disk. It is in the file then, as
   * zeros.
   *
   * @returns Why there is no space for that; undefined when there is.
   */
  reserve(byteLength: number): Error | undefined {
    const end = this.#end + byteLength
    if (end <= this.#takenEnd) return undefined
    this.#preparedEnd = Math.max(this.#preparedEnd, end)
    return this.#writeZeros(Math.max(this.#takenEnd, this.#end), end)
  }

  /** Gives back the space that no frame has taken. */
  trim(): void {
    if (this.#preparedEnd > this.#end) this.#file.truncate(this.#end)
    this.#takenEnd = this.#end
  }

  close(): void {
    this.#file.close()
  }

  #write(frame: Uint8Array): void {
    this.#file.write(frame, this.#end)
    this.#end += frame.length
    this.#writtenByteLength += frame.length
    const { reservedByteLength = 0 } = this.#options
    if (this.#end + reservedByteLength > this.#preparedEnd) this.#prepare(frame.length, 2 * reservedByteLength)
  }

  /** Not before the frame is written: what is left of a full disk is for frames. The sync of this frame is for both. */
  #prepare(frameLength: number, leastByteLength: number): void {
    const limit = this.#options.preparedByteLimit
    const wanted = Math.min(Math.max(this.#end, limit * LEAST_SHARE), limit * LARGEST_SHARE, ZEROS.length)
    const isWorthIt = frameLength <= wanted * LARGE_FRAME_SHARE
    const from = Math.max(this.#end, this.#preparedEnd)
    const gained = isWorthIt ? Math.floor(Math.min(wanted, limit - from)) : 0
    const until = Math.max(from + gained, this.#end + leastByteLength)
    this.#preparedEnd = Math.max(from, until)
    // On a full disk commits may still find room, where some of the zeros were written: it is theirs to say.
    if (until > from) this.#writeZeros(from, until)
  }

  /** @returns What the disk says when it is full. */
  #writeZeros(from: number, until: number): Error | undefined {
    try {
      for (let at = from; at < until; at += ZEROS.length) {
        this.#file.write(ZEROS.subarray(0, Math.min(ZEROS.length, until - at)), at)
      }
    } catch (failure) {
      if (!isPassing(failure)) throw failure
      return failure
    }
    this.#takenEnd = until
    this.#writtenByteLength += until - from
    return undefined
  }
}
