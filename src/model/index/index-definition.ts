/** What an index is: a name, and the attributes of the items it is ordered by. An item without them is not in it. */

/** The partition key, and the sort key if there is one, by the names of their attributes. */
export type KeyAttributes = readonly [partition: string] | readonly [partition: string, sort: string]

export interface IndexDefinition {
  readonly name: string
  readonly key: KeyAttributes
}
