/**
 * A quick hash of byte strings, for filters and tables in memory: two numbers of 32 bits, made in one pass. It is no
 * checksum, and whoever chooses the keys can make them collide: then a filter says "perhaps" more often, and no answer
 * changes.
 *
 * Filters and blocks on disk depend on it: another hash is another format (architecture/formats.md).
 */

/**
 * A key made ready for being looked for: its bytes and their hash. Its text is made when somebody asks for it, which in
 * most searches nobody does.
 */
export class HashedKey {
  /** The key's bytes, from the start: going through them costs a third of going through a string. */
  bytes: Uint8Array
  length = 0
  /** From 0 to 2 ** 32 - 1, both. */
  first = 0
  second = 0
  #text: string | undefined

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }

  get text(): string {
    this.#text ??= latin1Slice.call(this.bytes, 0, this.length)
    return this.#text
  }

  /** Whether its text was asked for, or given, and is this: quicker to ask than `hasText`. */
  isKnownAs(text: string): boolean {
    return this.#text === text
  }

  /** To be called before its bytes become those of another key. */
  forget(): void {
    this.#text = undefined
  }

  /** Whether it is this key. */
  hasText(text: string): boolean {
    const { bytes, length } = this
    if (text.length !== length) return false
    for (let i = 0; i < length; i++) if (bytes[i] !== text.charCodeAt(i)) return false
    return true
  }

  /** Hashes the first bytes, which were written by somebody who may know their text, too. */
  hash(length: number, text?: string): void {
    const { bytes } = this
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
    this.length = length
    this.first = (first ^ (first >>> 16)) >>> 0
    this.second = (second ^ (second >>> 13)) >>> 0
    this.#text = text
  }
}

/** The key that was hashed last: several places ask for the same one after the other. */
const last = new HashedKey(Buffer.allocUnsafeSlow(16 * 1024))

/** The hashes and the bytes of a key: an object that the next call fills anew. */
export function hashKey(key: string): HashedKey {
  if (last.isKnownAs(key)) return last
  const { length } = key
  latin1Write.call(memoryForKey(length), key, 0, length)
  last.hash(length, key)
  return last
}

/** Memory for the bytes of a key, for `hashWrittenKey`. What `hashKey` gave before is no good any more. */
export function memoryForKey(length: number): Uint8Array {
  last.forget()
  if (length > last.bytes.length) last.bytes = Buffer.allocUnsafeSlow(2 * length)
  return last.bytes
}

/** As `hashKey`, of the key whose bytes were written to `memoryForKey`. */
export function hashWrittenKey(length: number): HashedKey {
  last.hash(length)
  return last
}

type Write = (this: Uint8Array, text: string, start: number, length: number) => number
type Slice = (this: Uint8Array, start: number, end: number) => string
const { latin1Write, latin1Slice } = Buffer.prototype as unknown as { latin1Write: Write; latin1Slice: Slice }
