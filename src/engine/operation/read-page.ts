/**
 * A page of a query or a scan, of a table or of an index. Within a page nothing changes; between pages others may
 * write. A page ends at its limit, or after a megabyte was looked at, so that no reader holds the event loop for long.
 */
import type { PageResponse, ReadRequest } from '../../backend.js'
import { CorruptionError, ValidationException } from '../../errors.js'
import { compileFilter } from '../../model/expression/compile-filter.js'
import type { Predicate } from '../../model/expression/predicate.js'
import { compileProjection } from '../../model/expression/projection.js'
import type { Item } from '../../model/item/item.js'
import { decodeAttribute, decodeItem } from '../../model/item/item-codec.js'
import { partitionPrefix, primaryKeyFromIndexEntry } from '../../model/key/key-bytes.js'
import { prefixUpperBound } from '../../model/key/key-codec.js'
import { type KeyRange, sortKeyRange } from '../../model/key/key-range.js'
import { checkKeyValue, type KeySchema } from '../../model/key/key-schema.js'
import type { IndexState, TableState } from '../catalog/table-state.js'
import { keyNames } from '../catalog/table-state.js'
import { isExpiredItem } from '../commit/stored-item.js'
import type { EngineContext } from '../context.js'
import { type CursorScope, decodeCursor, encodeCursor } from './cursor-token.js'

/** What a page looks at before it ends, in bytes of items and in items, as a bound on the time it takes. */
const PAGE_BYTE_LIMIT = 1024 * 1024
const PAGE_ITEM_LIMIT = 10_000

export async function readPage(context: EngineContext, request: ReadRequest): Promise<PageResponse> {
  const table = context.catalog.get(request.table)
  const index = request.index === undefined ? undefined : findIndex(table, request.index)
  if (index?.isBuilding === true) await index.built
  return readPageNow(context, request, table, index)
}

function readPageNow(
  context: EngineContext,
  request: ReadRequest,
  table: TableState,
  index: IndexState | undefined,
): PageResponse {
  const { storage, clock, hash } = context
  const range =
    request.where === undefined ? segmentRange(request) : queryRange(context, index?.key ?? table.key, request.where)
  const scope: CursorScope = { table: table.name, index: index?.name, range, reverse: request.reverse }
  const after = request.cursor === undefined ? undefined : decodeCursor(request.cursor, scope, hash)
  const filter =
    request.filter === undefined ? undefined : compileFilter(request.filter, { now: () => clock.now() / 1000 })
  const projection = compileProjection(request.select)
  const limit = checkLimit(request.limit)

  const cursor = storage.range(
    index?.tree ?? table.tree,
    remaining(range, after, request.reverse),
    directionOf(request),
    PAGE_ITEM_LIMIT,
  )
  const indexParts = index === undefined ? 0 : keyNames(index.key).length
  const now = clock.now()
  const items: Item[] = []
  let count = 0
  let scanned = 0
  let byteLength = 0
  let lastKey: string | undefined
  while (cursor.next()) {
    // There is more behind a full page: only now is that certain.
    if (count >= limit || byteLength >= PAGE_BYTE_LIMIT || scanned >= PAGE_ITEM_LIMIT) {
      return { items, cursor: encodeCursor(lastKey!, scope, hash), count, scanned }
    }
    lastKey = cursor.key()
    const bytes =
      index === undefined ? cursor.value() : indexedItem(context, table, index, lastKey, cursor.value(), indexParts)
    byteLength += bytes.length
    scanned += 1
    if (isExpiredItem(table, bytes, now)) continue
    if (filter !== undefined && !passes(filter, bytes)) continue
    count += 1
    if (!request.countOnly) items.push(projection.project(decodeItem(bytes)))
  }
  // Removed items cost time, too: a page may end among them.
  const { pausedAt } = cursor
  return { items, cursor: pausedAt && encodeCursor(pausedAt, scope, hash), count, scanned }
}

/** Reading this many attributes one by one costs less than decoding the item. */
const SINGLE_ATTRIBUTE_LIMIT = 2

/** Whether a stored item passes a filter: of most items no more is decoded than the filter asks for. */
function passes(filter: Predicate, bytes: Uint8Array): boolean {
  const { attributes } = filter
  if (attributes === undefined || attributes.length > SINGLE_ATTRIBUTE_LIMIT) return filter.matches(decodeItem(bytes))
  const part: Item = {}
  for (const name of attributes) {
    const value = decodeAttribute(bytes, name)
    // No item has an attribute of that other name, and it would change the prototype of this one.
    if (value !== undefined && name !== '__proto__') part[name] = value
  }
  return filter.matches(part)
}

