/**
 * `ItemCollectionMetrics`: how large the items of one partition key are together with their entries in local indexes. Only
 * tables with such indexes have them. Nobody counts partitions; what bounds one is what the whole table has on the disk.
 */
import type { KnownTable } from '../../backend.js'
import { valueKey } from '../../model/expression/value-set.js'
import type { Members } from '../performer.js'
import type { ServiceContext } from '../service-context.js'
import { sdkValue } from '../value/sdk-value.js'

const GIGABYTE = 1024 ** 3

export function itemCollectionMetrics(
  { backend }: ServiceContext,
  { name, key, indexes }: KnownTable,
  partitionKey: unknown,
): Members | undefined {
  if (!indexes.some(({ definition }) => definition.isLocal)) return undefined
  const described = backend.describeTables().find((table) => table.name === name)
  const byteLength = described?.fileBytes ?? 0
  const upper = Math.floor(byteLength / GIGABYTE) + 1
  return { ItemCollectionKey: { [key.partition.name]: sdkValue(partitionKey) }, SizeEstimateRangeGB: [0, upper] }
}

export interface CollectionWrite {
  /** As the request names it. */
  readonly tableName: string
  readonly table: KnownTable
  readonly partitionKey: unknown
}

/** Of many writes: for each table that has local indexes, one entry for each partition key that was written to. */
export function itemCollections(context: ServiceContext, writes: readonly CollectionWrite[]): Members {
  const found = new Map<string, Map<string, Members>>()
  for (const { tableName, table, partitionKey } of writes) {
    const collections = found.get(tableName) ?? new Map<string, Members>()
    const key = valueKey(partitionKey)
    const metrics = collections.get(key) ?? itemCollectionMetrics(context, table, partitionKey)
    if (metrics === undefined) continue
    collections.set(key, metrics)
    found.set(tableName, collections)
  }
  return Object.fromEntries([...found].map(([tableName, collections]) => [tableName, [...collections.values()]]))
}
