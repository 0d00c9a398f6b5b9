/** The key by which a query or a scan goes: the table's own, or that of one of its indexes. */
import type { KnownIndex, KnownTable } from '../../backend.js'
import type { KeyAttribute } from '../../model/key/key-schema.js'

export interface ReadKey {
  readonly partition: readonly KeyAttribute[]
  readonly sort: readonly KeyAttribute[]
}

export function tableKey({ key: { partition, sort } }: Pick<KnownTable, 'key'>): ReadKey {
  return { partition: [partition], sort: sort === undefined ? [] : [sort] }
}

export function readKey(table: KnownTable, index: KnownIndex | undefined): ReadKey {
  return index === undefined ? tableKey(table) : index.key
}

export function attributesOf({ partition, sort }: ReadKey): readonly KeyAttribute[] {
  return sort.length === 0 ? partition : [...partition, ...sort]
}
