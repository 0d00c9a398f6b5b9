/**
 * `ExclusiveStartKey`: the key behind which a page begins, of the table and, with an index, also of that. What is wrong with
 * it is found in several rounds, between which other parts of the request are looked at.
 */
import type { KnownIndex, KnownTable } from '../../backend.js'
import { compareValues } from '../../model/expression/comparison.js'
import { beginsWithValue } from '../../model/expression/function.js'
import { equalValues } from '../../model/item/equality.js'
import type { Item } from '../../model/item/item.js'
import { keyPartType } from '../../model/key/key-codec.js'
import type { KeyAttribute } from '../../model/key/key-schema.js'
import { AwsError, validationError } from '../aws-error.js'
import type { AttributeMap } from '../value/attribute-value.js'
import { nativeItem } from '../value/native-value.js'
import {
  EMPTY_BINARY_SET,
  EMPTY_STRING_SET,
  EMPTY_VALUE,
  FALSE_NULL,
  KEY_MISMATCH,
  SEVERAL_TYPES,
  START_KEY_INVALID,
  START_KEY_OF_ONE_ITEM,
  START_KEY_OUT_OF_RANGE,
  START_KEY_OUTSIDE,
  startKeyInvalid,
} from '../wording.js'
import type { KeyCondition, KeyConditions } from './key-conditions.js'
import { attributesOf, type ReadKey, tableKey } from './read-key.js'

/** What DynamoDB says of values with the words that it is about the starting key; the rest it says as it is. */
const INTRODUCED: ReadonlySet<string> = new Set([
  EMPTY_VALUE,
  SEVERAL_TYPES,
  FALSE_NULL,
  EMPTY_STRING_SET,
  EMPTY_BINARY_SET,
])

/** @throws {AwsError} ValidationException, when its values are none. */
export function startKeyFrom(map: AttributeMap | undefined): Item | undefined {
  if (map === undefined) return undefined
  try {
    return nativeItem(map)
  } catch (failure) {
    if (!(failure instanceof AwsError) || !INTRODUCED.has(failure.message)) throw failure
    throw validationError(startKeyInvalid(failure.message))
  }
}

/** Whether it has as many attributes as it takes, and the partition key among them. */
export function checkStartPartition(startKey: Item, table: KnownTable, key: ReadKey): void {
  const names = new Set([...attributesOf(tableKey(table)), ...attributesOf(key)].map(({ name }) => name))
  if (Object.keys(startKey).length !== names.size) throw validationError(START_KEY_INVALID)
  checkAttributes(startKey, key.partition)
}

/** Whether the sort key is among them, and with an index the table's key. */
export function checkStartRest(startKey: Item, table: KnownTable, key: ReadKey): void {
  checkAttributes(startKey, key.sort)
  if (!areOfTypes(startKey, attributesOf(tableKey(table)))) throw validationError(startKeyInvalid(KEY_MISMATCH))
}

/**
 * The same for a scan, which has no conditions.
 *
 * @param between What is looked at between the index's key and the table's.
 */
export function checkScanStart(
  startKey: Item,
  table: KnownTable,
  index: KnownIndex | undefined,
  between: () => void,
): void {
  if (index !== undefined) {
    checkStartPartition(startKey, table, index.key)
    checkAttributes(startKey, index.key.sort)
  }
  between()
  const attributes = attributesOf(tableKey(table))
  const isComplete = index !== undefined || Object.keys(startKey).length === attributes.length
  if (!isComplete || !areOfTypes(startKey, attributes)) throw validationError(startKeyInvalid(KEY_MISMATCH))
}

/** Whether the query could have come by it. */
export function checkStartInside(startKey: Item, conditions: KeyConditions, key: ReadKey): void {
  const isSame = ({ name }: KeyAttribute) => holds(conditions.get(name)!, startKey[name])
  const isInPartition = key.partition.every(isSame)
  const ranged = key.sort.filter(({ name }) => conditions.has(name))
  if (ranged.length === 0) {
    if (!isInPartition) throw validationError(START_KEY_OUTSIDE)
    return
  }
  if (!ranged.every(isSame)) throw validationError(START_KEY_OUT_OF_RANGE)
  if (!isInPartition) throw validationError(START_KEY_OF_ONE_ITEM)
}

function checkAttributes(startKey: Item, attributes: readonly KeyAttribute[]): void {
  for (const attribute of attributes) {
    if (!Object.hasOwn(startKey, attribute.name)) throw validationError(START_KEY_INVALID)
    if (!hasType(startKey[attribute.name], attribute)) throw validationError(KEY_MISMATCH)
  }
}

function areOfTypes(startKey: Item, attributes: readonly KeyAttribute[]): boolean {
  return attributes.every(({ name, type }) => Object.hasOwn(startKey, name) && hasType(startKey[name], { name, type }))
}

function hasType(value: unknown, { type }: KeyAttribute): boolean {
  const found = keyPartType(value)
  return found !== undefined && (type === undefined || type === found)
}

function holds({ operator, operands: [first, second] }: KeyCondition, value: unknown): boolean {
  const order = compareValues(value, first) ?? Number.NaN
  switch (operator) {
    case '=':
      return equalValues(value, first)
    case '<':
      return order < 0
    case '<=':
      return order <= 0
    case '>':
      return order > 0
    case '>=':
      return order >= 0
    case 'BETWEEN':
      return order >= 0 && (compareValues(value, second) ?? Number.NaN) <= 0
    case 'begins_with':
      return beginsWithValue(value, first)
    case undefined:
      return false
  }
}
