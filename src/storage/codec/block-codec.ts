/**
 * What may happen to a block's bytes between memory and disk. The codec's id is stored beside each block, so files
 * written under different settings live together and a new codec is one more line here.
 *
 * All of it is synchronous: a block takes some ten microseconds, and the asynchronous forms would take threads of the
 * pool in which the log waits for its syncs.
 */
import zlib, { constants } from 'node:zlib'
import { CodecMissingError } from '../../errors.js'

export type Compression = 'none' | 'deflate' | 'zstd'

interface BlockCodec {
  readonly id: number
  readonly encode: (raw: Uint8Array) => Uint8Array
  readonly decode: (stored: Uint8Array, rawLength: number) => Uint8Array
}

/** What Node has from 22.15 on. The compression level's number is part of zstd's interface, and stays. */
interface Zstd {
  zstdCompressSync(raw: Uint8Array, options: { params: Record<number, number> }): Buffer
  zstdDecompressSync(stored: Uint8Array, options: { maxOutputLength: number }): Buffer
}
const { zstdCompressSync, zstdDecompressSync } = zlib as Partial<Zstd>
const ZSTD_COMPRESSION_LEVEL = 100
const ZSTD_ID = 2

/** The id of bytes that are not packed. */
export const STORED_AS_IT_IS = 0

/** By name; undefined where this runtime does not have it. */
const CODECS: Record<Compression, BlockCodec | undefined> = {
  none: { id: STORED_AS_IT_IS, encode: (raw) => raw, decode: (stored) => stored },
  deflate: {
    id: 1,
    // Level 1: higher ones cost twice the time for a tenth of the space.
    encode: (raw) => zlib.deflateRawSync(raw, { level: constants.Z_BEST_SPEED }),
    // A damaged or hostile block must not unpack to more than it says.
    decode: (stored, rawLength) => zlib.inflateRawSync(stored, { maxOutputLength: Math.max(1, rawLength) }),
  },
  zstd:
    zstdCompressSync === undefined || zstdDecompressSync === undefined
      ? undefined
      : {
          id: ZSTD_ID,
          // Level 1, for the same reason.
          encode: (raw) => zstdCompressSync(raw, { params: { [ZSTD_COMPRESSION_LEVEL]: 1 } }),
          decode: (stored, rawLength) => zstdDecompressSync(stored, { maxOutputLength: Math.max(1, rawLength) }),
        },
}
const CODECS_BY_ID = new Map(Object.values(CODECS).map((codec) => [codec?.id, codec]))

export const COMPRESSIONS: readonly Compression[] = ['none', 'deflate', 'zstd']

/** Whether this runtime has it: `zstd` came with Node 22.15. */
export function hasCompression(compression: Compression): boolean {
  return CODECS[compression] !== undefined
}

/** Encodes a block; one that would not get smaller is kept as it is. */
export function encodeBlock(raw: Uint8Array, compression: Compression): { id: number; stored: Uint8Array } {
  const codec = CODECS[compression]
  if (codec === undefined) throw new RangeError(`this runtime has no ${compression}`)
  const stored = codec.encode(raw)
  return stored.length < raw.length ? { id: codec.id, stored } : { id: STORED_AS_IT_IS, stored: raw }
}

/**
 * Decodes a block of a file. Throws a `RangeError` when the codec is unknown or the bytes are not what they say.
 *
 * @throws {CodecMissingError} When the codec is one that this runtime does not have.
 */
export function decodeBlock(id: number, stored: Uint8Array, rawLength: number, file: string): Uint8Array {
  const codec = CODECS_BY_ID.get(id)
  if (codec === undefined) {
    if (id === ZSTD_ID) throw new CodecMissingError(file, 'zstd', 'Node 22.15')
    throw new RangeError(`block codec ${id} is unknown`)
  }
  let raw: Uint8Array
  try {
    raw = codec.decode(stored, rawLength)
  } catch (cause) {
    throw new RangeError('the block can not be unpacked', { cause })
  }
  if (raw.length !== rawLength) throw new RangeError('the block has the wrong length')
  return raw
}
