/**
 * How many of those who write at the same time share a sync: all of them, or half of them and then the other half.
 *
 * When all are in one group, all of them wait while it is synced, and the processor with them. In two groups the commits
 * of one half are made while those of the other are synced. That pays when making them takes as long as a sync, and when
 * they are made independently: whoever makes a hundred, waits for all and makes the next hundred waits for a sync more.
 * Neither is known beforehand, so both ways are tried, a dozen groups or so each, and the quicker one is kept for a while.
 */

/** Fewer are always one group: half of them are made in less than a sync takes. */
const LEAST_WRITERS = 16
/** A way is tried until each writer has committed so often. */
const ROUNDS_PER_TRIAL = 8
/** For so many times the length of a trial the quicker way is kept, before the other one is tried again. */
const TRIALS_BETWEEN = 32
/** The other way has to be quicker by this much: less is chance. */
const WORTH_CHANGING = 1.05
/** After nothing was acknowledged for so long what was counted means nothing. */
const BREAK_MS = 5
/** After so many breaks in a row, without a trial that came to its end, nothing is known any more. */
const MOST_BREAKS = 3

export class GroupSize {
  #isHalved = false
  #writerCount = 0
  /** In this trial: how many were acknowledged, since when. */
  #count = 0
  #since = 0
  #lastAt = Number.NEGATIVE_INFINITY
  /** Trials of the way that was kept. */
  #trialCount = 0
  /** Commits in each millisecond of the way that was kept, while the other one is tried. */
  #keptRate: number | undefined
  #breakCount = 0

  /** So many commits that are waited for one by one may be in a group. */
  get limit(): number {
    return this.#isHalved ? Math.ceil(this.#writerCount / 2) : Number.POSITIVE_INFINITY
  }

  /** A group of so many was acknowledged, and so many were queued behind it. */
  acknowledged(count: number, queuedCount: number, now: number): void {
    const isBreak = now - this.#lastAt > BREAK_MS
    this.#lastAt = now
    // Some may just be making their next commit.
    this.#writerCount = Math.max(count + queuedCount, Math.floor(this.#writerCount * (7 / 8)))
    if (this.#writerCount < LEAST_WRITERS) this.#forget(now)
    else if (isBreak) this.#interrupt(now)
    else this.#add(count, now)
  }

  #forget(now: number): void {
    this.#isHalved = false
    this.#keptRate = undefined
    this.#breakCount = 0
    this.#begin(now)
  }

  /** A disk on which each sync is a break is worth more than the processor's time. */
  #interrupt(now: number): void {
    this.#breakCount += 1
    if (this.#breakCount === MOST_BREAKS) {
      this.#forget(now)
      return
    }
    // The way that was kept is gone on with.
    if (this.#keptRate !== undefined) this.#isHalved = !this.#isHalved
    this.#keptRate = undefined
    this.#begin(now)
  }

  #add(count: number, now: number): void {
    this.#count += count
    if (this.#count >= ROUNDS_PER_TRIAL * this.#writerCount) this.#end(now)
  }

  #begin(now: number): void {
    this.#count = 0
    this.#since = now
  }

  #end(now: number): void {
    const rate = this.#count / (now - this.#since)
    this.#breakCount = 0
    this.#begin(now)
    if (this.#keptRate === undefined) {
      this.#trialCount += 1
      if (this.#trialCount > 1 && this.#trialCount < TRIALS_BETWEEN) return
      this.#trialCount = 1
      this.#keptRate = rate
      this.#isHalved = !this.#isHalved
      return
    }
    if (rate < this.#keptRate * WORTH_CHANGING) this.#isHalved = !this.#isHalved
    this.#keptRate = undefined
  }
}
