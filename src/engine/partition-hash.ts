/** Partition keys as eight bytes of XXH64, big-endian, so that byte order is the order of the hashes. */
import type { Checksum } from '../base/checksum.js'

export function partitionHash(checksum: Checksum): (encodedKey: string) => string {
  const scratch = Buffer.allocUnsafeSlow(8 * 1024)
  const output = Buffer.allocUnsafeSlow(8)
  return (encodedKey) => {
    const bytes = encodedKey.length <= scratch.length ? scratch : Buffer.allocUnsafe(encodedKey.length)
    const byteLength = bytes.write(encodedKey, 0, 'latin1')
    output.writeBigUInt64BE(checksum(bytes.subarray(0, byteLength), 0n))
    return output.toString('latin1')
  }
}
