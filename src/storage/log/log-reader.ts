/**
 * Reads one segment back: its header, then whole frames in order up to the first that is not.
 *
 * From the bytes alone, a torn append (harmless: nobody was told it succeeded) looks the same as a damaged sector (not
 * harmless). The reader reports where the whole frames end and what it finds beyond; recovery.ts has the verdict.
 */
import type { Checksum } from '../../base/checksum.js'
import { decodeFrame, decodeSegmentHeader, FRAME_MAGIC, type Frame, type SegmentHeader } from './log-format.js'

export interface ReadSegment {
  readonly header: SegmentHeader
  readonly firstLsn: number
  readonly syncedLsn: number
  readonly frames: readonly { readonly frame: Frame; readonly byteOffset: number }[]
  /** Where the whole frames end; less than the file's length when something follows them. */
  readonly endOffset: number
  /** The highest `syncedLsn` of a whole frame found beyond the end: later than the damage, so the damage is real. */
  readonly provenBeyond: number
}

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
  const provenBeyond = offset < bytes.length ? provenAfter(bytes, offset, seal) : 0
  return { header, firstLsn: first.firstLsn, syncedLsn: first.syncedLsn, frames, endOffset: offset, provenBeyond }
}

function provenAfter(bytes: Buffer, offset: number, seal: { salt: bigint; checksum: Checksum }): number {
  const magic = Buffer.alloc(4)
  magic.writeUInt32LE(FRAME_MAGIC)
  let proven = 0
  for (let at = bytes.indexOf(magic, offset); at !== -1; at = bytes.indexOf(magic, at + 4)) {
    const frame = decodeFrame(bytes, at, seal)
    if (frame?.type === 'commit') proven = Math.max(proven, frame.syncedLsn)
  }
  return proven
}