function findIndex(table: TableState, name: string): IndexState {
  const index = table.indexes.find((other) => other.name === name)
  if (index !== undefined) return index
  const known = table.indexes.map((other) => other.name)
  const hint = known.length === 0 ? 'it has none' : `it has: ${known.join(', ')}`
  throw new ValidationException('INDEX_UNKNOWN', `Cannot read the index "${name}" of table "${table.name}": ${hint}`)
}

/** The item that an index entry stands for. Entry and item are committed together, so it is there. */
function indexedItem(
  { storage }: EngineContext,
  table: TableState,
  index: IndexState,
  entryKey: string,
  entryValue: Uint8Array,
  indexParts: number,
): Uint8Array {
  const primaryKey = primaryKeyFromIndexEntry(entryKey, indexParts, Buffer.from(entryValue).toString('latin1'))
  const bytes = storage.get(table.tree, primaryKey)
  if (bytes === undefined) {
    throw new CorruptionError(`index ${table.name}.${index.name}`, 0, 'an entry stands for an item that is not there')
  }
  return bytes
}

/** The range of keys that a key condition means. */
function queryRange({ hash }: EngineContext, schema: KeySchema, where: Item): KeyRange {
  const names = keyNames(schema)
  const unknown = Object.keys(where).find((name) => !names.includes(name))
  if (unknown !== undefined) {
    const reason = `"${unknown}" is not a key attribute; use "filter" for it. The key is [${names.join(', ')}]`
    throw new ValidationException('KEY_CONDITION', `Cannot query: ${reason}`)
  }
  const { partition, sort } = schema
  if (!Object.hasOwn(where, partition.name)) {
    throw new ValidationException('KEY_MISSING', `Query condition missed key schema element: ${partition.name}`)
  }
  const prefix = partitionPrefix(hash, checkKeyValue(partition, 'partition', where[partition.name]))
  const condition = sort !== undefined && Object.hasOwn(where, sort.name) ? where[sort.name] : undefined
  if (sort === undefined || condition === undefined) return { lower: prefix, upper: prefixUpperBound(prefix) }
  return sortKeyRange(prefix, condition, sort)
}

/** A part of a whole tree: hashes are spread evenly, so equal parts of their space are about equal parts of it. */
function segmentRange({ segment, totalSegments }: ReadRequest): KeyRange {
  if (segment === undefined && totalSegments === undefined) return { lower: '', upper: undefined }
  const isValid =
    Number.isInteger(segment) &&
    Number.isInteger(totalSegments) &&
    segment! >= 0 &&
    totalSegments! >= 1 &&
    totalSegments! <= 1_000_000
  if (!isValid) {
    throw new ValidationException('OPTION', 'Cannot scan: "segment" and "totalSegments" go together, as whole numbers')
  }
  if (segment! >= totalSegments!) {
    throw new ValidationException(
      'OPTION',
      `The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: ${segment} is not less than TotalSegments: ${totalSegments}`,
    )
  }
  const isLast = segment! + 1 === totalSegments
  return { lower: hashAt(segment!, totalSegments!), upper: isLast ? undefined : hashAt(segment! + 1, totalSegments!) }
}

function hashAt(part: number, parts: number): string {
  if (part === 0) return ''
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE((BigInt(part) << 64n) / BigInt(parts))
  return bytes.toString('latin1')
}

function remaining({ lower, upper }: KeyRange, after: string | undefined, reverse: boolean): KeyRange {
  if (after === undefined) return { lower, upper }
  // The lowest byte string above a key is the key and a zero byte.
  return reverse ? { lower, upper: after } : { lower: `${after}\0`, upper }
}

function directionOf({ reverse }: ReadRequest): 'ascending' | 'descending' {
  return reverse ? 'descending' : 'ascending'
}

function checkLimit(limit: number | undefined): number {
  if (limit === undefined) return Number.POSITIVE_INFINITY
  if (Number.isInteger(limit) && limit >= 1) return limit
  throw new ValidationException('OPTION', `Cannot read: "limit" has to be a whole number from 1, not ${String(limit)}`)
}
