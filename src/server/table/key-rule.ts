/**
 * What makes the keys of a table and of its indexes valid, and which definitions of attributes go with them: each check in
 * the order in which DynamoDB makes it, as a client that gets several things wrong is told of the first.
 */
import { KEY_SIDE_LIMIT } from '../../model/index/index-rule.js'
import type { KeyType } from '../../model/key/key-codec.js'
import { validationError } from '../aws-error.js'
import type { AttributeDefinition, KeySchemaElement } from './table-input.js'
import {
  COUNTS_DIFFER,
  definitionsUnused,
  duplicateDefinition,
  FIRST_NOT_HASH,
  HASH_BEHIND_RANGE,
  KEY_WITHOUT_DEFINITION,
  keysUndefined,
  SAME_HASH_AND_RANGE,
  SAME_KEY_NAMES,
  SECOND_NOT_RANGE,
  tooManyElements,
  tooManyKeys,
} from './table-wording.js'

/** The types of attributes by their names, in the order of the request. */
export type DefinedTypes = ReadonlyMap<string, KeyType>

/** @throws {AwsError} ValidationException */
export function definedTypes(definitions: readonly AttributeDefinition[]): DefinedTypes {
  const types = new Map<string, KeyType>()
  for (const { AttributeName: name, AttributeType: type } of definitions) {
    if (types.has(name)) throw validationError(duplicateDefinition(name))
    types.set(name, type)
  }
  return types
}

/** The key of a table: one attribute or two. */
export function checkTableKey(schema: readonly KeySchemaElement[], types: DefinedTypes): void {
  if (schema.length > 2) throw validationError(tooManyElements(schema))
  if (schema.length > types.size) throw validationError(KEY_WITHOUT_DEFINITION)
  checkTwoElements(schema, types)
}

/** The key of a local index, but for what it has to do with the table's. */
export function checkLocalKey(schema: readonly KeySchemaElement[], types: DefinedTypes): void {
  if (schema.length > 2) throw validationError(tooManyElements(schema))
  checkTwoElements(schema, types)
}

/** The key of a global index: up to four attributes on each side. */
export function checkGlobalKey(schema: readonly KeySchemaElement[], types: DefinedTypes): void {
  checkDefined(schema, types)
  const names = schema.map(({ AttributeName }) => AttributeName)
  if (new Set(names).size < names.length) {
    throw validationError(names.length === 2 ? SAME_HASH_AND_RANGE : SAME_KEY_NAMES)
  }
  if (schema[0]!.KeyType !== 'HASH') throw validationError(FIRST_NOT_HASH)
  const hashCount = schema.findIndex(({ KeyType }) => KeyType === 'RANGE')
  if (hashCount >= 0 && schema.slice(hashCount).some(({ KeyType }) => KeyType === 'HASH')) {
    throw validationError(HASH_BEHIND_RANGE)
  }
  const { partition, sort } = keySides(schema)
  if (partition.length > KEY_SIDE_LIMIT) throw validationError(tooManyKeys('HASH'))
  if (sort.length > KEY_SIDE_LIMIT) throw validationError(tooManyKeys('RANGE'))
}

/** That every definition is used by some key. */
export function checkAllUsed(
  types: DefinedTypes,
  tableKey: readonly KeySchemaElement[],
  indexKeys: readonly (readonly KeySchemaElement[])[],
): void {
  if (indexKeys.length === 0) {
    if (types.size !== tableKey.length) throw validationError(COUNTS_DIFFER)
    return
  }
  const used = new Set([tableKey, ...indexKeys].flat().map(({ AttributeName }) => AttributeName))
  if (used.size < types.size) throw validationError(definitionsUnused([...types.keys()], [...used]))
}

/** The names of the attributes on each side of a key. */
export function keySides(schema: readonly KeySchemaElement[]): { partition: string[]; sort: string[] } {
  const named = (type: KeySchemaElement['KeyType']) =>
    schema.filter(({ KeyType }) => KeyType === type).map(({ AttributeName }) => AttributeName)
  return { partition: named('HASH'), sort: named('RANGE') }
}

function checkTwoElements(schema: readonly KeySchemaElement[], types: DefinedTypes): void {
  checkDefined(schema, types)
  const [first, second] = schema
  if (first!.AttributeName === second?.AttributeName) throw validationError(SAME_HASH_AND_RANGE)
  if (first!.KeyType !== 'HASH') throw validationError(FIRST_NOT_HASH)
  if (second !== undefined && second.KeyType !== 'RANGE') throw validationError(SECOND_NOT_RANGE)
}

function checkDefined(schema: readonly KeySchemaElement[], types: DefinedTypes): void {
  const names = schema.map(({ AttributeName }) => AttributeName)
  if (names.every((name) => types.has(name))) return
  throw validationError(keysUndefined(names, [...types.keys()]))
}
