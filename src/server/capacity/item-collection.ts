/**
 * `ItemCollectionMetrics`: how large the items of one partition key are together with their entries in local indexes. Only
 * tables with such indexes have them. Nobody counts partitions; what bounds one is what the whole table has on the disk.
 */
import type { KnownTable } from '../../backend.js'
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
