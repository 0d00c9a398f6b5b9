/** Where "now" comes from. Time to live and durability intervals depend on it, so tests hand in one they can move. */
export interface Clock {
  /** Milliseconds since 1970, as `Date.now()`. */
  now(): number
}

/** How long something took. Apart from the clock: that one may be set back, and tests move it. */
export interface MonotonicClock {
  /** Milliseconds since some moment, with fractions; it never goes back. */
  now(): number
}

export const systemClock: Clock = { now: () => Date.now() }

export const systemMonotonicClock: MonotonicClock = { now: () => performance.now() }
