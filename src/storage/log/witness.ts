/**
 * The witness: 64 bytes that say how far the log was durable, overwritten after each sync and never synced itself. It
 * lags at worst, so whatever it names must be found by recovery; if not, acknowledged commits are gone and recovery
 * says so instead of opening an older state.
 *
 *   offset  size  field                 offset  size  field
 *        0     4  magic "WIT1"               24     8  durable sequence number
 *        4     4  epoch                      32     8  XXH64 of bytes 0..32
 *        8    16  database id                40    24  zero
 */
import { ByteReader } from '../../base/byte-reader.js'
import { ByteWriter } from '../../base/byte-writer.js'
import type { Checksum } from '../../base/checksum.js'

export const WITNESS_LENGTH = 64
const MAGIC = 0x31544957

export function encodeWitness(
  witness: { readonly epoch: number; readonly databaseId: Uint8Array; readonly durableLsn: number },
  checksum: Checksum,
): Uint8Array {
  const out = new ByteWriter(WITNESS_LENGTH)
  out.u32(MAGIC)
  out.u32(witness.epoch)
  out.bytes(witness.databaseId)
  out.u64(witness.durableLsn)
  out.big64(checksum(out.view(), 0n))
  out.zeros(24)
  return out.copy()
}

/**
 * The sequence number a witness names; 0 when it is torn, missing or another database's. So it is when a writer before
 * `epoch` wrote it: what of that one's counts is in the manifest, and what it wrote after it lost the folder does not.
 */
export function decodeWitness(bytes: Uint8Array, databaseId: Uint8Array, checksum: Checksum, epoch = 0): number {
  if (bytes.length < WITNESS_LENGTH) return 0
  if (new ByteReader(bytes, 32).big64() !== checksum(bytes.subarray(0, 32), 0n)) return 0
  const reader = new ByteReader(bytes)
  if (reader.u32() !== MAGIC) return 0
  const isCurrent = reader.u32() >= epoch
  const owner = reader.bytes(16)
  return isCurrent && owner.equals(databaseId) ? reader.u64() : 0
}
