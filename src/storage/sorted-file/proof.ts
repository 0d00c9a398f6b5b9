/**
 * What stands behind an entry in its block, so that it can be believed without the rest of the block: the checksum of a
 * block says nothing of a part of it.
 *
 *   length of the rest of its key, which is the entry's first part (2)
 *   checksum (4): the lower half of that of all in front of it, from the entry's first byte on, xor the first hash of the
 *   whole key. The seed is the file's id, so an entry that another key, or another file, has in this place is noticed.
 */
import { partOf, uint16At, uint32At } from '../../base/bytes.js'
import type { Checksum } from '../../base/checksum.js'
import type { HashedKey } from '../../base/key-hash.js'

export const PROOF_LENGTH = 6
export const CHECK_LENGTH = 4

/** Blocks of shorter entries have no proofs: they and the outline would take too much, and few bytes lie around an entry. */
const LEAST_MEAN_LENGTH = 128

/** Whether entries of so many bytes, together, should have proofs. One alone is as good as its block. */
export function deserveProofs(count: number, byteLength: number): boolean {
  return count > 1 && byteLength >= count * LEAST_MEAN_LENGTH
}

/** What the last four bytes of a proof have to be, of an entry up to there. */
export type Prover = (entry: Uint8Array, key: Pick<HashedKey, 'first'>) => number

/** @param file The id of the file. */
export function proverOf(checksum: Checksum, file: bigint): Prover {
  return (entry, { first }) => (Number(BigInt.asUintN(32, checksum(entry, file))) ^ first) >>> 0
}

/** Whether bytes are an entry of a key, with its proof at the end, in which so many bytes of the key stand. */
export function isProved(bytes: Uint8Array, restLength: number, key: HashedKey, prove: Prover): boolean {
  const checkStart = bytes.length - CHECK_LENGTH
  const proofStart = bytes.length - PROOF_LENGTH
  if (proofStart < restLength || uint16At(bytes, proofStart) !== restLength) return false
  return uint32At(bytes, checkStart) === prove(partOf(bytes, 0, checkStart), key)
}
