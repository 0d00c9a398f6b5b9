/**
 * What the fuzzers of a language have in common: of ten texts some are of each kind that the grammar has, and mean what a
 * reference says; the others are none, and refused.
 */
import { SeededRandom } from '../support/random.js'
import { randomDocument } from '../support/random-expressions.js'
import type { AnyItem } from '../support/reference-database.js'
import { type FuzzOptions, runCases } from './fuzz-loop.js'

/** Answers instead of us: what was found of a text. */
export type Canary = (found: string, text: string) => string

export interface LanguageFuzzOptions extends FuzzOptions {
  /** Something that is wrong on purpose: the fuzzer has to notice it. */
  readonly canary?: Canary
}

/** How many texts there were of each kind. */
export type LanguageReport<Kind extends string> = Readonly<
  Record<Kind, number> & {
    /** Texts that were none of the language, and of these how many were accepted all the same. */
    wrong: number
    accepted: number
    slowestMs: number
  }
>

export interface Language<Kind extends string> {
  /** How many of ten texts are of each kind, and what is done with one. */
  readonly kinds: readonly (readonly [
    kind: Kind,
    ofTen: number,
    run: (random: SeededRandom, item: AnyItem, canary: Canary) => void,
  ])[]
  /** What is done with a text that is none; whether it was accepted. */
  readonly runWrong: (random: SeededRandom, item: AnyItem) => boolean
}

/** @throws When something is not as it should be; the message says how to repeat it. */
export function fuzzLanguage<Kind extends string>(
  { kinds, runWrong }: Language<Kind>,
  { canary = (found) => found, ...options }: LanguageFuzzOptions,
): LanguageReport<Kind> {
  const counts = new Map<Kind | 'wrong' | 'accepted', number>(kinds.map(([kind]) => [kind, 0]))
  counts.set('wrong', 0).set('accepted', 0)
  const slowestMs = runCases(options, (seed, isAgain) => {
    const random = new SeededRandom(seed)
    const item = randomDocument(random)
    // One that is repeated since it was slow is counted once.
    const count = (kind: Kind | 'wrong' | 'accepted') => isAgain || counts.set(kind, counts.get(kind)! + 1)
    let choice = random.below(10)
    for (const [kind, ofTen, run] of kinds) {
      if (choice < ofTen) {
        count(kind)
        run(random, item, canary)
        return
      }
      choice -= ofTen
    }
    count('wrong')
    if (runWrong(random, item)) count('accepted')
  })
  return { ...Object.fromEntries(counts), slowestMs } as LanguageReport<Kind>
}
