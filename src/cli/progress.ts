/**
 * How far a long command is, on stderr: a bar that is drawn again and again on a terminal, and elsewhere, where nothing
 * can be drawn over, a plain line every few seconds.
 */
import { integer } from './output.js'
import type { OutputStream } from './output-stream.js'

const BAR_INTERVAL_MS = 100
const LINE_INTERVAL_MS = 5000
const BAR_WIDTH = 24
const CLEAR_LINE = '\r\u001b[K'

export interface ProgressOptions {
  /** What is being done: `importing`. */
  readonly label: string
  /** The whole of it, where that is known. */
  readonly totalBytes?: number | undefined
  /** Milliseconds, from any start. @default performance.now */
  readonly now?: () => number
}

export interface ProgressState {
  readonly count: number
  /** How much of the total has been read. */
  readonly bytes?: number
}

export class Progress {
  readonly #output: OutputStream
  readonly #label: string
  readonly #totalBytes: number | undefined
  readonly #now: () => number
  readonly #startedAt: number
  #shownAt: number
  #isBarVisible = false

  constructor(output: OutputStream, { label, totalBytes, now = () => performance.now() }: ProgressOptions) {
    this.#output = output
    this.#label = label
    this.#totalBytes = totalBytes
    this.#now = now
    this.#startedAt = now()
    this.#shownAt = this.#startedAt
  }

  get elapsedMs(): number {
    return this.#now() - this.#startedAt
  }

  /** Call it as often as you like. */
  update(state: ProgressState): void {
    const { isTerminal } = this.#output
    if (this.#now() - this.#shownAt < (isTerminal ? BAR_INTERVAL_MS : LINE_INTERVAL_MS)) return
    this.#shownAt = this.#now()
    const text = `${this.#label}  ${this.#text(state, isTerminal)}`
    this.#isBarVisible = isTerminal
    const shown = isTerminal ? CLEAR_LINE + text.slice(0, (this.#output.columns ?? 80) - 1) : `${text}\n`
    // A failure shows with the next line that is waited for.
    this.#output.write(shown).catch(() => {})
  }

  /** Prints a line that stays. */
  async line(text: string): Promise<void> {
    await this.end()
    await this.#output.line(text)
  }

  /** Takes the bar away. */
  async end(): Promise<void> {
    if (this.#isBarVisible) await this.#output.write(CLEAR_LINE)
    this.#isBarVisible = false
  }

  #text({ count, bytes }: ProgressState, withBar: boolean): string {
    const rate = `${integer(count)} items  ${perSecond(count, this.elapsedMs)}`
    if (this.#totalBytes === undefined || this.#totalBytes === 0 || bytes === undefined) return rate
    const share = Math.min(bytes / this.#totalBytes, 1)
    const percentage = `${Math.floor(share * 100)}%`.padStart(4)
    if (!withBar) return `${percentage}  ${rate}`
    const full = Math.round(share * BAR_WIDTH)
    return `${'█'.repeat(full)}${'░'.repeat(BAR_WIDTH - full)} ${percentage}  ${rate}`
  }
}

export function perSecond(count: number, elapsedMs: number): string {
  return `${integer(Math.round((count * 1000) / Math.max(elapsedMs, 1)))}/s`
}

export function seconds(elapsedMs: number): string {
  return `${(elapsedMs / 1000).toFixed(elapsedMs < 10_000 ? 2 : 0)} s`
}
