/**
 * Reads one segment back: its header, then whole frames in order up to the first that is not.
 *
 * From the bytes alone, a torn append (harmless: nobody was told it succeeded) looks the same as a damaged sector (not
 * harmless), and both look like the end: behind it are zeros, or what an older segment had in this file. The reader
 * reports where the whole frames end and, if asked, what it finds beyond; recovery.ts has the verdict.
 */
import type { Checksum } from '../../base/checksum.js'
import {
  decodeFrame,
  decodeSegmentHeader,
  FRAME_ALIGNMENT,
  FRAME_HEADER_LENGTH,
  FRAME_MAGIC,
  type Frame,
  peekFrame,
  type SegmentHeader,
} from './log-format.js'

export interface ReadSegment {
  readonly header: SegmentHeader
  readonly epoch: number
  readonly firstLsn: number
  readonly lastLsn: number
  readonly syncedLsn: number
  readonly frames: readonly { readonly frame: Frame; readonly byteOffset: number }[]
  /** Where the whole frames end; less than the file's length when something follows them. */
  readonly endOffset: number
}

/** The search beyond the end computes checksums of at most this many times the bytes there are. */
const SEARCH_FACTOR = 8

/** Undefined when the segment has no readable header: then nothing in it was ever durable, or all of it is damaged. */
export function readSegment(bytes: Buffer, checksum: Checksum): ReadSegment | undefined {
  const first = decodeFrame(bytes, 0, { salt: 0n, checksum })
  if (first?.type !== 'segment') return undefined
  const header = decodeSegmentHeader(first.payload)
  const seal = { salt: header.salt, checksum }

  const frames: { frame: Frame; byteOffset: number }[] = []
  let offset = first.byteLength
  let nextLsn = first.firstLsn
  for (;;) {
    const frame = decodeFrame(bytes, offset, seal)
    if (frame?.type !== 'commit' || frame.firstLsn !== nextLsn) break
    frames.push({ frame, byteOffset: offset })
    nextLsn += frame.transactionCount
    offset += frame.byteLength
  }
  const { epoch, firstLsn, syncedLsn } = first
  return { header, epoch, firstLsn, lastLsn: nextLsn - 1, syncedLsn, frames, endOffset: offset }
}

/**
 * What a whole frame beyond the end of a segment says was durable, if that is more than was read; else 0. Such a frame
 * is later than what is missing, so that is damaged and not torn.
 *
 * What lies there may be anything, and somebody may have stored bytes that look like headers of large frames. So only
 * those are looked at that would prove something: of this epoch, later than what was read. Bytes of an older segment
 * are not. And the search is bounded, short frames first: what it does not reach, the other witnesses have to tell.
 */
export function provenBeyond(bytes: Buffer, segment: ReadSegment, checksum: Checksum): number {
  const seal = { salt: segment.header.salt, checksum }
  let budget = SEARCH_FACTOR * (bytes.length - segment.endOffset)
  let proven = 0
  for (const { byteOffset, byteLength, syncedLsn } of candidatesBeyond(bytes, segment)) {
    if (syncedLsn <= proven) continue
    budget -= byteLength
    if (budget < 0) break
    if (decodeFrame(bytes, byteOffset, seal) !== undefined) proven = syncedLsn
  }
  return proven
}

interface Candidate {
  readonly byteOffset: number
  readonly byteLength: number
  readonly syncedLsn: number
}

/** What looks like a frame that would prove something, shortest first. */
function candidatesBeyond(bytes: Buffer, { epoch, lastLsn, endOffset }: ReadSegment): Candidate[] {
  const magic = Buffer.alloc(4)
  magic.writeUInt32LE(FRAME_MAGIC)
  const candidates: Candidate[] = []
  const last = bytes.length - FRAME_HEADER_LENGTH
  for (let at = bytes.indexOf(magic, endOffset); at !== -1 && at <= last; at = bytes.indexOf(magic, at + 4)) {
    if (at % FRAME_ALIGNMENT !== 0) continue
    const frame = peekFrame(bytes, at)
    if (frame === undefined || frame.type !== 'commit' || frame.epoch !== epoch) continue
    if (frame.syncedLsn <= lastLsn || frame.firstLsn <= frame.syncedLsn) continue
    candidates.push({ byteOffset: at, byteLength: frame.byteLength, syncedLsn: frame.syncedLsn })
  }
  return candidates.sort((a, b) => a.byteLength - b.byteLength)
}
