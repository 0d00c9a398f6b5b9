/**
 * A quick hash of byte strings, for filters and tables in memory: two numbers of 32 bits, made in one pass. It is no
 * checksum, and whoever chooses the keys can make them collide: then a filter says "perhaps" more often, and no answer
 * changes.
 *
 * Filters on disk depend on it: another hash is another format (architecture/formats.md).
 */

/** The second number of the key that was hashed last: returning both would cost an object. */
export let secondHash = 0

/** The first number, from 0 to 2 ** 32 - 1. */
export function keyHash(key: string): number {
  let first = 0x811c9dc5
  let second = 0x9e3779b9
  for (let i = 0; i < key.length; i++) {
    const code = key.charCodeAt(i)
    first = Math.imul(first ^ code, 0x01000193)
    second = Math.imul(second + code, 0x85ebca6b) ^ (second >>> 13)
  }
  second ^= second >>> 16
  secondHash = Math.imul(second, 0xc2b2ae35) >>> 0
  first = Math.imul(first ^ (first >>> 15), 0x2c1b3c6d)
  return (first ^ (first >>> 13)) >>> 0
}
