/**
 * Conditions on a sort key as ranges of byte strings.
 *
 * Every range covers whole sort keys: whatever parts follow in the entries of an index, an entry is inside or outside by
 * its sort key alone.
 */
import { ValidationException } from '../../errors.js'
import { isNumberValue } from '../item/decimal.js'
import { isPlainObject } from '../item/plain-object.js'
import { encodeKeyPart, encodeStringPrefix, type KeyValue, keyPartType, prefixUpperBound } from './key-codec.js'
import { checkKeyValue, type KeyAttribute } from './key-schema.js'

/** The byte strings from `lower` up to but not including `upper`; without `upper`, to the end. */
export interface KeyRange {
  readonly lower: string
  readonly upper: string | undefined
}

/** The range of the keys that begin with `prefix` and go on with what is in a range. */
export function rangeBehind(prefix: string, { lower, upper }: KeyRange): KeyRange {
  return { lower: prefix + lower, upper: upper === undefined ? prefixUpperBound(prefix) : prefix + upper }
}

const OPERATORS = ['eq', 'lt', 'lte', 'gt', 'gte', 'between', 'beginsWith'] as const

/** All byte strings that begin with the prefix. */
export function prefixRange(prefix: string): KeyRange {
  return { lower: prefix, upper: prefixUpperBound(prefix) }
}

/**
 * The range of the keys that begin with `prefix` and whose next part, the sort key, meets the condition: a value, or one
 * of `{ eq } { lt } { lte } { gt } { gte } { between: [low, high] } { beginsWith }`. No condition is met by all of them.
 *
 * ```ts
 * sortKeyRange(partitionPrefix(hash, 'ada'), { beginsWith: '2026-11' }, { name: 'placedAt', type: 'S' })
 * ```
 *
 * @throws {ValidationException} KEY_CONDITION when it is no condition; KEY_… or NUMBER_… when its values can't be keys.
 */
export function sortKeyRange(prefix: string, condition: unknown, attribute: KeyAttribute | undefined): KeyRange {
  if (condition === undefined) return prefixRange(prefix)
  if (attribute === undefined) {
    throw new ValidationException('KEY_CONDITION', 'Cannot query with a sort key: there is none, only a partition key')
  }
  if (keyPartType(condition) !== undefined) return prefixRange(prefix + encodeOperand(attribute, condition))
  const { operator, operand } = operatorOf(condition, attribute)
  if (operator === 'between') return betweenRange(prefix, operand, attribute)
  if (operator === 'beginsWith') return beginsWithRange(prefix, operand, attribute)
  const encoded = encodeOperand(attribute, operand)
  const value = prefixRange(prefix + encoded)
  // All sort keys of the operand's type: others do not compare with it.
  const all = prefixRange(prefix + encoded[0])
  switch (operator) {
    case 'eq':
      return value
    case 'lt':
      return { lower: all.lower, upper: value.lower }
    case 'lte':
      return { lower: all.lower, upper: value.upper }
    case 'gt':
      // There is an upper bound, as the byte of a part's type is not 0xff.
      return { lower: value.upper!, upper: all.upper }
    case 'gte':
      return { lower: value.lower, upper: all.upper }
  }
}

function betweenRange(prefix: string, operand: unknown, attribute: KeyAttribute): KeyRange {
  if (!Array.isArray(operand) || operand.length !== 2) {
    throw problem(attribute, '"between" takes two values: { between: [low, high] }')
  }
  const low = encodeOperand(attribute, operand[0])
  const high = encodeOperand(attribute, operand[1])
  if (low[0] !== high[0]) throw problem(attribute, '"between" takes two values of the same type')
  if (low > high) {
    throw problem(attribute, 'The BETWEEN operator requires upper bound to be greater than or equal to lower bound')
  }
  return { lower: prefix + low, upper: prefixUpperBound(prefix + high) }
}

function beginsWithRange(prefix: string, operand: unknown, attribute: KeyAttribute): KeyRange {
  const value = checkedOperand(attribute, operand)
  if (isNumberValue(value)) {
    throw problem(attribute, '"beginsWith" takes a string (or binary), as numbers do not begin with one another')
  }
  return prefixRange(prefix + encodeStringPrefix(value))
}

type Operator = (typeof OPERATORS)[number]

function operatorOf(condition: unknown, attribute: KeyAttribute): { operator: Operator; operand: unknown } {
  if (!isPlainObject(condition)) throw problem(attribute, `a condition is a value, or ${oneOperator()}`)
  const names = Object.keys(condition)
  const [name] = names
  if (name === undefined || names.length > 1) throw problem(attribute, `a condition has exactly ${oneOperator()}`)
  const operator = OPERATORS.find((candidate) => candidate === name)
  if (operator === undefined) throw problem(attribute, `"${name}" is no operator; a condition has ${oneOperator()}`)
  return { operator, operand: condition[name] }
}

/**
 * A value that a sort key is compared with, as a part of a key.
 *
 * @throws {ValidationException} KEY_CONDITION, KEY_… or NUMBER_… when it can't be one.
 */
export function encodeOperand(attribute: KeyAttribute, operand: unknown): string {
  return encodeKeyPart(checkedOperand(attribute, operand))
}

function checkedOperand(attribute: KeyAttribute, operand: unknown): KeyValue {
  if (operand === undefined) throw problem(attribute, 'the operator has no value')
  const type = keyPartType(operand)
  if (type === undefined || (attribute.type !== undefined && attribute.type !== type)) {
    throw new ValidationException(
      'KEY_TYPE',
      'One or more parameter values were invalid: Condition parameter type does not match schema type: ' +
        `"${attribute.name}" is of type ${attribute.type ?? 'S, N or B'}`,
    )
  }
  return checkKeyValue(attribute, 'sort', operand)
}

function oneOperator(): string {
  return `one of ${OPERATORS.join(', ')}`
}

function problem(attribute: KeyAttribute, reason: string): ValidationException {
  return new ValidationException('KEY_CONDITION', `Cannot query by "${attribute.name}": ${reason}`)
}
