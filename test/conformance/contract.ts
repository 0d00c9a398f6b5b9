/**
 * What a driver of the conformance suite supplies: databases to test, and what is known to be missing in them. A gap has a
 * name, so that tests can say what they need, and a reason, so that whoever reads the list knows why it is one.
 */
import { test } from 'vitest'
import type { Backend } from '../../src/backend.js'
import type { Clock, Database, OpenOptions } from '../../src/index.js'

export interface Driver {
  readonly name: string
  /** An empty database, within a test, that looks after itself when that ends. */
  open(options?: OpenOptions): Promise<ConformingDatabase>
  /** The same without what makes a database of it, in memory, for what programs never ask for themselves. */
  openBackend(clock: Clock): Promise<Backend>
  readonly gaps: Readonly<Partial<Record<Feature, Gap>>>
  /** Which part of the rounds of random tests, and the like, is worth their time. @default all */
  readonly share?: number
}

export interface ConformingDatabase {
  /** The folder in which everything is in the end. */
  readonly path: string
  /** The one that is open now. */
  readonly db: Database
  reopen(options?: OpenOptions): Promise<Database>
}

/** What not every backend can do, or does in another way. */
export type Feature =
  | 'calculations'
  | 'counts of many values'
  | 'failed builds'
  | 'filters of keys'
  | 'functions'
  | 'kept answers'
  | 'large transactions'
  | 'listeners'
  | 'measures'
  | 'moments'
  | 'order of calls'
  | 'patterns'
  | 'reads in transactions'
  | 'reverse scans'
  | 'schemas of updates'
  | 'several values'
  | 'types of numbers'

export interface Gap {
  /** Why it is one. */
  readonly reason: string
  /** How a test that needs it fails: what the backend says. @default in whatever way */
  readonly refusal?: RegExp
}

export function has(driver: Pick<Driver, 'gaps'>, feature: Feature): boolean {
  return driver.gaps[feature] === undefined
}

export function rounds({ share = 1 }: Driver, count: number): number {
  return Math.ceil(count * share)
}

type Body<Arguments extends readonly unknown[]> = (...args: Arguments) => Promise<void> | void

/** Declares tests that need features. */
export interface NeedingTest {
  (name: string, body: Body<[]>, timeoutMs?: number): void
  each<T>(cases: readonly T[]): (name: string, body: Body<T extends readonly unknown[] ? [...T] : [T]>) => void
}

/**
 * As `test`, for what takes features. Where one of them is a gap the test has to fail, and in the way in which the gap says:
 * what works all the same is no gap any more.
 */
export function needing(driver: Driver, ...features: readonly Feature[]): NeedingTest {
  const gaps = features.flatMap((feature) => driver.gaps[feature] ?? [])
  const nameOf = (name: string) => (gaps.length === 0 ? name : `${name} [a gap: ${features.join(', ')}]`)
  const bodyOf = <Arguments extends readonly unknown[]>(body: Body<Arguments>) => {
    return gaps.length === 0 ? body : async (...args: Arguments) => checkGap(gaps, await failureOf(() => body(...args)))
  }
  const declare = (name: string, body: Body<[]>, timeoutMs?: number) => test(nameOf(name), bodyOf(body), timeoutMs)
  return Object.assign(declare, {
    each: <T>(cases: readonly T[]) => {
      return (name: string, body: Body<T extends readonly unknown[] ? [...T] : [T]>) => {
        test.each(cases as readonly never[])(nameOf(name), bodyOf(body as unknown as Body<never[]>))
      }
    },
  })
}

async function failureOf(act: () => unknown): Promise<Error | undefined> {
  try {
    await act()
    return undefined
  } catch (failure) {
    return failure as Error
  }
}

function checkGap(gaps: readonly Gap[], failure: Error | undefined): void {
  const reasons = gaps.map(({ reason }) => reason).join('; ')
  if (failure === undefined) throw new Error(`it works, and is no gap any more: ${reasons}`)
  // Where a test expects a refusal of its own, what came in its place is in the assertion's failure.
  const { message, actual } = failure as Error & { readonly actual?: { readonly message?: unknown } }
  const text = `${message}\n${actual?.message}`
  const isExpected = gaps.some(({ refusal }) => refusal === undefined || refusal.test(text))
  if (!isExpected) throw new Error(`it fails in another way than the gap says (${reasons})`, { cause: failure })
}
