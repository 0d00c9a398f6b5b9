/**
 * What may happen to a block's bytes between memory and disk. The codec's id is stored beside each block, so files
 * written under different settings live together and a new codec is one more line here.
 */
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib'

export type Compression = 'none' | 'deflate'

interface BlockCodec {
  readonly id: number
  readonly encode: (raw: Uint8Array) => Uint8Array
  readonly decode: (stored: Uint8Array, rawLength: number) => Uint8Array
}

const CODECS: Record<Compression, BlockCodec> = {
  none: { id: 0, encode: (raw) => raw, decode: (stored) => stored },
  deflate: {
    id: 1,
    // Level 1: higher ones cost twice the time for a tenth of the space.
    encode: (raw) => deflateRawSync(raw, { level: constants.Z_BEST_SPEED }),
    // A damaged or hostile block must not unpack to more than it says.
    decode: (stored, rawLength) => inflateRawSync(stored, { maxOutputLength: Math.max(1, rawLength) }),
  },
}

/** Encodes a block; one that would not get smaller is kept as it is. */
export function encodeBlock(raw: Uint8Array, compression: Compression): { id: number; stored: Uint8Array } {
  const codec = CODECS[compression]
  const stored = codec.encode(raw)
  return stored.length < raw.length ? { id: codec.id, stored } : { id: CODECS.none.id, stored: raw }
}

/** Decodes a block. Throws a `RangeError` when the codec is unknown or the bytes are not what they say. */
export function decodeBlock(id: number, stored: Uint8Array, rawLength: number): Uint8Array {
  const codec = Object.values(CODECS).find((known) => known.id === id)
  if (codec === undefined) throw new RangeError(`block codec ${id} is unknown`)
  let raw: Uint8Array
  try {
    raw = codec.decode(stored, rawLength)
  } catch (cause) {
    throw new RangeError('the block can not be unpacked', { cause })
  }
  if (raw.length !== rawLength) throw new RangeError('the block has the wrong length')
  return raw
}
