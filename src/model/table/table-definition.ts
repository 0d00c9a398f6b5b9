/** What a table is: a name, the attributes of its key, its indexes, and the attribute that says when an item expires. */
import type { IndexDefinition } from '../index/index-definition.js'
import type { KeyType } from '../key/key-codec.js'

/** The partition key, and the sort key if there is one, by the names of their attributes. */
export type KeyAttributes = readonly [partition: string] | readonly [partition: string, sort: string]

/** By the names of attributes. */
export type AttributeTypes = ReadonlyMap<string, KeyType>

export interface TableDefinition {
  readonly name: string
  readonly key: KeyAttributes
  /** By name; read with `Object.keys`, since an index may be called `constructor`. */
  readonly indexes: Readonly<Record<string, IndexDefinition>>
  /**
   * The types of attributes that are in the key of the table or of an index, as far as they are declared: those hold from
   * the first item on. The others are learned from the first item that has them.
   */
  readonly attributeTypes?: AttributeTypes
  /** The attribute that holds the second since 1970 from which on an item is gone. */
  readonly ttl?: string
  /** Whether what is done with it has to be possible on Amazon DynamoDB, too. @default true */
  readonly isPortable?: boolean
}
