/**
 * A file to be written from beginning to end. It has another name until it is whole, so what has the right name is never
 * a part of an export. What is no ordinary file, such as a pipe, is written to as it is.
 */
import { createWriteStream, existsSync, statSync, type WriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { finished } from 'node:stream/promises'
import { OutputStream } from '../output-stream.js'

export class FileSink {
  readonly #path: string
  readonly #temporaryPath: string
  readonly #stream: WriteStream
  readonly #output: OutputStream

  constructor(path: string) {
    this.#path = path
    this.#temporaryPath = existsSync(path) && !statSync(path).isFile() ? path : `${path}.partial`
    this.#stream = createWriteStream(this.#temporaryPath)
    this.#output = new OutputStream(this.#stream, () => {})
  }

  async write(text: string): Promise<void> {
    await this.#writing(this.#output.write(text))
  }

  /** The file is whole. */
  async commit(): Promise<void> {
    this.#stream.end()
    await this.#writing(finished(this.#stream))
    if (this.#temporaryPath !== this.#path) await this.#writing(rename(this.#temporaryPath, this.#path))
  }

  /** The file will not be finished; one that was there before stays. */
  async abandon(): Promise<void> {
    this.#stream.destroy()
    // A file that is still being opened would come after its removal.
    await finished(this.#stream).catch(() => {})
    if (this.#temporaryPath !== this.#path) await rm(this.#temporaryPath, { force: true })
  }

  async #writing(step: Promise<void>): Promise<void> {
    try {
      await step
    } catch (cause) {
      throw new Error(`Cannot write "${this.#path}": ${(cause as Error).message}`, { cause })
    }
  }
}
