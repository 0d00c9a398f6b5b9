/** What a command has to work with: the streams, the signal that ends it early, and a way to say that it found problems. */
import type { Readable } from 'node:stream'
import { OutputStream, type WritableTerminal } from './output-stream.js'

export interface Streams {
  readonly stdin: Readable
  readonly stdout: WritableTerminal
  readonly stderr: WritableTerminal
}

export class CommandContext {
  readonly stdout: OutputStream
  readonly stderr: OutputStream
  /** Aborts when the user interrupts the command, and when nobody reads its output any more. */
  readonly signal: AbortSignal
  readonly #streams: Streams
  #hasFoundProblems = false

  constructor(streams: Streams, signal?: AbortSignal) {
    const closed = new AbortController()
    this.#streams = streams
    this.stdout = new OutputStream(streams.stdout, () => closed.abort())
    this.stderr = new OutputStream(streams.stderr, () => {})
    this.signal = signal === undefined ? closed.signal : AbortSignal.any([signal, closed.signal])
  }

  /** Asked for only by commands that read it: a process that touches its standard input may wait for it. */
  get stdin(): Readable {
    return this.#streams.stdin
  }

  get isOutputClosed(): boolean {
    return this.stdout.isClosed
  }

  get hasFoundProblems(): boolean {
    return this.#hasFoundProblems
  }

  /** The command goes on, but its exit code will be 1. */
  foundProblems(): void {
    this.#hasFoundProblems = true
  }

  async finish(): Promise<void> {
    await this.stdout.finish()
    await this.stderr.finish()
  }
}
