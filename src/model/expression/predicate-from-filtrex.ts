/**
 * Filter strings as predicates: `predicateFromFiltrex('age >= 18 and address.city == "Oslo"')`.
 *
 * The language is filtrex's, made safe to take from anybody and fit for items:
 *   - Filtrex *returns* an error instead of throwing it, and an error is truthy, so a filter that failed would pass
 *     the item. Here only `true` passes, and a failure throws.
 *   - It never sees what the author wrote, only a checked rewriting of it (filtrex-rewrite.ts), of limited size.
 *   - `a.b` is a path, `a.0` an element of a list, `'a.b'` one attribute of that name; nothing inherited is seen.
 *   - Values compare as in every other notation (comparison.ts), numbers exactly; a missing attribute passes no
 *     comparison but `!=` and `not in`, and counts as false beside `and`, `or` and `not`.
 *   - Regular expressions take linear time (pattern.ts), and so does `in` (filtrex-operator.ts).
 *
 * Filtrex compiles to JavaScript with `new Function`, so where a process forbids that
 * (`node --disallow-code-generation-from-strings`, some edge runtimes) filter strings are refused with `FILTER_TYPE`;
 * object and function filters work there.
 */
import { compileExpression, type Operators } from 'filtrex'
import { ValidationException } from '../../errors.js'
import { MANY_CONDITIONS, remembering } from '../item/findings.js'
import type { Item } from '../item/item.js'
import { readAttribute } from './attribute-path.js'
import { filterFunctions } from './filtrex-function.js'
import { EvaluationProblem, Membership, MISSING, operators } from './filtrex-operator.js'
import { type AttributeSymbol, IN, NOT_IN, type RewrittenFilter, rewriteFilter } from './filtrex-rewrite.js'
import { pointAt } from './point-at.js'
import type { Predicate } from './predicate.js'

/** The longest a filter string may be, in bytes of UTF-8. */
export const FILTER_BYTE_LIMIT = 4096

export interface FilterOptions {
  /** The current time in epoch seconds, for `now()`; without it a filter can't ask for the time. */
  readonly now?: () => number
}

/**
 * @throws {ValidationException} `FILTER_TOO_LONG`, `FILTER_TOO_COMPLEX`, `FILTER_SYNTAX`, `FILTER_PATTERN` or
 * `FILTER_SUBNET`, with a caret under the place; `FILTER_TYPE` where code generation is forbidden.
 */
export function predicateFromFiltrex(source: string, options: FilterOptions = {}): Predicate {
  // The length in characters is known without looking at them; only then are the bytes counted.
  if (source.length > FILTER_BYTE_LIMIT || Buffer.byteLength(source) > FILTER_BYTE_LIMIT) {
    const message = `Cannot use the filter: it is longer than ${FILTER_BYTE_LIMIT} bytes; ${source.slice(0, 40)}…`
    throw new ValidationException('FILTER_TOO_LONG', message)
  }
  const rewritten = rewriteFilter(source, filterFunctions(options.now))
  const reads: Reads = { values: undefined }
  const evaluate = compile(source, rewritten, reads)

  const matches = (item: Item) => {
    const result = evaluate(item)
    if (result instanceof Error) throw failure(source, result, offsetOf(result, item, evaluate, reads))
    return result === true
  }
  const isShort = rewritten.attributes.size < MANY_CONDITIONS
  return { source, attributes: rewritten.reads, matches: isShort ? matches : remembering(matches) }
}

type Evaluate = (item: Item) => unknown

/** The values read, with their places, while an evaluation that failed is repeated to find where. */
interface Reads {
  values: { readonly value: unknown; readonly offset: number }[] | undefined
}

/** An error from a function in the filter, whose place is known. */
class CallProblem extends Error {
  readonly offset: number

  constructor(offset: number, cause: Error) {
    super(cause.message, { cause })
    this.offset = offset
  }
}

function compile(source: string, rewritten: RewrittenFilter, reads: Reads): Evaluate {
  const extraFunctions: Record<string, (...values: unknown[]) => unknown> = {}
  for (const [symbol, { function: called, offset }] of rewritten.calls) {
    extraFunctions[symbol] = (...values) => {
      try {
        return called.call(...values)
      } catch (cause) {
        throw cause instanceof Error ? new CallProblem(offset, cause) : cause
      }
    }
  }
  const customProp = (symbol: string, _get: unknown, container: unknown): unknown => {
    const attribute = rewritten.attributes.get(symbol)
    if (attribute === undefined) return membership(symbol, container)
    const value = readPath(container, attribute)
    reads.values?.push({ value, offset: attribute.offset })
    return value
  }

  try {
    return compileExpression(rewritten.text, {
      extraFunctions,
      customProp,
      constants: rewritten.constants,
      operators: operators as unknown as Operators,
    })
  } catch (cause) {
    if (cause instanceof EvalError) {
      const message =
        'Cannot use a filter string: this process forbids making code from text ' +
        '(--disallow-code-generation-from-strings); write the filter as an object or a function'
      throw new ValidationException('FILTER_TYPE', message, { cause })
    }
    throw new ValidationException('FILTER_SYNTAX', `Cannot read the filter\n${pointAt(source, undefined)}`, { cause })
  }
}

function membership(symbol: string, list: unknown): Membership {
  if (symbol !== IN && symbol !== NOT_IN) throw new Error(`there is no symbol ${symbol}`)
  return new Membership(list, { negated: symbol === NOT_IN, indexed: false })
}

function readPath(container: unknown, { path }: AttributeSymbol): unknown {
  let value = container
  for (const name of path) value = readAttribute(value, name)
  return value === undefined ? MISSING : value
}

function failure(source: string, error: Error, offset: number | undefined): ValidationException {
  const cause = error instanceof CallProblem ? (error.cause as Error) : error
  // A pattern or a subnet that comes from the item keeps the name of what is wrong with it.
  const code =
    cause instanceof ValidationException && cause.code.startsWith('FILTER_') ? cause.code : 'FILTER_EVALUATION'
  const message = `Cannot evaluate the filter: ${reasonOf(cause)}\n${pointAt(source, offset)}`
  return new ValidationException(code, message, { cause })
}

/** Filtrex's words for a value that is neither true nor false, in ours. */
function reasonOf(cause: Error): string {
  if (!('recievedType' in cause)) return cause.message
  return `"and", "or", "not" and "if" take true or false, not ${String(cause.recievedType)}`
}

/**
 * Where an evaluation failed: at the call that threw, else at the last attribute read whose value was the one in the
 * way. Reads are recorded only now, in a second run, so that filters that work don't pay for it.
 */
function offsetOf(error: Error, item: Item, evaluate: Evaluate, reads: Reads): number | undefined {
  if (error instanceof CallProblem && !(error.cause instanceof EvaluationProblem)) return error.offset
  reads.values = []
  try {
    evaluate(item)
    const problem = error instanceof CallProblem ? error.cause : error
    const values = reads.values
    const read =
      problem instanceof EvaluationProblem ? values.findLast(({ value }) => value === problem.operand) : values.at(-1)
    return read?.offset ?? (error instanceof CallProblem ? error.offset : undefined)
  } finally {
    reads.values = undefined
  }
}
