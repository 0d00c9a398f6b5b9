/**
 * The file FORMAT: what this folder is. It is written last when a database is created, so where it exists everything
 * else does.
 *
 *   offset  size  field                        offset  size  field
 *        0     8  "DYNAFILE"                       32     8  created at, milliseconds since 1970
 *        8     2  major version                    40     4  encryption key id, 0 for none
 *       10     2  minor version                    44    12  zero
 *       12     4  flags, 0                         56     8  XXH64 of bytes 0..56
 *       16    16  database id
 */
import { ByteReader } from '../base/byte-reader.js'
import { ByteWriter } from '../base/byte-writer.js'
import type { Checksum } from '../base/checksum.js'
import { CorruptionError, NewerFormatError, NotADatabaseError } from '../errors.js'

/** A newer major version can't be read at all; a newer minor one only adds what an older reader may ignore. */
export const FORMAT_MAJOR = 1
export const FORMAT_MINOR = 0

const FORMAT_LENGTH = 64
const MAGIC = 'DYNAFILE'

export interface Format {
  readonly databaseId: Uint8Array
  readonly createdAt: number
}

export function encodeFormat(format: Format, checksum: Checksum): Uint8Array {
  const out = new ByteWriter(FORMAT_LENGTH)
  out.byteString(MAGIC)
  out.u16(FORMAT_MAJOR)
  out.u16(FORMAT_MINOR)
  out.u32(0)
  out.bytes(format.databaseId)
  out.u64(format.createdAt)
  out.u32(0)
  out.zeros(12)
  out.big64(checksum(out.view(), 0n))
  return out.copy()
}

/**
 * Looks only at what the file says it is: enough to leave alone what is not ours, before anything is made in its folder.
 *
 * @throws {NotADatabaseError} When it is something else.
 * @throws {NewerFormatError} When a newer version wrote it.
 */
export function checkFormatVersion(bytes: Uint8Array, root: string): void {
  if (bytes.length < MAGIC.length || Buffer.from(bytes.subarray(0, MAGIC.length)).toString('latin1') !== MAGIC) {
    throw new NotADatabaseError(root, 'its file FORMAT is not one of a dynafile database')
  }
  if (bytes.length < MAGIC.length + 2) return
  const major = new ByteReader(bytes, MAGIC.length).u16()
  if (major > FORMAT_MAJOR) throw new NewerFormatError(root, major, FORMAT_MAJOR)
}

export function decodeFormat(bytes: Uint8Array, path: string, root: string, checksum: Checksum): Format {
  // Before the checksum: a newer version may keep it elsewhere.
  checkFormatVersion(bytes, root)
  if (bytes.length < FORMAT_LENGTH) throw new CorruptionError(path, bytes.length, 'the file ends too early')
  const reader = new ByteReader(bytes, MAGIC.length + 2)
  if (new ByteReader(bytes, 56).big64() !== checksum(bytes.subarray(0, 56), 0n)) {
    throw new CorruptionError(path, 0, 'its checksum differs')
  }
  reader.u16()
  reader.u32()
  return { databaseId: new Uint8Array(reader.bytes(16)), createdAt: reader.u64() }
}
