/**
 * The functions a filter string may call: DynamoDB's, those of numbers that filtrex has, and a few for text. Given
 * something they do not apply to (the size of a number, the lower case of a list) they have no result, which is
 * MISSING; only arithmetic insists on numbers.
 */
import { compareNumbers } from '../item/decimal.js'
import type { NumberValue } from '../item/item.js'
import { EvaluationProblem, MISSING, negated, numberOperand, numberOrMissing, typeName } from './filtrex-operator.js'
import { beginsWithValue, containsValue, sizeOfValue } from './function.js'
import { Subnet } from './subnet.js'

export interface FilterFunction {
  /** How many arguments it takes: at least, and at most. */
  readonly arguments: readonly [number, number]
  readonly call: (...values: unknown[]) => unknown
}

/** Every function by name; `now` is there only if a clock is handed in, and gives epoch seconds. */
export function filterFunctions(now: (() => number) | undefined): ReadonlyMap<string, FilterFunction> {
  if (now === undefined) return TIMELESS
  return new Map([...TIMELESS, ['now', { arguments: [0, 0], call: () => now() }]])
}

const ANY = Number.POSITIVE_INFINITY

const TIMELESS: ReadonlyMap<string, FilterFunction> = new Map<string, FilterFunction>([
  ['contains', { arguments: [2, 2], call: (a, b) => a !== MISSING && b !== MISSING && containsValue(a, b) }],
  ['begins_with', { arguments: [2, 2], call: (a, b) => beginsWithValue(a, b) }],
  ['exists', { arguments: [1, 1], call: (a) => a !== MISSING }],
  ['empty', { arguments: [1, 1], call: (a) => a === MISSING || a === null || sizeOfValue(a) === 0 }],
  ['size', { arguments: [1, 1], call: (a) => (a === MISSING ? MISSING : (sizeOfValue(a) ?? MISSING)) }],
  ['lower', { arguments: [1, 1], call: (a) => (typeof a === 'string' ? a.toLowerCase() : MISSING) }],
  ['upper', { arguments: [1, 1], call: (a) => (typeof a === 'string' ? a.toUpperCase() : MISSING) }],
  ['subnet', { arguments: [1, 1], call: subnet }],
  ['abs', { arguments: [1, 1], call: numeric('abs', (a) => (compareNumbers(a, 0) < 0 ? negated(a) : a)) }],
  ['ceil', { arguments: [1, 1], call: numeric('ceil', (a) => rounded(a, Math.ceil)) }],
  ['floor', { arguments: [1, 1], call: numeric('floor', (a) => rounded(a, Math.floor)) }],
  ['round', { arguments: [1, 1], call: numeric('round', (a) => rounded(a, Math.round)) }],
  ['sqrt', { arguments: [1, 1], call: numeric('sqrt', (a) => Math.sqrt(Number(a))) }],
  ['log', { arguments: [1, 1], call: numeric('log', (a) => Math.log(Number(a))) }],
  ['log2', { arguments: [1, 1], call: numeric('log2', (a) => Math.log2(Number(a))) }],
  ['log10', { arguments: [1, 1], call: numeric('log10', (a) => Math.log10(Number(a))) }],
  ['min', { arguments: [1, ANY], call: extreme('min', -1) }],
  ['max', { arguments: [1, ANY], call: extreme('max', 1) }],
])

function subnet(cidr: unknown): unknown {
  if (cidr === MISSING) return MISSING
  if (typeof cidr !== 'string') throw new EvaluationProblem(`subnet takes a text, not ${typeName(cidr)}`, cidr)
  return new Subnet(cidr)
}

function numeric(name: string, compute: (value: NumberValue) => NumberValue): (value: unknown) => unknown {
  return (value) => {
    const number = numberOperand(name, value)
    return number === undefined ? MISSING : numberOrMissing(compute(number))
  }
}

function rounded(value: NumberValue, round: (value: number) => number): NumberValue {
  return typeof value === 'bigint' ? value : round(Number(value))
}

function extreme(name: string, sign: 1 | -1): (...values: unknown[]) => unknown {
  return (...values) => {
    let best: NumberValue | undefined
    for (const value of values) {
      const number = numberOperand(name, value)
      if (number === undefined) return MISSING
      if (best === undefined || compareNumbers(number, best) * sign > 0) best = number
    }
    return best
  }
}
