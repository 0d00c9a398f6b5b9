/** Sorted files on a simulated disk, for tests that look into one. */
import type { Checksum } from '../../src/base/checksum.js'
import { hashKey } from '../../src/base/key-hash.js'
import type { Compression } from '../../src/storage/codec/block-codec.js'
import type { FileSystem } from '../../src/storage/disk/file-system.js'
import type { SortedFileRecord } from '../../src/storage/manifest/manifest-format.js'
import { BlockCache, slotByteLength } from '../../src/storage/sorted-file/block-cache.js'
import { OpenFiles } from '../../src/storage/sorted-file/open-files.js'
import { SortedFileReader } from '../../src/storage/sorted-file/sorted-file-reader.js'
import { type AddedEntry, SortedFileWriter } from '../../src/storage/sorted-file/sorted-file-writer.js'
import type { EntryCursor, FoundValue } from '../../src/storage/tree/cursor.js'
import { checksum, type Machine, machine } from './storage-fixture.js'

export const PATH = '/db/7.run'
export const OWNER = { tree: 3, partition: 5 }
const databaseId = new Uint8Array(16).fill(1)

/** What stands under a key; undefined for a tombstone. */
export type Entries = ReadonlyMap<string, string | undefined>

export interface FileShape {
  readonly blockByteLength?: number
  readonly compression?: Compression
  readonly cacheByteLimit?: number
  /** What the reader reads through, instead of the machine's disk. */
  readonly files?: FileSystem
  /** What the writer makes checksums with. */
  readonly checksum?: Checksum
}

export function newWriter(where: Machine, path: string, shape: FileShape = {}): SortedFileWriter {
  const { blockByteLength = 120, compression = 'none', checksum: makeChecksum = checksum } = shape
  where.disk.makeDirectory('/db')
  const identity = { databaseId, ...OWNER, id: 7, lowestLsn: 10, highestLsn: 99 }
  const options = { blockByteLength, compression, entryEstimate: 100 }
  return new SortedFileWriter(where.disk, path, identity, makeChecksum, options)
}

export function openReader(
  where: Machine,
  record: SortedFileRecord,
  { blockByteLength = 120, cacheByteLimit = 2000, files = where.disk }: FileShape = {},
  owner: { readonly tree: number; readonly partition: number } = OWNER,
): SortedFileReader {
  const cache = new BlockCache(cacheByteLimit, slotByteLength(blockByteLength))
  const openFiles = new OpenFiles(files, 10)
  return new SortedFileReader(PATH, record, owner, { files, openFiles, checksum, cache, databaseId })
}

/** An entry as a cursor has it. */
export function entryOf(key: string, value: string | undefined, lsn: number): AddedEntry {
  const bytes = Buffer.from(value ?? '')
  const copyKey = (target: Uint8Array, start: number) =>
    void Buffer.from(target.buffer, target.byteOffset).write(key, start, 'latin1')
  const isTombstone = value === undefined
  return { bytes, start: 0, end: bytes.length, isTombstone, keyLength: () => key.length, copyKey, lsn: () => lsn }
}

export async function writtenFile(
  entries: Entries,
  shape: FileShape = {},
  where: Machine = machine(),
): Promise<{ where: Machine; record: SortedFileRecord; reader: SortedFileReader }> {
  const writer = newWriter(where, PATH, shape)
  let lsn = 10
  for (const [key, value] of entries) writer.add(entryOf(key, value, lsn++))
  const record = await where.scheduler.outcome(writer.finish())
  return { where, record, reader: openReader(where, record, shape) }
}

/** What the file has under a key: null for a tombstone, undefined for nothing. */
export function lookup(reader: SortedFileReader, key: string): string | null | undefined {
  const target: FoundValue = { bytes: Buffer.alloc(0), start: 0, end: 0 }
  const finding = reader.find(hashKey(key), target)
  if (finding === 'found') return shown(target)
  return finding === 'removed' ? null : undefined
}

/** Everything a cursor passes. */
export function walk(cursor: EntryCursor): [string, string | undefined][] {
  const found: [string, string | undefined][] = []
  while (cursor.next()) found.push([cursor.key(), cursor.isTombstone ? undefined : shown(cursor)])
  return found
}

function shown({ bytes, start, end }: { bytes: Uint8Array; start: number; end: number }): string {
  return Buffer.from(bytes.subarray(start, end)).toString()
}
