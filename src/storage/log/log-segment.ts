/**
 * One file of the log, open for appending frames. They are written once, from its start to its end, never again after.
 *
 * A sync into a file that grows has to write the file's new length too, which is half of its cost. So where somebody
 * waits for syncs the file is longer than what is in it: zeros are written ahead, or it is an old segment's file, whose
 * bytes are written over. To a reader both are what a torn append leaves: no frame, and so the end. It has to be zeros,
 * not a hole: for a hole the disk would look for space at every sync.
 */

import { ByteWriter } from '../../base/byte-writer.js'
import type { Checksum } from '../../base/checksum.js'
import type { OpenFile, SyncPoint } from '../disk/file-system.js'
import { beginFrame, encodeSegmentHeader, endFrame, type FrameHeader, type SegmentHeader } from './log-format.js'

/** Zeros are written ahead for as much as the segment holds, but at least and at most for these shares of a segment. */
const LEAST_SHARE = 1 / 256
const LARGEST_SHARE = 1 / 32
const ZEROS = new Uint8Array(512 * 1024)
/** A frame of more than this share of the zeros behind it gains less than they cost. */
const LARGE_FRAME_SHARE = 1 / 8

export interface SegmentOptions {
  readonly checksum: Checksum
  /** How long a segment gets; 0 where nobody waits for syncs: then nothing is written ahead. */
  readonly preparedByteLimit: number
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

  private constructor(file: OpenFile, header: SegmentHeader, options: SegmentOptions) {
    this.#file = file
    this.#options = options
    this.#preparedEnd = file.size()
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

  /** Gives back the space that no frame has taken. */
  trim(): void {
    if (this.#preparedEnd > this.#end) this.#file.truncate(this.#end)
  }

  close(): void {
    this.#file.close()
  }

  #write(frame: Uint8Array): void {
    this.#file.write(frame, this.#end)
    this.#end += frame.length
    this.#writtenByteLength += frame.length
    if (this.#end > this.#preparedEnd) this.#prepare(frame.length)
  }

  /** Not before the frame is written: what is left of a full disk is for frames. The sync of this frame is for both. */
  #prepare(frameLength: number): void {
    const limit = this.#options.preparedByteLimit
    const wanted = Math.min(Math.max(this.#end, limit * LEAST_SHARE), limit * LARGEST_SHARE, ZEROS.length)
    const byteLength = Math.floor(Math.min(wanted, limit - this.#end))
    this.#preparedEnd = this.#end
    if (byteLength <= 0 || frameLength > wanted * LARGE_FRAME_SHARE) return
    try {
      this.#file.write(ZEROS.subarray(0, byteLength), this.#end)
    } catch (failure) {
      // On a full disk commits may still find room, where some of the zeros were written: it is theirs to say.
      if (!isFull(failure)) throw failure
    }
    this.#preparedEnd += byteLength
    this.#writtenByteLength += byteLength
  }
}

function isFull(failure: unknown): boolean {
  const { code } = failure as NodeJS.ErrnoException
  return code === 'ENOSPC' || code === 'EDQUOT'
}
