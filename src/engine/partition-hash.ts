/**
 * Partition keys as eight bytes of XXH64, big-endian, so that byte order is the order of the hashes. The hashes of
 * recent keys are remembered: calling into WASM costs more than looking one up.
 */
import type { Checksum } from '../base/checksum.js'

const REMEMBERED = 16_384

export function partitionHash(checksum: Checksum): (encodedKey: string) => string {
  const known = new Map<string, string>()
  const scratch = Buffer.allocUnsafeSlow(8 * 1024)
  const output = Buffer.allocUnsafeSlow(8)
  return (encodedKey) => {
    const remembered = known.get(encodedKey)
    if (remembered !== undefined) return remembered
    const bytes = encodedKey.length <= scratch.length ? scratch : Buffer.allocUnsafe(encodedKey.length)
    const byteLength = bytes.write(encodedKey, 0, 'latin1')
    output.writeBigUInt64BE(checksum(bytes.subarray(0, byteLength), 0n))
    const hash = output.toString('latin1')
    if (known.size >= REMEMBERED) known.clear()
    known.set(encodedKey, hash)
    return hash
  }
}
