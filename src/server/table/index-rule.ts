/** What makes the indexes of a request valid, each check in DynamoDB's order; and an index as a definition here has it. */
import { GLOBAL_INDEX_LIMIT, LOCAL_INDEX_LIMIT } from '../../model/index/index-rule.js'
import { validationError } from '../aws-error.js'
import { checkGlobalKey, checkLocalKey, type DefinedTypes, keySides } from './key-rule.js'
import type { IndexInput, KeySchemaElement, ProjectionInput } from './table-input.js'
import {
  duplicateIndex,
  duplicateProjected,
  emptyList,
  INCLUDE_WITHOUT_NAMES,
  NO_RANGE_KEY,
  namesWithoutInclude,
  noIndexRangeKey,
  otherHashKey,
  tooManyIndexes,
  UNKNOWN_PROJECTION,
} from './table-wording.js'

/** @throws {AwsError} ValidationException */
export function checkLocalIndexes(
  indexes: readonly IndexInput[],
  tableKey: readonly KeySchemaElement[],
  types: DefinedTypes,
  names: Set<string>,
): void {
  if (indexes.length === 0) throw validationError(emptyList('LocalSecondaryIndexes'))
  const [hash, range] = tableKey
  if (range === undefined) throw validationError(NO_RANGE_KEY)
  for (const { IndexName: name, KeySchema: schema, Projection } of indexes) {
    checkLocalKey(schema, types)
    const [indexHash, indexRange] = schema
    if (indexRange === undefined) throw validationError(noIndexRangeKey(name))
    if (indexHash!.AttributeName !== hash!.AttributeName) {
      throw validationError(otherHashKey(name, indexHash!.AttributeName, hash!.AttributeName))
    }
    checkProjection(Projection)
    checkName(name, names)
  }
  if (indexes.length > LOCAL_INDEX_LIMIT) throw validationError(tooManyIndexes('local', LOCAL_INDEX_LIMIT))
}

/**
 * @param checkUnits What the throughput of each has to be, for how the table is billed.
 * @throws {AwsError} ValidationException
 */
export function checkGlobalIndexes(
  indexes: readonly IndexInput[],
  types: DefinedTypes,
  names: Set<string>,
  checkUnits: (index: IndexInput) => void,
): void {
  if (indexes.length === 0) throw validationError(emptyList('GlobalSecondaryIndexes'))
  for (const index of indexes) {
    checkGlobalIndex(index, types)
    checkUnits(index)
    checkName(index.IndexName, names)
  }
  if (indexes.length > GLOBAL_INDEX_LIMIT) throw validationError(tooManyIndexes('global', GLOBAL_INDEX_LIMIT))
}

export function checkGlobalIndex({ KeySchema, Projection }: IndexInput, types: DefinedTypes): void {
  checkGlobalKey(KeySchema, types)
  checkProjection(Projection)
}

/** An index as `checkTableDefinition` takes it. */
export function indexDefinition(
  { KeySchema: schema, Projection: { ProjectionType: type, NonKeyAttributes: names } }: IndexInput,
  { isLocal }: { readonly isLocal: boolean },
): Readonly<Record<string, unknown>> {
  const { partition, sort } = keySides(schema)
  const key = sort.length === 0 ? [partition] : [partition, sort]
  return { key, local: isLocal, projection: type === 'INCLUDE' ? names : type }
}

function checkProjection({ ProjectionType: type, NonKeyAttributes: names }: ProjectionInput): void {
  if (type === undefined) throw validationError(UNKNOWN_PROJECTION)
  if (type !== 'INCLUDE') {
    if (names !== undefined) throw validationError(namesWithoutInclude(type))
    return
  }
  if (names === undefined) throw validationError(INCLUDE_WITHOUT_NAMES)
  const seen = new Set<string>()
  for (const name of names) {
    if (seen.has(name)) throw validationError(duplicateProjected(name))
    seen.add(name)
  }
}

function checkName(name: string, names: Set<string>): void {
  if (names.has(name)) throw validationError(duplicateIndex(name))
  names.add(name)
}
