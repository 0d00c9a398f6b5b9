/**
 * What an index is, of whatever kind: the attributes of its key, and what is particular about it. Global, local, unique
 * and multi-value indexes are one type, as nearly all that is done with them is the same.
 */

/** What a read through an index shows: whole items, keys alone, or keys and these attributes. */
export type IndexProjection = 'ALL' | 'KEYS_ONLY' | readonly string[]

export interface IndexDefinition {
  /** One to four attributes. A query gives a value for each of them. */
  readonly partition: readonly string[]
  /** None to four attributes, by which the items of one partition are ordered, the first before the second. */
  readonly sort: readonly string[]
  /** Its partition key is the table's. */
  readonly isLocal: boolean
  /** No two items have the same key in it. */
  readonly isUnique: boolean
  /** The attribute of the partition key that holds many values, of which each has an entry. */
  readonly multi: string | undefined
  /** Each entry has a copy of its item beside it. */
  readonly isCovering: boolean
  readonly projection: IndexProjection
}

/** All attributes of its key, those of the partition key first. */
export function indexKeyNames({ partition, sort }: Pick<IndexDefinition, 'partition' | 'sort'>): readonly string[] {
  return [...partition, ...sort]
}

/** In what two indexes of one name differ, in words; undefined when they are the same. */
export function indexDifference(known: IndexDefinition, wanted: IndexDefinition): string | undefined {
  const [knownKey, wantedKey] = [shownKey(known), shownKey(wanted)]
  if (knownKey !== wantedKey) return `has the key ${knownKey}, not ${wantedKey}`
  if (known.isLocal !== wanted.isLocal) return `is ${scopeName(known)}, not ${scopeName(wanted)}`
  if (known.isUnique !== wanted.isUnique) return known.isUnique ? 'is unique' : 'is not unique'
  if (known.multi !== wanted.multi) return `has ${multiName(known)}, not ${multiName(wanted)}`
  if (known.isCovering !== wanted.isCovering) return known.isCovering ? 'is covering' : 'is not covering'
  const [knownView, wantedView] = [shownProjection(known), shownProjection(wanted)]
  return knownView === wantedView ? undefined : `projects ${knownView}, not ${wantedView}`
}

function shownKey({ partition, sort }: IndexDefinition): string {
  const sides = sort.length === 0 ? [partition] : [partition, sort]
  return `[${sides.map((names) => (names.length === 1 ? names[0] : `[${names.join(', ')}]`)).join(', ')}]`
}

function scopeName({ isLocal }: IndexDefinition): string {
  return isLocal ? 'local' : 'global'
}

function multiName({ multi }: IndexDefinition): string {
  return multi === undefined ? 'one entry for each item' : `one for each element of "${multi}"`
}

function shownProjection({ projection }: IndexDefinition): string {
  return typeof projection === 'string' ? projection : `[${[...projection].sort().join(', ')}]`
}
