/**
 * What there is to know of a table: what it is made of, and how much is in it. Nothing is read from the disk, so what is
 * counted is what files and memory say of themselves: exact for a table that fits in memory, or is merged, and an estimate
 * in between.
 */
import { createHash } from 'node:crypto'
import type { DetailedTableDescription, IndexDescription, TableDescription } from '../backend.js'
import { indexKeyNames } from '../model/index/index-definition.js'
import { indexAttributes } from '../model/index/index-key.js'
import type { Storage } from '../storage/storage.js'
import { type IndexState, keyNames, keyTypes, type TableState } from './catalog/table-state.js'
import type { EngineContext } from './context.js'

export function describeTable({ storage }: Pick<EngineContext, 'storage'>, table: TableState): TableDescription {
  const { partitionCount, fileByteLength } = storage.statistics(table.tree)
  return {
    name: table.name,
    id: tableId(storage.databaseId, table.tree),
    key: keyNames(table.key),
    keyTypes: keyTypes(table.key),
    indexes: table.indexes.map((index) => describeIndex(storage, index)),
    ttl: table.ttl,
    createdAt: table.createdAt,
    partitions: partitionCount,
    fileBytes: fileByteLength,
  }
}

/** The same, and what only those ask for who have the time. */
export function describeTableInDetail(
  { storage }: Pick<EngineContext, 'storage'>,
  table: TableState,
): DetailedTableDescription {
  const { keyCount, liveByteLength } = storage.statistics(table.tree)
  return {
    ...describeTable({ storage }, table),
    settings: table.settings,
    itemCount: keyCount,
    byteLength: liveByteLength,
  }
}

function describeIndex(storage: Storage, { name, tree, definition, key, status }: IndexState): IndexDescription {
  const { fileByteLength, keyCount, liveByteLength } = storage.statistics(tree)
  return {
    name,
    key: indexKeyNames(definition),
    keyTypes: indexAttributes(key).map(({ type }) => type),
    partition: definition.partition,
    sort: definition.sort,
    local: definition.isLocal,
    unique: definition.isUnique,
    multi: definition.multi,
    covering: definition.isCovering,
    projection: definition.projection,
    status,
    fileBytes: fileByteLength,
    itemCount: keyCount,
    byteLength: liveByteLength,
  }
}

/** No two databases have the same id, and none gives the number of a tree twice: nothing has to be kept for this. */
function tableId(databaseId: string, tree: number): string {
  const hash = createHash('sha256').update(`${databaseId}/${tree}`).digest()
  // A UUID of version 8, whose bytes are up to whoever makes it.
  hash[6] = (hash[6]! & 0x0f) | 0x80
  hash[8] = (hash[8]! & 0x3f) | 0x80
  const hex = hash.toString('hex', 0, 16)
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}
