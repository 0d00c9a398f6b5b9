/** The bytes of a file, or of standard input: without the mark that some programs begin a file with, and counted. */
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import type { Readable } from 'node:stream'

const CHUNK_LENGTH = 256 * 1024
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf])

export class ByteSource implements AsyncIterable<Buffer> {
  /** How many there are, where that is known. */
  readonly totalBytes: number | undefined
  readonly #stream: Readable
  #readBytes = 0

  private constructor(stream: Readable, totalBytes: number | undefined) {
    this.#stream = stream
    this.totalBytes = totalBytes
  }

  /** Opens the file, so that one that is not there is noticed before anything else happens; `-` is standard input. */
  static async open(path: string, stdin: () => Readable): Promise<ByteSource> {
    if (path === '-') return new ByteSource(stdin(), undefined)
    const handle = await open(path, 'r').catch((cause: Error) => {
      throw new Error(`Cannot read "${path}": ${cause.message}`, { cause })
    })
    const status = await handle.stat()
    if (status.isDirectory()) {
      await handle.close()
      throw new Error(`Cannot read "${path}": it is a folder`)
    }
    const stream = createReadStream(path, { fd: handle, highWaterMark: CHUNK_LENGTH })
    return new ByteSource(stream, status.isFile() ? status.size : undefined)
  }

  get readBytes(): number {
    return this.#readBytes
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer, void, undefined> {
    // A stream that was cut into bits may bring the mark in bits, too.
    let head: Buffer | undefined = Buffer.alloc(0)
    for await (const chunk of this.#stream as AsyncIterable<Buffer | string>) {
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk
      this.#readBytes += bytes.length
      if (head === undefined) {
        yield bytes
        continue
      }
      head = Buffer.concat([head, bytes])
      if (head.length < BYTE_ORDER_MARK.length) continue
      yield withoutMark(head)
      head = undefined
    }
    if (head !== undefined) yield withoutMark(head)
  }

  /** Lets the file go, read or not. */
  close(): void {
    this.#stream.destroy()
  }
}

function withoutMark(bytes: Buffer): Buffer {
  return bytes.subarray(0, 3).equals(BYTE_ORDER_MARK) ? bytes.subarray(3) : bytes
}
