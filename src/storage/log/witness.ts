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
import { fileName } from '../disk/file-name.js'
import type { OpenFile } from '../disk/file-system.js'
import { givingName, type OwnedFolder } from '../disk/owned-folder.js'
import { ignoringFailure } from '../disk/removals.js'
import type { Environment } from '../environment.js'

export const WITNESS_LENGTH = 64
const MAGIC = 0x31544957
const LSN_OFFSET = 24
const CHECKSUM_OFFSET = 32

/**
 * Writes the witness. What is the same each time is encoded once: somebody waits for each of them. Each holder of the folder
 * has a file of its own under the name: one that has lost it does not write over what its successor says.
 */
export class Witness {
  readonly #file: OpenFile
  readonly #checksum: Checksum
  readonly #page = new ByteWriter(WITNESS_LENGTH)
  readonly #bytes: Uint8Array
  readonly #checked: Uint8Array

  constructor(
    { files, checksum, random }: Pick<Environment, 'files' | 'checksum' | 'random'>,
    holder: OwnedFolder & { readonly epoch: number; readonly databaseId: Uint8Array },
    durableLsn: number,
  ) {
    this.#checksum = checksum
    const page = this.#page
    page.u32(MAGIC)
    page.u32(holder.epoch)
    page.bytes(holder.databaseId)
    page.zeros(WITNESS_LENGTH - page.length)
    this.#bytes = page.view()
    this.#checked = this.#bytes.subarray(0, CHECKSUM_OFFSET)
    const path = fileName.witness(holder.root)
    const temporary = fileName.temporaryOfOurs(path, random)
    this.#file = files.open(temporary, 'create')
    try {
      this.write(durableLsn)
      givingName(holder, () => files.rename(temporary, path))
    } catch (failure) {
      this.#file.close()
      ignoringFailure(() => files.remove(temporary))
      throw failure
    }
  }

  write(durableLsn: number): void {
    this.#page.u64At(LSN_OFFSET, durableLsn)
    this.#page.big64At(CHECKSUM_OFFSET, this.#checksum(this.#checked, 0n))
    this.#file.write(this.#bytes, 0)
  }

  close(): void {
    this.#file.close()
  }
}

/**
 * The sequence number a witness names; 0 when it is torn, missing or another database's. So it is when a writer before
 * `epoch` wrote it: what of that one's counts is in the manifest, and what it wrote after it lost the folder does not.
 */
export function decodeWitness(bytes: Uint8Array, databaseId: Uint8Array, checksum: Checksum, epoch = 0): number {
  if (bytes.length < WITNESS_LENGTH) return 0
  if (new ByteReader(bytes, CHECKSUM_OFFSET).big64() !== checksum(bytes.subarray(0, CHECKSUM_OFFSET), 0n)) return 0
  const reader = new ByteReader(bytes)
  if (reader.u32() !== MAGIC) return 0
  const isCurrent = reader.u32() >= epoch
  const owner = reader.bytes(16)
  return isCurrent && owner.equals(databaseId) ? reader.u64() : 0
}
