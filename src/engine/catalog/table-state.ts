/** A table as the engine knows it: its definition, the trees it is kept in and what its keys turned out to be. */
import type { TableSettings } from '../../backend.js'
import type { IndexDefinition } from '../../model/index/index-definition.js'
import type { IndexKeySchema, KeyedIndex } from '../../model/index/index-key.js'
import type { Item } from '../../model/item/item.js'
import type { KeySchema, KeyType } from '../../model/key/key-schema.js'
import type { AttributeTypes } from '../../model/table/table-definition.js'

/**
 * - `BUILDING`: every write keeps its entries, but not all items that were there when it was added are in it yet.
 * - `ACTIVE`: it has every item that belongs into it.
 * - `FAILED`: it is to be unique and found two items with one key. Nobody keeps it, and nobody can read it.
 */
export type IndexStatus = 'BUILDING' | 'ACTIVE' | 'FAILED'

/** The two items that a unique index found with one key, by their keys. */
export interface IndexFailure {
  readonly key: Item
  readonly holders: readonly Item[]
}

export interface IndexState extends KeyedIndex {
  readonly name: string
  /** Another one when it is built again from the beginning. */
  tree: number
  readonly definition: IndexDefinition
  /** Changes once: when the first entry fixes the types of its attributes. */
  key: IndexKeySchema
  status: IndexStatus
  /** What was found when it failed; not kept, as building it again finds it again. */
  failure: IndexFailure | undefined
  /** Set when it is dropped: whoever builds it stops. */
  isDropped: boolean
  /** Resolves when it is complete; rejects when it never will be. */
  built: Promise<void>
}

export interface TableState {
  readonly name: string
  readonly tree: number
  readonly createdAt: number
  /** Changes once: when the first item fixes the types of its attributes. */
  key: KeySchema
  /** Types that are declared rather than learned, as long as a key has the attribute. */
  attributeTypes: AttributeTypes
  ttl: string | undefined
  isPortable: boolean
  readonly indexes: IndexState[]
  /** What another door keeps with it. */
  settings: TableSettings
  /** Set when it is dropped: nobody writes to it any more. */
  isDropped: boolean
  /** The attributes that its indexes are made of; undefined until somebody asks, and again when the indexes change. */
  indexed: readonly string[] | undefined
}

/** The attributes that the indexes of a table are made of, as far as somebody keeps them. */
export function indexedAttributes(table: TableState): readonly string[] {
  table.indexed ??= namesIn(table.indexes.filter(({ status }) => status !== 'FAILED'))
  return table.indexed
}

function namesIn(indexes: readonly IndexState[]): readonly string[] {
  return [...new Set(indexes.flatMap(({ key }) => [...key.partition, ...key.sort].map(({ name }) => name)))]
}

export function keyNames({ partition, sort }: KeySchema): readonly string[] {
  return sort === undefined ? [partition.name] : [partition.name, sort.name]
}

export function keyTypes({ partition, sort }: KeySchema): readonly (KeyType | undefined)[] {
  return sort === undefined ? [partition.type] : [partition.type, sort.type]
}
