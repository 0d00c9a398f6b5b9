/**
 * The keys that an item has in an index: none when it lacks one of the attributes, one, or with a multi-value index one
 * for each element. They are taken out of items and checked here; past this point their types are trusted.
 *
 * A type can be unknown until the first entry is made: that fixes it (`indexTypesLearned`). The sentences are AWS's.
 */
import { types } from 'node:util'
import { ValidationException } from '../../errors.js'
import { checkNumber, isNumberValue } from '../item/decimal.js'
import type { Item } from '../item/item.js'
import { byteLengthOfKeyPart, encodeKeyPart, type KeyType, type KeyValue, keyPartType } from '../key/key-codec.js'
import { KEY_BYTE_LIMITS, type KeyAttribute, type KeyRole, typeName } from '../key/key-schema.js'
import type { IndexDefinition } from './index-definition.js'

/** So many elements of one attribute have entries; an item with more is refused. */
export const ELEMENT_LIMIT = 10_000

/** The attributes of an index's key, with what is known of their types. */
export interface IndexKeySchema {
  readonly partition: readonly KeyAttribute[]
  readonly sort: readonly KeyAttribute[]
}

/** The values of one entry, in the order of the schema. */
export interface IndexKeyValues {
  readonly partition: readonly KeyValue[]
  readonly sort: readonly KeyValue[]
}

/** What has to be known of an index to find an item's keys in it. */
export interface KeyedIndex {
  readonly name: string
  readonly definition: IndexDefinition
  readonly key: IndexKeySchema
}

const NONE: readonly IndexKeyValues[] = Object.freeze([])
const NO_PARTS: readonly KeyValue[] = Object.freeze([])

/** @param types Of attributes that have one already. */
export function indexKeySchema(
  { partition, sort }: Pick<IndexDefinition, 'partition' | 'sort'>,
  types?: ReadonlyMap<string, KeyType>,
): IndexKeySchema {
  const attribute = (name: string) => ({ name, type: types?.get(name) })
  return { partition: partition.map(attribute), sort: sort.map(attribute) }
}

/** The schema with types that were unknown fixed to those that are declared. */
export function indexTypesDeclared(schema: IndexKeySchema, types: ReadonlyMap<string, KeyType>): IndexKeySchema {
  const declared = ({ name, type }: KeyAttribute) => ({ name, type: type ?? types.get(name) })
  return { partition: schema.partition.map(declared), sort: schema.sort.map(declared) }
}

/** All attributes, those of the partition key first. */
export function indexAttributes({ partition, sort }: IndexKeySchema): readonly KeyAttribute[] {
  return [...partition, ...sort]
}

/**
 * The key of an item in an index that has one entry for it; undefined when it has none.
 *
 * @throws {ValidationException} KEY_TYPE, KEY_EMPTY, KEY_TOO_LONG or NUMBER_… when an attribute can't be one of the
 *   index's key.
 */
export function indexKeyOf(index: KeyedIndex, item: Item): IndexKeyValues | undefined {
  const { key } = index
  const partition = partsOf(index, key.partition, 'partition', item)
  // Looked at in any case: a value of a wrong type is refused, even in an item that lacks another attribute.
  const sort = partsOf(index, key.sort, 'sort', item)
  return partition === undefined || sort === undefined ? undefined : { partition, sort }
}

/**
 * The keys of an item in an index of any kind, no two of them equal.
 *
 * @throws {ValidationException} As `indexKeyOf` does, and INDEX_ELEMENTS.
 */
export function indexKeysOf(index: KeyedIndex, item: Item): readonly IndexKeyValues[] {
  const { key, definition } = index
  const { multi } = definition
  if (multi === undefined) {
    const only = indexKeyOf(index, item)
    return only === undefined ? NONE : [only]
  }
  const partition = partsOf(index, key.partition, 'partition', item)
  const sort = partsOf(index, key.sort, 'sort', item)
  const value = Object.hasOwn(item, multi) ? item[multi] : undefined
  if (value === undefined) return NONE
  const place = definition.partition.indexOf(multi)
  // Looked at in any case, as every other attribute is.
  const attribute = key.partition[place]!
  const elements = elementsOf(index, attribute, value)
  if (partition === undefined) return NONE
  const partitions = elements.map((element) => partition.with(place, element))
  for (const parts of partitions) checkLength(parts, 'partition')
  if (sort === undefined) return NONE
  if (elements.length > ELEMENT_LIMIT) throw tooManyElements(index, attribute, elements.length)
  return partitions.map((parts) => ({ partition: parts, sort }))
}

/** The keys of a stored item. One that was stored before there was the index may have no valid key for it, and so none. */
export function indexKeysIfValid(index: KeyedIndex, item: Item): readonly IndexKeyValues[] {
  try {
    return indexKeysOf(index, item)
  } catch (failure) {
    if (failure instanceof ValidationException) return NONE
    throw failure
  }
}

