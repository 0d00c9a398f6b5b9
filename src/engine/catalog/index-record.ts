/**
 * An index as the catalog keeps it (architecture/formats.md). A global index of one or two attributes, with nothing
 * particular about it, is kept as it has always been. One that an older version would not keep in step with its items has
 * its key under another name, so that such a version does not open the database instead of damaging it.
 */
import type { IndexDefinition, IndexProjection } from '../../model/index/index-definition.js'
import type { IndexKeySchema } from '../../model/index/index-key.js'
import type { KeyType } from '../../model/key/key-codec.js'
import type { KeyAttribute } from '../../model/key/key-schema.js'
import type { IndexState, IndexStatus } from './table-state.js'

/** Attributes with their types, as far as they are known. */
export interface KeyRecord {
  readonly names: readonly string[]
  readonly types: readonly (string | null)[]
}

export interface IndexRecord {
  readonly name: string
  readonly tree: number
  readonly isBuilding: boolean
  /** Of a global or local index with one attribute on each side, neither unique nor multi-value nor covering. */
  readonly key?: KeyRecord
  /** Of any other. */
  readonly parts?: { readonly partition: KeyRecord; readonly sort: KeyRecord }
  // What follows is left out where it is what it usually is.
  readonly isLocal?: true
  readonly isUnique?: true
  readonly multi?: string
  readonly isCovering?: true
  readonly projection?: IndexProjection
  readonly isFailed?: true
}

export function indexRecord({ name, tree, key, definition, status }: IndexState): IndexRecord {
  const { isLocal, isUnique, multi, isCovering, projection } = definition
  const { partition, sort } = key
  const isParticular = isUnique || multi !== undefined || isCovering || status === 'FAILED'
  const isPlain = partition.length === 1 && sort.length <= 1 && !isParticular
  return {
    name,
    tree,
    ...(isPlain
      ? { key: keyRecord([...partition, ...sort]) }
      : { parts: { partition: keyRecord(partition), sort: keyRecord(sort) } }),
    isBuilding: status === 'BUILDING',
    ...(isLocal && { isLocal }),
    ...(isUnique && { isUnique }),
    ...(multi !== undefined && { multi }),
    ...(isCovering && { isCovering }),
    ...(projection !== 'ALL' && { projection }),
    ...(status === 'FAILED' && { isFailed: true as const }),
  }
}

export function indexFromRecord(record: IndexRecord): IndexState {
  const { name, tree, isBuilding, isLocal = false, isUnique = false, isCovering = false } = record
  const { multi, projection = 'ALL', isFailed } = record
  const key = keyOf(record)
  const namesOf = (attributes: readonly KeyAttribute[]) => attributes.map((attribute) => attribute.name)
  const definition = {
    partition: namesOf(key.partition),
    sort: namesOf(key.sort),
    isLocal,
    isUnique,
    multi,
    isCovering,
    projection,
  }
  const status = isFailed ? 'FAILED' : isBuilding ? 'BUILDING' : 'ACTIVE'
  return newIndexState({ name, tree, definition, key, status })
}

export function newIndexState(given: {
  readonly name: string
  readonly tree: number
  readonly definition: IndexDefinition
  readonly key: IndexKeySchema
  readonly status: IndexStatus
}): IndexState {
  return { ...given, failure: undefined, isDropped: false, built: Promise.resolve() }
}

export function keyRecord(attributes: readonly KeyAttribute[]): KeyRecord {
  return { names: attributes.map(({ name }) => name), types: attributes.map(({ type }) => type ?? null) }
}

export function attributesFromRecord({ names, types }: KeyRecord): readonly KeyAttribute[] {
  return names.map((name, i) => ({ name, type: (types[i] ?? undefined) as KeyType | undefined }))
}

function keyOf({ key, parts }: IndexRecord): IndexKeySchema {
  if (parts !== undefined) {
    return { partition: attributesFromRecord(parts.partition), sort: attributesFromRecord(parts.sort) }
  }
  const attributes = attributesFromRecord(key!)
  return { partition: attributes.slice(0, 1), sort: attributes.slice(1) }
}
