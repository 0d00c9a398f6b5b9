/**
 * How a group is synced: right here, or by the thread pool while others run.
 *
 * The way to the pool and back is half as long again as the sync. Who writes alone, each commit after the last, has
 * nobody who could use the time, and gets the sync at once. As soon as several write, their commits gather while a sync
 * is under way, and that is worth more. And a slow disk must not stop the event loop: then syncs go to the pool for a
 * while, and for longer each time that it is still slow.
 */

/** After so many groups of one commit, with nothing behind, a writer is taken to be alone. */
const ALONE_GROUPS = 3
/** Syncs that hold up the event loop for longer than this, on average, are too slow. */
const HELD_LIMIT_MS = 2
/** How much the last one counts in the average: a disk that is slow once is not slow. */
const LAST_SHARE = 1 / 8
const FIRST_AVOIDED_MS = 100
const LONGEST_AVOIDED_MS = 10_000

export class SyncChoice {
  #aloneGroups = 0
  #averageMs = 0
  #avoidedMs = 0
  #avoidedUntil = Number.NEGATIVE_INFINITY

  /** Whether the pool should sync the next group, given how much waits, the group's own commits included. */
  isLater(waitingCount: number, now: number): boolean {
    this.#aloneGroups = waitingCount === 1 ? this.#aloneGroups + 1 : 0
    return this.#aloneGroups <= ALONE_GROUPS || now < this.#avoidedUntil
  }

  /** Learns how long a sync has held up everything else. */
  held(startedAt: number, endedAt: number): void {
    this.#averageMs += (endedAt - startedAt - this.#averageMs) * LAST_SHARE
    if (this.#averageMs <= HELD_LIMIT_MS) {
      if (this.#averageMs < HELD_LIMIT_MS / 2) this.#avoidedMs = 0
      return
    }
    this.#avoidedMs = Math.min(LONGEST_AVOIDED_MS, Math.max(FIRST_AVOIDED_MS, this.#avoidedMs * 2))
    this.#avoidedUntil = endedAt + this.#avoidedMs
    // The next one is a trial: one that is slow again is enough.
    this.#averageMs = HELD_LIMIT_MS
  }
}
