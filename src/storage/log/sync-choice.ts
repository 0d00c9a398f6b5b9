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
/** A sync that holds up the event loop for longer is too slow. */
const HELD_LIMIT_MS = 2
const FIRST_AVOIDED_MS = 100
const LONGEST_AVOIDED_MS = 10_000

export class SyncChoice {
  #aloneGroups = 0
  #avoidedMs = 0
  #avoidedUntil = Number.NEGATIVE_INFINITY

  /** Whether the pool should sync the next group, given how much waits, the group's own commits included. */
  isLater(waitingCount: number, now: number): boolean {
    this.#aloneGroups = waitingCount === 1 ? this.#aloneGroups + 1 : 0
    return this.#aloneGroups <= ALONE_GROUPS || now < this.#avoidedUntil
  }

  /** Learns how long a sync has held up everything else. */
  held(startedAt: number, endedAt: number): void {
    if (endedAt - startedAt <= HELD_LIMIT_MS) {
      this.#avoidedMs = 0
      return
    }
    this.#avoidedMs = Math.min(LONGEST_AVOIDED_MS, Math.max(FIRST_AVOIDED_MS, this.#avoidedMs * 2))
    this.#avoidedUntil = endedAt + this.#avoidedMs
  }
}
