/**
 * The elements of one JSON array. Only its own brackets and commas are looked at, and strings just to pass over them;
 * what is inside an element is not checked here. That works on bytes: in UTF-8 those of ASCII stand for nothing else.
 */
import { BrokenFileError } from './import-record.js'
import { PendingBytes } from './pending-bytes.js'
import type { Slice, Splitter } from './splitter.js'

const LINE_FEED = 0x0a
const QUOTE = 0x22
const COMMA = 0x2c
const OPEN_LIST = 0x5b
const BACKSLASH = 0x5c
const CLOSE_LIST = 0x5d
const OPEN_MAP = 0x7b
const CLOSE_MAP = 0x7d

export class ArraySplitter implements Splitter {
  readonly #pending: PendingBytes = new PendingBytes()
  #place: 'before' | 'first' | 'element' | 'next' | 'behind' = 'before'
  #line = 1
  #elementLine = 1
  /** How many lists and maps are open inside the element. */
  #depth = 0
  #isInString = false
  #isEscaped = false

  push(chunk: Buffer, found: Slice[]): void {
    let start = 0
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i]!
      if (byte === LINE_FEED) this.#line += 1
      if (this.#place !== 'element') {
        if (isBlank(byte) || !this.#beginsElement(byte)) continue
        this.#place = 'element'
        this.#elementLine = this.#line
        start = i
      }
      if (!this.#endsElement(byte)) continue
      const bytes = this.#pending.take(chunk.subarray(start, i))
      if (bytes.length === 0) throw new BrokenFileError(this.#line, 'a comma has no element before it')
      found.push({ line: this.#elementLine, bytes })
      this.#place = byte === COMMA ? 'next' : 'behind'
    }
    if (this.#place === 'element') this.#pending.add(chunk.subarray(start), this.#elementLine)
  }

  end(): void {
    if (this.#place === 'before') throw new BrokenFileError(this.#line, 'there is nothing, not even an empty array')
    if (this.#place !== 'behind') throw new BrokenFileError(this.#line, 'the file ends before its array does')
  }

  /** Outside of elements: whether the byte is the first one of an element. */
  #beginsElement(byte: number): boolean {
    switch (this.#place) {
      case 'before':
        if (byte !== OPEN_LIST) throw new BrokenFileError(this.#line, 'a JSON file is one array: [{…}, {…}]')
        this.#place = 'first'
        return false
      case 'behind':
        throw new BrokenFileError(this.#line, 'there is something behind the end of the array')
      default:
        if (byte !== CLOSE_LIST) return true
        if (this.#place === 'next') throw new BrokenFileError(this.#line, 'a comma has no element behind it')
        this.#place = 'behind'
        return false
    }
  }

  /** Inside of an element: whether the byte is the first one behind it. */
  #endsElement(byte: number): boolean {
    if (this.#isInString) {
      if (this.#isEscaped) this.#isEscaped = false
      else if (byte === BACKSLASH) this.#isEscaped = true
      else if (byte === QUOTE) this.#isInString = false
      return false
    }
    switch (byte) {
      case QUOTE:
        this.#isInString = true
        return false
      case OPEN_LIST:
      case OPEN_MAP:
        this.#depth += 1
        return false
      case CLOSE_LIST:
      case CLOSE_MAP:
        if (this.#depth === 0) return byte === CLOSE_LIST
        this.#depth -= 1
        return false
      default:
        return byte === COMMA && this.#depth === 0
    }
  }
}

function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === LINE_FEED || byte === 0x0d || byte === 0x09
}
