/**
 * What the index says of a block whose entries have proofs, behind the block's place: enough to read one of them and
 * nothing else, some hundred bytes instead of thousands.
 *
 *   varint    how many bytes all its keys begin with: its entries begin behind these
 *   varint    2 · the length of its shortest entry, plus 1 if lengths take two bytes
 *   tags      a byte of each key's hash, as in the block
 *   lengths   of each entry with its proof, less that of the shortest one: a byte each, or two
 */
import { ByteWriter } from '../../base/byte-writer.js'
import { uint16At } from '../../base/bytes.js'
import type { HashedKey } from '../../base/key-hash.js'
import { type Block, numberEnd, readVarint, tagOf } from './block.js'

/** The outline of a block; of one whose entries have no proofs, nothing. */
export function outlineOf(block: Block): Uint8Array {
  const out = new ByteWriter(256)
  if (!block.hasProofs) return out.written()
  const lengths = Array.from({ length: block.count }, (_, i) => block.keyStart(i + 1) - block.keyStart(i))
  const least = Math.min(...lengths)
  const isWide = lengths.some((length) => length - least > 0xff)
  out.varint(block.prefixLength)
  out.varint(2 * least + (isWide ? 1 : 0))
  for (let i = 0; i < block.count; i++) out.u8(block.tag(i))
  for (const length of lengths) {
    if (isWide) out.u16(length - least)
    else out.u8(length - least)
  }
  return out.written()
}

/** Passes the entries of an outlined block that may be a key's: mostly one, or none. */
export class OutlinedEntries {
  /** How many bytes of each key stand in front of the entries. */
  prefixLength = 0
  /** Where the entry begins, counted from the block's first raw byte, and where it ends. */
  start = 0
  end = 0
  #bytes: Uint8Array = NOTHING
  #tag = 0
  #tags = 0
  #count = 0
  #least = 0
  #lengthBytes = 1
  /** The entry that is looked at next, and where that begins. */
  #position = 0
  #nextStart = 0

  /** Begins with an outline that lies in these bytes. False when they are none. */
  open(bytes: Uint8Array, start: number, end: number, key: HashedKey): boolean {
    this.prefixLength = readVarint(bytes, start)
    const leastAndWidth = readVarint(bytes, numberEnd)
    const lengthBytes = 1 + (leastAndWidth & 1)
    const count = (end - numberEnd) / (1 + lengthBytes)
    this.#bytes = bytes
    this.#tag = tagOf(key)
    this.#tags = numberEnd
    this.#count = count
    this.#least = Math.floor(leastAndWidth / 2)
    this.#lengthBytes = lengthBytes
    this.#position = 0
    this.#nextStart = this.prefixLength
    return Number.isInteger(count) && count > 0
  }

  /** Goes on to the next entry that may be the key's; false when there is none. */
  next(): boolean {
    const bytes = this.#bytes
    const tag = this.#tag
    const tags = this.#tags
    const count = this.#count
    let position = this.#position
    while (position < count && bytes[tags + position] !== tag) position++
    if (position >= count) return false
    // What is in front of it, each longer than the shortest one by what is said of it.
    const from = this.#position
    let start = this.#nextStart + (position - from) * this.#least
    const lengths = tags + count
    if (this.#lengthBytes === 1) for (let i = from; i < position; i++) start += bytes[lengths + i]!
    else for (let i = from; i < position; i++) start += uint16At(bytes, lengths + 2 * i)
    this.start = start
    this.end = start + this.#lengthOf(position)
    this.#position = position + 1
    this.#nextStart = this.end
    return true
  }

  #lengthOf(position: number): number {
    const at = this.#tags + this.#count + this.#lengthBytes * position
    return this.#least + (this.#lengthBytes === 1 ? this.#bytes[at]! : uint16At(this.#bytes, at))
  }
}

const NOTHING = new Uint8Array(0)
