/**
 * Warns whoever took a snapshot that it is still held, or that it was forgotten: it keeps files on the disk. Each
 * snapshot is reported once for either reason, as a warning of the process. It knows nothing of the snapshot itself,
 * which has to stay unreachable when nobody else has it.
 */
import type { MonotonicClock } from '../base/clock.js'
import type { Scheduler } from '../base/scheduler.js'

const HELD_LIMIT_MS = 10 * 60_000

export class SnapshotReminder {
  readonly #clock: MonotonicClock
  readonly #takenAt: number
  readonly #timer: { cancel(): void }
  readonly #onCancel: (reminder: SnapshotReminder) => void

  constructor(clock: MonotonicClock, scheduler: Scheduler, onCancel: (reminder: SnapshotReminder) => void) {
    this.#clock = clock
    this.#onCancel = onCancel
    this.#takenAt = clock.now()
    this.#timer = scheduler.after(HELD_LIMIT_MS, () => {
      warn('SNAPSHOT_HELD', `A snapshot has been held for ten minutes: ${REASON} Release it when it is read.`)
    })
  }

  reportForgotten(): void {
    this.cancel()
    const seconds = Math.round((this.#clock.now() - this.#takenAt) / 1000)
    const what = `A snapshot that was taken ${seconds} s ago was never released`
    warn('SNAPSHOT_FORGOTTEN', `${what}, and the garbage collector had to: ${REASON} Call release(), or use "using".`)
  }

  cancel(): void {
    this.#timer.cancel()
    this.#onCancel(this)
  }
}

const REASON = 'files that were replaced since it was taken stay on the disk for it.'

function warn(code: string, message: string): void {
  process.emitWarning(message, { type: 'DynafileWarning', code })
}
