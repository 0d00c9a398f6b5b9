/** One file of the log, open for appending frames. It is written once, from its start to its end, never again after. */
import type { Checksum } from '../../base/checksum.js'
import type { OpenFile, SyncPoint } from '../disk/file-system.js'
import { encodeFrame, encodeSegmentHeader, type FrameHeader, type SegmentHeader } from './log-format.js'

export class LogSegment {
  readonly number: number
  readonly salt: bigint
  readonly #file: OpenFile
  readonly #checksum: Checksum
  #end = 0

  constructor(file: OpenFile, header: SegmentHeader, checksum: Checksum) {
    this.#file = file
    this.#checksum = checksum
    this.number = header.number
    this.salt = header.salt
  }

  /**
   * Starts a segment with its header frame. The header needs no sync of its own: a frame's sync covers it, and a
   * segment whose header is lost holds no durable frame.
   */
  static start(
    file: OpenFile,
    header: SegmentHeader,
    first: { readonly lsn: number; readonly epoch: number; readonly syncedLsn: number },
    checksum: Checksum,
  ): LogSegment {
    const segment = new LogSegment(file, header, checksum)
    const frame: FrameHeader = {
      type: 'segment',
      firstLsn: first.lsn,
      transactionCount: 0,
      epoch: first.epoch,
      syncedLsn: first.syncedLsn,
    }
    segment.#write(encodeFrame(frame, encodeSegmentHeader(header), { salt: 0n, checksum }))
    return segment
  }

  get byteLength(): number {
    return this.#end
  }

  append(header: FrameHeader, payload: Uint8Array): void {
    this.#write(encodeFrame(header, payload, { salt: this.salt, checksum: this.#checksum }))
  }

  sync(point: SyncPoint): void {
    this.#file.sync(point)
  }

  syncLater(point: SyncPoint): Promise<void> {
    return this.#file.syncLater(point)
  }

  close(): void {
    this.#file.close()
  }

  #write(frame: Uint8Array): void {
    this.#file.write(frame, this.#end)
    this.#end += frame.length
  }
}
