/**
 * The records of a CSV file (RFC 4180): each ends with a line feed that is not inside of quotes. A quote opens only where
 * a value begins, so one in the middle of a value is just a character. Empty lines are left out.
 */
import { BrokenFileError } from './import-record.js'
import { PendingBytes } from './pending-bytes.js'
import type { Slice, Splitter } from './splitter.js'

const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d
const QUOTE = 0x22
const COMMA = 0x2c
const NOTHING = Buffer.alloc(0)

export class CsvSplitter implements Splitter {
  readonly #pending: PendingBytes = new PendingBytes()
  #place: 'value start' | 'plain' | 'quoted' | 'quote in quoted' = 'value start'
  #line = 1
  #recordLine = 1

  push(chunk: Buffer, found: Slice[]): void {
    let start = 0
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i]!
      if (byte === LINE_FEED) {
        this.#line += 1
        if (this.#place === 'quoted') continue
        this.#emit(found, this.#pending.take(chunk.subarray(start, i)))
        start = i + 1
      } else if (byte === QUOTE) this.#quote()
      else if (this.#place === 'quoted') {
        // Only a quote ends it.
      } else this.#place = byte === COMMA ? 'value start' : 'plain'
    }
    this.#pending.add(chunk.subarray(start), this.#recordLine)
  }

  end(found: Slice[]): void {
    if (this.#place === 'quoted') throw new BrokenFileError(this.#recordLine, 'there is a quote that is never closed')
    this.#emit(found, this.#pending.take(NOTHING))
  }

  #quote(): void {
    if (this.#place === 'quoted') this.#place = 'quote in quoted'
    else if (this.#place !== 'plain') this.#place = 'quoted'
  }

  #emit(found: Slice[], bytes: Buffer): void {
    const end = bytes.at(-1) === CARRIAGE_RETURN ? bytes.length - 1 : bytes.length
    if (end > 0) found.push({ line: this.#recordLine, bytes: bytes.subarray(0, end) })
    this.#recordLine = this.#line
    this.#place = 'value start'
  }
}
