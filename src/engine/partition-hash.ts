/**
 * Partition keys as eight bytes of XXH64, big-endian, so that byte order is the order of the hashes. The hashes of
 * recent keys are remembered: calling into WASM costs more than looking one up.
 */
import type { Checksum } from '../base/checksum.js'
import { keyHash } from '../base/key-hash.js'

/** Each key has one place where it can be remembered; the next one with that place takes it. A power of two. */
const PLACES = 16_384

export function partitionHash(checksum: Checksum): (encodedKey: string) => string {
  const keys = new Array<string>(PLACES).fill('')
  const hashes = new Array<string>(PLACES).fill('')
  const scratch = Buffer.allocUnsafeSlow(8 * 1024)
  const output = Buffer.allocUnsafeSlow(8)
  return (encodedKey) => {
    const place = keyHash(encodedKey) & (PLACES - 1)
    if (keys[place] === encodedKey) return hashes[place]!
    const bytes = encodedKey.length <= scratch.length ? scratch : Buffer.allocUnsafe(encodedKey.length)
    const byteLength = bytes.write(encodedKey, 0, 'latin1')
    output.writeBigUInt64BE(checksum(bytes.subarray(0, byteLength), 0n))
    const hash = output.toString('latin1')
    keys[place] = encodedKey
    hashes[place] = hash
    return hash
  }
}
