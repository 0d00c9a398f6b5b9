/**
 * What a server did not expect, as lines for who runs it. However often it happens there is no more than a line a second:
 * those in between are counted, and the next line says how many there were.
 */
import type { Clock } from '../base/clock.js'

const LINE_MS = 1000

export class FailureLines {
  readonly #write: (line: string) => void
  readonly #clock: Clock
  #nextAtMs = Number.NEGATIVE_INFINITY
  #silentCount = 0

  constructor(write: (line: string) => void, clock: Clock) {
    this.#write = write
    this.#clock = clock
  }

  add(failure: unknown): void {
    const now = this.#clock.now()
    if (now < this.#nextAtMs) {
      this.#silentCount++
      return
    }
    this.#nextAtMs = now + LINE_MS
    this.end()
    this.#write(`dynafile: a request failed: ${textOf(failure)}`)
  }

  /** Says what is not said yet. */
  end(): void {
    if (this.#silentCount > 0) this.#write(`dynafile: ${this.#silentCount} more failed`)
    this.#silentCount = 0
  }
}

/** On one line: a message may quote what somebody sent. */
function textOf(failure: unknown): string {
  const text = failure instanceof Error ? `${failure.name}: ${failure.message}` : String(failure)
  return text.replace(/[\s\p{Cc}]+/gu, ' ').slice(0, 500)
}
