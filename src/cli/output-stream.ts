/**
 * A stream that a command writes to: waits while the reader is slow, knows how wide a terminal is, and colours text only
 * where somebody sees it. That it can't be written to any more is told once, to `onFailure`: a reader may have gone away
 * (`| head`), or a disk be full.
 */
import type { Writable } from 'node:stream'
import { styleText } from 'node:util'

export type WritableTerminal = Writable & { readonly isTTY?: boolean; readonly columns?: number }
export type Style = Parameters<typeof styleText>[0]

export class OutputStream {
  readonly #stream: WritableTerminal
  #failure: Error | undefined

  constructor(stream: WritableTerminal, onFailure: () => void) {
    this.#stream = stream
    stream.on('error', (failure: Error) => {
      this.#failure ??= failure
      onFailure()
    })
  }

  get isTerminal(): boolean {
    return this.#stream.isTTY === true
  }

  /** How many characters fit a line; undefined where there are no lines to fit. */
  get columns(): number | undefined {
    return this.isTerminal ? (this.#stream.columns ?? 80) : undefined
  }

  /** Whether the reader has gone away. */
  get isClosed(): boolean {
    return (this.#failure as NodeJS.ErrnoException | undefined)?.code === 'EPIPE'
  }

  /** Why something could not be written that somebody waits for. */
  get failure(): Error | undefined {
    return this.isClosed ? undefined : this.#failure
  }

  /** The text with colours, on a terminal that wants them. */
  paint(style: Style, text: string): string {
    return styleText(style, text, { stream: this.#stream })
  }

  line(text = ''): Promise<void> {
    return this.write(`${text}\n`)
  }

  /** Resolves when there is room for more. */
  async write(text: string): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure
    if (text === '' || this.#stream.write(text)) return
    await new Promise<void>((resolve, reject) => {
      const stream = this.#stream
      const settle = () => {
        stream.off('drain', settle).off('error', settle).off('close', settle)
        if (this.#failure === undefined) resolve()
        else reject(this.#failure)
      }
      stream.on('drain', settle).on('error', settle).on('close', settle)
    })
  }

  /** Resolves when everything has been handed to the system, or can't be. */
  finish(): Promise<void> {
    // A stream knows of its failure before it tells its listeners.
    this.#failure ??= this.#stream.errored ?? undefined
    if (this.#failure !== undefined || this.#stream.destroyed) return Promise.resolve()
    return new Promise((resolve) =>
      this.#stream.write('', (failure) => {
        this.#failure ??= failure ?? undefined
        resolve()
      }),
    )
  }
}
