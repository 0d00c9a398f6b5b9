/**
 * Notices when others have not had their turn for a while, because everything that was waited for was there already: promises
 * that are kept at once leave no room for timers, sockets and signals, however many of them come one after the other.
 *
 * Whether others ran tells a mark that they take away. It is set once in several milliseconds, so who asks most often only
 * looks at the clock.
 */
import type { Scheduler } from './scheduler.js'

/** Others run about this often. */
const TURN_MS = 5

export class OthersTurn {
  readonly #scheduler: Pick<Scheduler, 'pause'>
  #othersRan: Promise<void> | undefined
  #markedAt = Number.NEGATIVE_INFINITY

  constructor(scheduler: Pick<Scheduler, 'pause'>) {
    this.#scheduler = scheduler
  }

  /**
   * What has to be waited for so that others run, if they did not for a while.
   *
   * @param now In milliseconds, by a clock that never goes back.
   */
  due(now: number): Promise<void> | undefined {
    if (now - this.#markedAt <= TURN_MS) return undefined
    if (this.#othersRan !== undefined) return this.#othersRan
    this.#markedAt = now
    this.#othersRan = this.#scheduler.pause().then(() => {
      this.#othersRan = undefined
    })
    return undefined
  }
}
