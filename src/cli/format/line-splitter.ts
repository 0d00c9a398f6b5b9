/** Lines: each ends with a line feed, which is not part of it; the last one may do without. Empty ones are left out. */
import { PendingBytes } from './pending-bytes.js'
import type { Slice, Splitter } from './splitter.js'

const LINE_FEED = 0x0a
const NOTHING = Buffer.alloc(0)

export class LineSplitter implements Splitter {
  readonly #pending: PendingBytes = new PendingBytes()
  #line = 1

  push(chunk: Buffer, found: Slice[]): void {
    let start = 0
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, start)) {
      this.#emit(found, this.#pending.take(chunk.subarray(start, end)))
      this.#line += 1
      start = end + 1
    }
    this.#pending.add(chunk.subarray(start), this.#line)
  }

  end(found: Slice[]): void {
    this.#emit(found, this.#pending.take(NOTHING))
  }

  #emit(found: Slice[], bytes: Buffer): void {
    if (bytes.some((byte) => !isBlank(byte))) found.push({ line: this.#line, bytes })
  }
}

/** Space, tab or the carriage return of a Windows line. */
function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0d
}
