/** What a table is: a name, the attributes of its key, its indexes, and the attribute that says when an item expires. */
import type { IndexDefinition } from '../index/index-definition.js'

/** The partition key, and the sort key if there is one, by the names of their attributes. */
export type KeyAttributes = readonly [partition: string] | readonly [partition: string, sort: string]

export interface TableDefinition {
  readonly name: string
  readonly key: KeyAttributes
  /** By name; read with `Object.keys`, since an index may be called `constructor`. */
  readonly indexes: Readonly<Record<string, IndexDefinition>>
  /** The attribute that holds the second since 1970 from which on an item is gone. */
  readonly ttl?: string
  /** Whether what is done with it has to be possible on Amazon DynamoDB, too. @default true */
  readonly isPortable?: boolean
}
