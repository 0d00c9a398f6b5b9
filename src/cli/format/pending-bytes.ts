/** The part of a record that has arrived, in the chunks it arrived in, until the rest of it does. */
import { BrokenFileError, RECORD_BYTE_LIMIT } from './import-record.js'

export class PendingBytes {
  #chunks: Buffer[] = []
  #byteLength = 0

  get byteLength(): number {
    return this.#byteLength
  }

  /** @throws {BrokenFileError} When a record gets longer than any item can be. */
  add(bytes: Buffer, line: number): void {
    if (bytes.length === 0) return
    this.#byteLength += bytes.length
    if (this.#byteLength > RECORD_BYTE_LIMIT) {
      throw new BrokenFileError(line, `the record that begins there has more than ${RECORD_BYTE_LIMIT} bytes`)
    }
    this.#chunks.push(bytes)
  }

  /** Everything, and nothing is pending any more. */
  take(last: Buffer): Buffer {
    if (this.#chunks.length === 0) return last
    const whole = Buffer.concat([...this.#chunks, last])
    this.#chunks = []
    this.#byteLength = 0
    return whole
  }
}
