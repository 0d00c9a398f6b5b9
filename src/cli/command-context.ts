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
  /** Aborts when the user interrupts the command, and when its output can't be written any more. */
  readonly signal: AbortSignal
  /** Aborts only when the user interrupts the command: for one that has something to do even where nobody reads of it. */
  readonly interruption: AbortSignal
  readonly #streams: Streams
  #hasFoundProblems = false

  constructor(streams: Streams, interruption: AbortSignal = new AbortController().signal) {
    const unwritable = new AbortController()
    this.#streams = streams
    this.stdout = new OutputStream(streams.stdout, () => unwritable.abort())
    this.stderr = new OutputStream(streams.stderr, () => {})
    this.signal = AbortSignal.any([interruption, unwritable.signal])
    this.interruption = interruption
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

  /** The command goes on, but its exit code will be 1, even if nobody reads what it says of them. */
  foundProblems(): void {
    this.#hasFoundProblems = true
  }
}
