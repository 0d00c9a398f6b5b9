/** Where "now" comes from. Time to live and durability intervals depend on it, so tests hand in one they can move. */
export interface Clock {
  /** Milliseconds since 1970, as `Date.now()`. */
  now(): number
}

export const systemClock: Clock = { now: () => Date.now() }
