/** What all fuzzers have in common: one case after the other, each from a seed of its own, none slow, no prototype changed. */

export interface FuzzOptions {
  readonly seed: number
  readonly count: number
  /** How long a case may take; no limit without it, as a test must not depend on the time it takes. */
  readonly limitMs?: number
  readonly onProgress?: (done: number) => void
}

/**
 * Runs the cases; the time of the slowest.
 *
 * @param run Called again with the same seed when a case was slow: whoever was interrupted is asked again.
 * @throws When something is not as it should be; the message says how to repeat it.
 */
export function runCases(
  { seed, count, limitMs, onProgress }: FuzzOptions,
  run: (seed: number, isAgain: boolean) => void,
): number {
  const prototypes = prototypeNames()
  let slowestMs = 0
  for (let number = 0; number < count; number++) {
    const ownSeed = seed + number
    try {
      let tookMs = timed(() => run(ownSeed, false))
      for (let again = 0; limitMs !== undefined && tookMs > limitMs / 10 && again < 5; again++) {
        tookMs = Math.min(
          tookMs,
          timed(() => run(ownSeed, true)),
        )
      }
      slowestMs = Math.max(slowestMs, tookMs)
      if (limitMs !== undefined && tookMs > limitMs) throw new Error(`it took ${tookMs.toFixed(1)} ms`)
      if (number % 1000 === 0 || number === count - 1) {
        if (prototypeNames() !== prototypes) throw new Error('a prototype was changed, by this or up to 1,000 before')
        onProgress?.(number + 1)
      }
    } catch (failure) {
      const message = failure instanceof Error ? (failure.stack ?? failure.message) : String(failure)
      throw new Error(`Seed ${ownSeed} fails (--seed ${ownSeed} --count 1): ${message}`, { cause: failure })
    }
  }
  return slowestMs
}

function timed(act: () => void): number {
  const startedAt = performance.now()
  act()
  return performance.now() - startedAt
}

/** All properties of the objects that every program shares. */
function prototypeNames(): string {
  const shared = [Object, Array, Function, Map, Set, String, Number, RegExp, Uint8Array].map((made) => made.prototype)
  return shared.map((prototype) => Reflect.ownKeys(prototype).map(String).join()).join(';')
}
