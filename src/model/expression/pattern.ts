/**
 * Regular expressions in filters, through RE2: the time to match grows with the length of the text and nothing else,
 * so no pattern and no stored text can stall the process. What RE2 leaves out (back references, look-around) is
 * refused. A pattern found anywhere in the text matches; `^` and `$` anchor it.
 *
 * A pattern is compiled once: the last ones used are kept.
 */
import { createRequire } from 'node:module'
import type { RE2JS } from 're2js'
import { ValidationException } from '../../errors.js'

/** The longest a pattern may be, in characters. */
export const PATTERN_LENGTH_LIMIT = 4096
/**
 * How many steps a pattern may compile to. Matching takes at most this times the length of the text: measured, the worst
 * found take two seconds for an item's 400 KB.
 */
export const PATTERN_STEP_LIMIT = 1000
/** How many compiled patterns are kept. */
const CACHE_LIMIT = 100

const cache = new Map<string, Pattern>()

// RE2 is a quarter of a megabyte of JavaScript that most programs never need, so it is loaded with the first pattern.
const require = createRequire(import.meta.url)
let engine: typeof RE2JS | undefined

/** A compiled regular expression. */
export class Pattern {
  readonly source: string
  readonly #compiled: RE2JS

  private constructor(source: string) {
    this.source = source
    this.#compiled = compile(source)
  }

  /** @throws {ValidationException} `FILTER_PATTERN` when it is no pattern, or one too large. */
  static of(source: string): Pattern {
    const known = cache.get(source)
    if (known !== undefined) {
      // The one used longest ago is the first in the map, and the first to go.
      cache.delete(source)
      cache.set(source, known)
      return known
    }
    const pattern = new Pattern(source)
    if (cache.size >= CACHE_LIMIT) cache.delete(cache.keys().next().value!)
    cache.set(source, pattern)
    return pattern
  }

  /** Whether the pattern is found in a text; nothing else matches. */
  test(value: unknown): boolean {
    return typeof value === 'string' && this.#compiled.test(value)
  }
}

/** The flags of `/pattern/flags` in RE2's own notation. */
export function patternWithFlags(source: string, flags: string): string {
  const unique = [...new Set(flags)].filter((flag) => flag !== 'u')
  const unknown = unique.find((flag) => !'ims'.includes(flag))
  if (unknown !== undefined) throw refusal(source, `it knows the flags i, m, s and u, not "${unknown}"`)
  return unique.length === 0 ? source : `(?${unique.join('')})${source}`
}

function compile(source: string): RE2JS {
  if (source.length > PATTERN_LENGTH_LIMIT) {
    throw refusal(source, `it is longer than ${PATTERN_LENGTH_LIMIT} characters`)
  }
  engine ??= (require('re2js') as { RE2JS: typeof RE2JS }).RE2JS
  let compiled: RE2JS
  try {
    compiled = engine.compile(source)
  } catch (failure) {
    const reason = failure instanceof Error ? failure.message.replace(/^error parsing regexp: /, '') : String(failure)
    throw refusal(source, reason, failure)
  }
  if (compiled.programSize() > PATTERN_STEP_LIMIT) {
    throw refusal(source, `it is too large: its repetitions make more than ${PATTERN_STEP_LIMIT} steps`)
  }
  return compiled
}

function refusal(source: string, reason: string, cause?: unknown): ValidationException {
  const shown = source.length > 60 ? `${source.slice(0, 60)}…` : source
  // RE2 repeats in its reason what may be the whole pattern.
  const why = reason.length > 120 ? `${reason.slice(0, 120)}…` : reason
  return new ValidationException('FILTER_PATTERN', `Cannot use the pattern ${JSON.stringify(shown)}: ${why}`, {
    cause,
  })
}