/** The schema with types that were unknown fixed to those of this key; the same object when all were known. */
export function indexTypesLearned(schema: IndexKeySchema, key: IndexKeyValues): IndexKeySchema {
  const partition = learned(schema.partition, key.partition)
  const sort = learned(schema.sort, key.sort)
  return partition === schema.partition && sort === schema.sort ? schema : { partition, sort }
}

function learned(attributes: readonly KeyAttribute[], values: readonly KeyValue[]): readonly KeyAttribute[] {
  let isKnown = true
  for (const { type } of attributes) if (type === undefined) isKnown = false
  if (isKnown) return attributes
  return attributes.map(({ name, type }, i) => ({ name, type: type ?? keyPartType(values[i]) }))
}

/**
 * The values of one side of the key; undefined when one is missing. In the place of a multi-value attribute is nothing
 * yet, as its elements come one by one.
 */
function partsOf(
  index: KeyedIndex,
  attributes: readonly KeyAttribute[],
  role: KeyRole,
  item: Item,
): readonly KeyValue[] | undefined {
  if (attributes.length === 0) return NO_PARTS
  const parts: KeyValue[] = []
  for (const attribute of attributes) {
    const value = Object.hasOwn(item, attribute.name) ? item[attribute.name] : undefined
    if (value === undefined) continue
    parts.push(attribute.name === index.definition.multi ? '' : checkPart(index, attribute, value))
  }
  if (parts.length < attributes.length) return undefined
  checkLength(parts, role)
  return parts
}

/**
 * A value as one attribute of an index's key.
 *
 * @throws {ValidationException} KEY_TYPE, KEY_EMPTY or NUMBER_…
 */
export function checkPart({ name }: Pick<KeyedIndex, 'name'>, attribute: KeyAttribute, value: unknown): KeyValue {
  if (typeof value === 'string' && attribute.type === 'S' && value !== '') return value
  const type = keyPartType(value)
  if (type === undefined || (attribute.type !== undefined && attribute.type !== type)) {
    throw new ValidationException(
      'KEY_TYPE',
      `One or more parameter values were invalid: Type mismatch for Index Key ${attribute.name} ` +
        `Expected: ${attribute.type ?? 'S, N or B'} Actual: ${typeName(value)} IndexName: ${name}`,
    )
  }
  if (isNumberValue(value)) return checkNumber(value)
  if ((value as string | Uint8Array).length > 0) return value as KeyValue
  throw new ValidationException(
    'KEY_EMPTY',
    'One or more parameter values are not valid. A value specified for a secondary index key is not supported. ' +
      `The AttributeValue for a key attribute cannot contain an empty ${type === 'S' ? 'string' : 'binary'} value. ` +
      `IndexName: ${name}, IndexKey: ${attribute.name}`,
  )
}

/**
 * Whether the values of one side are short enough together: DynamoDB counts all attributes of a key as one.
 *
 * @throws {ValidationException} KEY_TOO_LONG
 */
export function checkLength(parts: readonly KeyValue[], role: KeyRole): void {
  const limit = KEY_BYTE_LIMITS[role]
  let length = 0
  for (const part of parts) {
    if (typeof part === 'string') length += 3 * part.length
    else if (!isNumberValue(part)) length += part.length
  }
  // A character has three bytes at most for each unit of UTF-16: what is short by that measure need not be measured.
  if (length <= limit) return
  const sum = parts.reduce<number>((total, part) => total + (isNumberValue(part) ? 0 : byteLengthOfKeyPart(part)), 0)
  if (sum <= limit) return
  throw new ValidationException(
    'KEY_TOO_LONG',
    role === 'partition'
      ? `One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit of${limit} bytes`
      : `One or more parameter values were invalid: Aggregated size of all range keys has exceeded the size limit of ${limit} bytes`,
  )
}

function tooManyElements({ name }: KeyedIndex, attribute: KeyAttribute, count: number): ValidationException {
  return new ValidationException(
    'INDEX_ELEMENTS',
    `Cannot store the item: "${attribute.name}" has ${count} elements, and the index "${name}" has an entry for each, ` +
      `${ELEMENT_LIMIT} at most; share them out over several items`,
  )
}

/** The elements that have entries, each once. */
function elementsOf(index: KeyedIndex, attribute: KeyAttribute, value: unknown): readonly KeyValue[] {
  const elements = Array.isArray(value) ? value : types.isSet(value) ? [...value] : undefined
  if (elements === undefined) {
    throw new ValidationException(
      'KEY_TYPE',
      `One or more parameter values were invalid: Type mismatch for Index Key ${attribute.name} ` +
        `Expected: L, SS, NS or BS Actual: ${typeName(value)} IndexName: ${index.name}`,
    )
  }
  const distinct = new Map<string, KeyValue>()
  let { type } = attribute
  for (const element of elements as unknown[]) {
    const part = checkPart(index, { name: attribute.name, type }, element)
    type = keyPartType(part)
    distinct.set(encodeKeyPart(part), part)
  }
  return [...distinct.values()]
}
