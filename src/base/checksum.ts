/**
 * XXH64, the checksum of everything we store and the hash that spreads partition keys. It comes from WASM, which has
 * to be compiled once before the first use, so it is loaded while opening and handed to whoever needs it.
 */
import xxhash from 'xxhash-wasm'

/** XXH64 of some bytes. The seed binds the bytes to where they belong: the same block elsewhere does not verify. */
export type Checksum = (bytes: Uint8Array, seed: bigint) => bigint

let loading: Promise<Checksum> | undefined

export function loadChecksum(): Promise<Checksum> {
  loading ??= xxhash().then(({ h64Raw }) => h64Raw)
  return loading
}
