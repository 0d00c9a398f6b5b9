/**
 * Counts operations of one kind and measures how long some of them take. What is measured goes into a histogram of
 * Node's own, an HdrHistogram. To look at the clock twice takes a quarter of the time of a get from the cache, so of what
 * is quick only every sixteenth is timed, and once there are many, every sixty-fourth.
 */
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks'
import type { MonotonicClock } from '../base/clock.js'
import type { OperationName, OperationStats } from '../stats.js'

/** Of what is quick, one in so many is timed: a power of two. */
const QUICK_SHARE = 16
/** Once so many were timed, it is one in four times as many. */
const MANY = 1000
const NANOSECONDS_PER_MS = 1_000_000
/** Longer ones count as this. */
const LONGEST_NANOSECONDS = 60_000 * NANOSECONDS_PER_MS
/** How exact a time is, in decimal digits. */
const DIGITS = 2

export class OperationMeter {
  readonly #clock: MonotonicClock
  #mask: number
  #count = 0
  /** Made with the first that is timed. */
  #histogram: RecordableHistogram | undefined

  /** @param share One in so many is timed. */
  constructor(clock: MonotonicClock, share = 1) {
    this.#clock = clock
    this.#mask = share - 1
  }

  /** Counts an operation; says whether it is one that is timed. */
  countsTimed(): boolean {
    return (this.#count++ & this.#mask) === 0
  }

  /** Counts it, and times it if it is one of those. */
  count<T>(run: () => Promise<T>): Promise<T> {
    return this.countsTimed() ? this.timeUntilSettled(run) : run()
  }

  /** What fails is not timed. */
  time<T>(run: () => T): T {
    const beganAt = this.#clock.now()
    const result = run()
    this.#record(beganAt)
    return result
  }

  timeUntilSettled<T>(run: () => Promise<T>): Promise<T> {
    const beganAt = this.#clock.now()
    return run().finally(() => this.#record(beganAt))
  }

  get stats(): OperationStats {
    const histogram = this.#histogram
    const us = (percentile: number) => histogram && histogram.percentile(percentile) / 1000
    return { count: this.#count, p50Us: us(50), p95Us: us(95), p99Us: us(99), maxUs: us(100) }
  }

  #record(beganAt: number): void {
    this.#histogram ??= createHistogram({ lowest: 1, highest: LONGEST_NANOSECONDS, figures: DIGITS })
    if (this.#histogram.count === MANY && this.#mask > 0) this.#mask = this.#mask * 4 + 3
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
