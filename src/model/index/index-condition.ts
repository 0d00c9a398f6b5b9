/**
 * Key conditions on an index as ranges of its entries: which partitions, and what part of each.
 *
 * A query gives a value for every attribute of the partition key; for the one with many values also several values, of
 * which an item has to have any or all. Of the sort key it names attributes from the left: each but the last one with a
 * value, the last one with any condition.
 */
import { ValidationException } from '../../errors.js'
import type { Item } from '../item/item.js'
import { isPlainObject } from '../item/plain-object.js'
import type { KeyEncoder } from '../key/key-bytes.js'
import { type KeyValue, keyPartType } from '../key/key-codec.js'
import { encodeOperand, type KeyRange, sortKeyRange } from '../key/key-range.js'
import { checkKeyValue, type KeyAttribute } from '../key/key-schema.js'
import { checkLength, indexAttributes, type KeyedIndex } from './index-key.js'

/** As many values one query may ask for, as with DynamoDB's `IN`. */
export const VALUE_LIMIT = 100

export interface IndexRange {
  /** What the entries of each partition begin with. */
  readonly prefixes: readonly string[]
  /** What part of each, behind its prefix. */
  readonly sort: KeyRange
  /** With several partitions: whether an item has to be in any or in all of them. */
  readonly match: 'any' | 'all'
}

/** @throws {ValidationException} KEY_CONDITION, KEY_… or NUMBER_… */
export function indexRange(index: KeyedIndex, keys: KeyEncoder, where: Item): IndexRange {
  const names = indexAttributes(index.key).map(({ name }) => name)
  const unknown = Object.keys(where).find((name) => !names.includes(name))
  if (unknown !== undefined) {
    const reason = `"${unknown}" is not a key attribute; use "filter" for it. The key is [${names.join(', ')}]`
    throw new ValidationException('KEY_CONDITION', `Cannot query: ${reason}`)
  }
  const { prefixes, match } = partitionsOf(index, keys, where)
  return { prefixes, match, sort: sortRange(index.key.sort, where) }
}

function partitionsOf(
  index: KeyedIndex,
  keys: KeyEncoder,
  where: Item,
): { readonly prefixes: readonly string[]; readonly match: 'any' | 'all' } {
  const { multi } = index.definition
  let values: KeyValue[][] = [[]]
  let match: 'any' | 'all' = 'any'
  for (const attribute of index.key.partition) {
    const { name } = attribute
    const given = Object.hasOwn(where, name) ? where[name] : undefined
    if (given === undefined) {
      throw new ValidationException('KEY_MISSING', `Query condition missed key schema element: ${name}`)
    }
    if (name === multi && isPlainObject(given)) {
      const several = severalValues(attribute, given)
      match = several.match
      values = values.flatMap((value) => several.values.map((more) => [...value, more]))
    } else {
      const value = checkKeyValue(attribute, 'partition', given)
      values = values.map((others) => [...others, value])
    }
  }
  const prefixes = values.map((parts) => {
    checkLength(parts, 'partition')
    return parts.length === 1 ? keys.partitionPrefix(parts[0]!) : keys.compositePrefix(parts)
  })
  return { prefixes: [...new Set(prefixes)], match }
}

function severalValues(
  attribute: KeyAttribute,
  given: Item,
): { readonly values: readonly KeyValue[]; readonly match: 'any' | 'all' } {
  const [match, ...more] = Object.keys(given)
  const values = match === undefined ? undefined : given[match]
  const isValid = (match === 'any' || match === 'all') && more.length === 0 && Array.isArray(values)
  if (!isValid) throw problem(attribute, 'it takes a value, { any: [value, …] } or { all: [value, …] }')
  if (values.length === 0 || values.length > VALUE_LIMIT) {
    throw problem(attribute, `"${match}" takes 1 to ${VALUE_LIMIT} values, not ${values.length}`)
  }
  return { match, values: [...(values as unknown[])].map((value) => checkKeyValue(attribute, 'partition', value)) }
}

function sortRange(attributes: readonly KeyAttribute[], where: Item): KeyRange {
  const conditionOf = ({ name }: KeyAttribute) => (Object.hasOwn(where, name) ? where[name] : undefined)
  const last = attributes.findLast((attribute) => conditionOf(attribute) !== undefined)
  if (last === undefined) return { lower: '', upper: undefined }
  let prefix = ''
  for (const attribute of attributes) {
    const condition = conditionOf(attribute)
    if (attribute === last) return sortKeyRange(prefix, condition, attribute)
    const value = equalTo(condition)
    if (value === undefined) {
      throw new ValidationException(
        'KEY_CONDITION',
        `RANGE key attributes ${attribute.name} must have equality conditions specified in the query because a ` +
          `condition is present on key attribute ${last.name}`,
      )
    }
    prefix += encodeOperand(attribute, value)
  }
  return { lower: '', upper: undefined }
}

/** What a condition says that an attribute is, if it says that. */
function equalTo(condition: unknown): unknown {
  if (keyPartType(condition) !== undefined) return condition
  if (!isPlainObject(condition) || Object.keys(condition).length !== 1) return undefined
  return Object.hasOwn(condition, 'eq') ? condition['eq'] : undefined
}

function problem({ name }: KeyAttribute, reason: string): ValidationException {
  return new ValidationException('KEY_CONDITION', `Cannot query by "${name}": ${reason}`)
}
