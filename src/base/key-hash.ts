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
  /** The key's bytes, from the start: going through them costs a third of going through a string, … */
  bytes: Uint8Array
  /** … and through four of them at a time half of that. Behind the key the last word has zeros. */
  words: Int32Array
  length = 0
  /** Of 32 bits, with a sign, both: V8 has such numbers as they are, and others as objects. */
  first = 0
  second = 0
  #text: string | undefined

  /** @param byteLength How long its keys may be before it needs more memory. */
  constructor(byteLength: number) {
    this.words = new Int32Array(wordsFor(byteLength))
    this.bytes = new Uint8Array(this.words.buffer)
  }

  /** Memory to write the bytes of another key to, for `hash`. */
  room(byteLength: number): Uint8Array {
    this.#text = undefined
    if (wordsFor(byteLength) > this.words.length) {
      this.words = new Int32Array(wordsFor(2 * byteLength))
      this.bytes = new Uint8Array(this.words.buffer)
    }
    return this.bytes
  }

  get text(): string {
    this.#text ??= latin1Slice.call(this.bytes, 0, this.length)
    return this.#text
  }

  /** Whether its text was asked for, or given, and is this: quicker to ask than `hasText`. */
  isKnownAs(text: string): boolean {
    return this.#text === text
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
    const { bytes, words } = this
    let first = 0x811c9dc5 ^ length
    let second = 0x9e3779b9
    const wordCount = length >>> 2
    // Four bytes at a time: each step waits for the one before it.
    for (let i = 0; i < wordCount; i++) {
      const four = IS_LITTLE_ENDIAN ? words[i]! : reversed(words[i]!)
      first = Math.imul(first ^ four, 0x9e3779b1)
      first ^= first >>> 15
      second = Math.imul(second ^ four, 0x85ebca6b)
      second = (second << 13) | (second >>> 19)
    }
    for (let i = 4 * wordCount; i < length; i++) {
      first = Math.imul(first ^ bytes[i]!, 0x9e3779b1)
      first ^= first >>> 15
      second = Math.imul(second ^ bytes[i]!, 0x85ebca6b)
      second = (second << 13) | (second >>> 19)
    }
    first = Math.imul(first ^ (first >>> 13), 0xc2b2ae3d)
    second = Math.imul(second ^ (second >>> 16), 0xc2b2ae35)
    this.length = length
    this.first = first ^ (first >>> 16)
    this.second = second ^ (second >>> 13)
    this.#text = text
    for (let i = length; i < length + SPARE_BYTES; i++) bytes[i] = 0
  }

  /** Notes the hashes of the first bytes, which somebody has kept. */
  recall(length: number, first: number, second: number): void {
    this.length = length
    this.first = first
    this.second = second
    this.#text = undefined
    for (let i = length; i < length + SPARE_BYTES; i++) this.bytes[i] = 0
  }
}

/** Behind a key there is room for what its last word lacks. */
const SPARE_BYTES = 3

function wordsFor(byteLength: number): number {
  return (byteLength + SPARE_BYTES) >>> 2
}

/** How this processor has a number's bytes: the lowest first, as nearly all do. */
const IS_LITTLE_ENDIAN: boolean = new Uint8Array(new Int32Array([1]).buffer)[0] === 1

function reversed(word: number): number {
  return (word >>> 24) | ((word >>> 8) & 0xff00) | ((word << 8) & 0xff0000) | (word << 24)
}

/** The first byte, from 0 to 3, in which two words differ, as they lie in memory; `difference` is one ^ the other. */
export function differingByte(difference: number): number {
  const inOrder = IS_LITTLE_ENDIAN ? reversed(difference) : difference
  return Math.clz32(inOrder) >>> 3
}

/** The key that was hashed last: several places ask for the same one after the other. */
const last = new HashedKey(16 * 1024)

/** The hashes and the bytes of a key: an object that the next call fills anew. */
export function hashKey(key: string): HashedKey {
  if (last.isKnownAs(key)) return last
  const { length } = key
  latin1Write.call(last.room(length), key, 0, length)
  last.hash(length, key)
  return last
}

/** The object that `hashKey` fills, with room for a key of so many bytes: for whoever writes and hashes one himself. */
export function roomForKey(byteLength: number): HashedKey {
  last.room(byteLength)
  return last
}

type Write = (this: Uint8Array, text: string, start: number, length: number) => number
type Slice = (this: Uint8Array, start: number, end: number) => string
const { latin1Write, latin1Slice } = Buffer.prototype as unknown as { latin1Write: Write; latin1Slice: Slice }
