/**
 * Counts operations of one kind and measures how long some of them take. What is measured goes into a histogram of
 * Node's own, an HdrHistogram. Looking at the clock twice costs as much as a part of a get from the cache, so of what is
 * quick only every sixteenth is timed.
 */
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks'
import type { MonotonicClock } from '../base/clock.js'
import type { OperationName, OperationStats } from '../stats.js'

/** What `begin` gives for one that is not timed. */
export const NOT_TIMED = -1
/** Of what is quick, one in so many is timed. */
const QUICK_SHARE = 16
const NANOSECONDS_PER_MS = 1_000_000
/** Longer ones count as this. */
const LONGEST_NANOSECONDS = 60_000 * NANOSECONDS_PER_MS
/** How exact a time is, in decimal digits. */
const DIGITS = 2

export class OperationMeter {
  readonly #clock: MonotonicClock
  readonly #mask: number
  #count = 0
  /** Made with the first that is timed. */
  #histogram: RecordableHistogram | undefined

  /** @param share One in so many is timed: a power of two. */
  constructor(clock: MonotonicClock, share = 1) {
    this.#clock = clock
    this.#mask = share - 1
  }

  /** Counts an operation; says when it began, if it is one that is timed. */
  begin(): number {
    return (this.#count++ & this.#mask) === 0 ? this.#clock.now() : NOT_TIMED
  }

  end(beganAt: number): void {
    if (beganAt !== NOT_TIMED) this.#record(beganAt)
  }

  /** The same for an operation that ends when its promise does. */
  endWith<T>(beganAt: number, outcome: Promise<T>): Promise<T> {
    return beganAt === NOT_TIMED ? outcome : outcome.finally(() => this.#record(beganAt))
  }

  get stats(): OperationStats {
    const histogram = this.#histogram
    const us = (percentile: number) => histogram && histogram.percentile(percentile) / 1000
    return { count: this.#count, p50Us: us(50), p95Us: us(95), p99Us: us(99), maxUs: us(100) }
  }

  #record(beganAt: number): void {
    this.#histogram ??= createHistogram({ lowest: 1, highest: LONGEST_NANOSECONDS, figures: DIGITS })
    const nanoseconds = Math.round((this.#clock.now() - beganAt) * NANOSECONDS_PER_MS)
    this.#histogram.record(Math.min(LONGEST_NANOSECONDS, Math.max(1, nanoseconds)))
  }
}

export type OperationMeters = Readonly<Record<OperationName, OperationMeter>>

export function operationMeters(clock: MonotonicClock): OperationMeters {
  return {
    get: new OperationMeter(clock, QUICK_SHARE),
    put: new OperationMeter(clock, QUICK_SHARE),
    update: new OperationMeter(clock, QUICK_SHARE),
    delete: new OperationMeter(clock, QUICK_SHARE),
    queryPage: new OperationMeter(clock, QUICK_SHARE),
    scanPage: new OperationMeter(clock, QUICK_SHARE),
    batchGet: new OperationMeter(clock),
    batchWrite: new OperationMeter(clock),
  }
}
