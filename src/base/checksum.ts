/**
 * XXH64, the checksum of everything we store and the hash that spreads partition keys. It comes from WASM, which has
 * to be compiled once before the first use, so it is loaded while opening and handed to whoever needs it.
 */
import xxhash from 'xxhash-wasm'

/** XXH64 of some bytes. The seed binds the bytes to where they belong: the same block elsewhere does not verify. */
export type Checksum = (bytes: Uint8Array, seed: bigint) => bigint

/**
 * What is longer goes through WASM's memory in parts. That memory has 64 KB, and must not grow: growing takes its buffer
 * away from whoever looks at it, and once that has happened to any buffer, V8 throws away all compiled code that reads bytes,
 * and looks before every access from then on.
 */
const LONGEST_PART = 32 * 1024

let loading: Promise<Checksum> | undefined

export function loadChecksum(): Promise<Checksum> {
  loading ??= xxhash().then(({ h64Raw, create64 }) => (bytes, seed) => {
    if (bytes.length <= LONGEST_PART) return h64Raw(bytes, seed)
    const hash = create64(seed)
    for (let from = 0; from < bytes.length; from += LONGEST_PART) hash.update(bytes.subarray(from, from + LONGEST_PART))
    return hash.digest()
  })
  return loading
}
