/**
 * A quick hash of byte strings, for filters and tables in memory: two numbers of 32 bits, made in one pass. It is no
 * checksum, and whoever chooses the keys can make them collide: then a filter says "perhaps" more often, and no answer
 * changes.
 *
 * Filters and blocks on disk depend on it: another hash is another format (architecture/formats.md).
 */

/** A key made ready for being looked for. */
export interface HashedKey {
  /** The key's bytes, from the start: going through them costs a third of going through a string. */
  readonly bytes: Uint8Array
  readonly length: number
  /** From 0 to 2 ** 32 - 1, both. */
  readonly first: number
  readonly second: number
}

/** The key that was hashed last: several places ask for the same one after the other. */
let lastKey: string | undefined
let memory = Buffer.allocUnsafeSlow(16 * 1024)
const last = { bytes: memory as Uint8Array, length: 0, first: 0, second: 0 }

/** The hashes and the bytes of a key: an object that the next call fills anew. */
export function hashKey(key: string): HashedKey {
  if (key === lastKey) return last
  const { length } = key
  if (length > memory.length) memory = Buffer.allocUnsafeSlow(2 * length)
  const bytes = memory
  latin1Write.call(bytes, key, 0, length)
  let first = 0x811c9dc5 ^ length
  let second = 0x9e3779b9
  let i = 0
  // Four bytes at a time: each step waits for the one before it.
  for (; i + 4 <= length; i += 4) {
    const four = bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24)
    first = Math.imul(first ^ four, 0x9e3779b1)
    first ^= first >>> 15
    second = Math.imul(second ^ four, 0x85ebca6b)
    second = (second << 13) | (second >>> 19)
  }
  for (; i < length; i++) {
    first = Math.imul(first ^ bytes[i]!, 0x9e3779b1)
    first ^= first >>> 15
    second = Math.imul(second ^ bytes[i]!, 0x85ebca6b)
    second = (second << 13) | (second >>> 19)
  }
  first = Math.imul(first ^ (first >>> 13), 0xc2b2ae3d)
  second = Math.imul(second ^ (second >>> 16), 0xc2b2ae35)
  lastKey = key
  last.bytes = bytes
  last.length = length
  last.first = (first ^ (first >>> 16)) >>> 0
  last.second = (second ^ (second >>> 13)) >>> 0
  return last
}

type Write = (this: Uint8Array, text: string, start: number, length: number) => number
const { latin1Write } = Buffer.prototype as unknown as { latin1Write: Write }
