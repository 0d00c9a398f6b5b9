/**
 * A page of a query or a scan, of a table or of an index. Within a page nothing changes; between pages others may
 * write. A page ends at its limit, or after a megabyte was looked at, so that no reader holds the event loop for long.
 */
import type { BackendSnapshot, PageRequest, PageResponse, ReadRequest } from '../../backend.js'
import { CorruptionError, ValidationException } from '../../errors.js'
import { compileFilter } from '../../model/expression/compile-filter.js'
import { bindKeyCondition } from '../../model/expression/dynamodb/bound-expression.js'
import { isExpressionSource } from '../../model/expression/dynamodb/expression-source.js'
import { keyConditionAsObject } from '../../model/expression/dynamodb/key-condition.js'
import type { Predicate } from '../../model/expression/predicate.js'
import { compileProjection, type Projection } from '../../model/expression/projection.js'
import type { Item } from '../../model/item/item.js'
import type { ItemCodec } from '../../model/item/item-codec.js'
import { primaryKeyFromIndexEntry } from '../../model/key/key-bytes.js'
import { prefixUpperBound } from '../../model/key/key-codec.js'
import { type KeyRange, sortKeyRange } from '../../model/key/key-range.js'
import { checkKeyValue, type KeySchema } from '../../model/key/key-schema.js'
import type { ByteView } from '../../storage/tree/cursor.js'
import type { RangeCursor } from '../../storage/tree/range-cursor.js'
import type { ReadableTrees } from '../../storage/view.js'
import type { IndexState, TableState } from '../catalog/table-state.js'
import { keyNames } from '../catalog/table-state.js'
import { isExpiredItem } from '../commit/stored-item.js'
import type { EngineContext } from '../context.js'
import { type CursorScope, decodeCursor, encodeCursor } from './cursor-token.js'

/** What a page looks at before it ends, in bytes of items and in items, as a bound on the time it takes. */
const PAGE_BYTE_LIMIT = 1024 * 1024
const PAGE_ITEM_LIMIT = 10_000
/** Behind an entry of an index is an item that may have to be read from the disk. */
const INDEX_PAGE_ITEM_LIMIT = 1000

/** What a page is read from. */
export interface PageSource {
  readonly trees: ReadableTrees
  /** Holds what is there now, for the pages that follow. */
  readonly hold?: () => BackendSnapshot
}

/** Resolves with the page; waits for an index that is being built. */
export function readPage(
  context: EngineContext,
  request: ReadRequest,
  page: PageRequest,
  source: PageSource,
): PageResponse | Promise<PageResponse> {
  const table = context.catalog.get(request.table)
  const index = request.index === undefined ? undefined : findIndex(table, request.index)
  if (index?.isBuilding !== true) return readPageNow(context, request, page, source, table, index)
  return index.built.then(() => readPageNow(context, request, page, source, table, index))
}

function readPageNow(
  context: EngineContext,
  request: ReadRequest,
  page: PageRequest,
  { trees, hold }: PageSource,
  table: TableState,
  index: IndexState | undefined,
): PageResponse {
  const { clock, keys, codec } = context
  const { reverse } = request
  const range =
    request.where === undefined ? segmentRange(request) : queryRange(context, index?.key ?? table.key, request.where)
  const filter = request.filter === undefined ? undefined : compileFilter(request.filter, timeOf(context))
  const projection = compileProjection(request.select)
  const limit = checkLimit(page.limit)
  const pageLimit = index === undefined ? PAGE_ITEM_LIMIT : INDEX_PAGE_ITEM_LIMIT
  let bounds = range
  if (page.cursor !== undefined) {
    bounds = remaining(range, decodeCursor(page.cursor, scopeOf(request, range), keys.hash), reverse)
  }
  const cursor = trees.range(index?.tree ?? table.tree, bounds, directionOf(request), PAGE_ITEM_LIMIT)
  const indexParts = index === undefined ? 0 : keyNames(index.key).length
  const now = clock.now()
  const items: Item[] = []
  let count = 0
  let scanned = 0
  let byteLength = 0
  /** Where the page ended, when there is more behind it. */
  let last: string | undefined
  for (;;) {
    if (!cursor.next()) {
      // Removed items cost time, too: a page may end among them.
      last = cursor.pausedAt
      break
    }
    const value = index === undefined ? cursor : indexedItem(trees, table, index, cursor, indexParts)
    byteLength += value.end - value.start
    scanned += 1
    if (!isExpiredItem(codec, table, value.bytes, now, value.start, value.end) && passes(codec, filter, value)) {
      count += 1
      if (!page.countOnly) items.push(selected(codec, projection, value))
    }
    if (count < limit && byteLength < PAGE_BYTE_LIMIT && scanned < pageLimit) continue
    if (count >= limit && page.endsAtLimit) break
    // There is more behind a full page, or not: only the next step tells.
    const key = cursor.key()
    if (cursor.next() || cursor.pausedAt !== undefined) last = key
    break
  }
  if (last === undefined) return { items, cursor: undefined, count, scanned, snapshot: undefined }
  const snapshot = page.holds && hold !== undefined ? hold() : undefined
  return { items, cursor: encodeCursor(last, scopeOf(request, range), keys.hash), count, scanned, snapshot }
}

function scopeOf({ table, index, reverse }: ReadRequest, range: KeyRange): CursorScope {
  return { table, index, range, reverse }
}

function timeOf({ clock }: EngineContext): { now: () => number } {
  return { now: () => clock.now() / 1000 }
}

/** Reading this many attributes one by one costs less than decoding the item. */
const SINGLE_ATTRIBUTE_LIMIT = 2

/** Whether a stored item passes a filter: of most items no more is decoded than the filter asks for. */
export function passes(codec: ItemCodec, filter: Predicate | undefined, { bytes, start, end }: ByteView): boolean {
  if (filter === undefined) return true
  const { attributes } = filter
  if (attributes === undefined || attributes.length > SINGLE_ATTRIBUTE_LIMIT) {
    return filter.matches(codec.decode(bytes, start, end))
  }
  return filter.matches(decodeAttributes(codec, bytes, start, end, attributes))
}

/** A stored item, or what is selected of it. */
export function selected(codec: ItemCodec, projection: Projection, { bytes, start, end }: ByteView): Item {
  const { attributes } = projection
  if (attributes === undefined) return codec.decode(bytes, start, end)
  if (attributes.length <= SINGLE_ATTRIBUTE_LIMIT) {
    const part = decodeAttributes(codec, bytes, start, end, attributes)
    return projection.isNested ? projection.project(part) : part
  }
  return projection.project(codec.decode(bytes, start, end))
}

function decodeAttributes(
  codec: ItemCodec,
  bytes: Uint8Array,
  start: number,
  end: number,
  names: readonly string[],
): Item {
  const part: Item = {}
  for (const name of names) {
    const value = codec.attribute(bytes, name, start, end)
    // No item has an attribute of that other name, and it would change the prototype of this one.
    if (value !== undefined && name !== '__proto__') part[name] = value
  }
  return part
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
  trees: ReadableTrees,
  table: TableState,
  index: IndexState,
  entry: RangeCursor,
  indexParts: number,
): ByteView {
  const hash = latin1Slice.call(entry.bytes, entry.start, entry.end)
  const primaryKey = primaryKeyFromIndexEntry(entry.key(), indexParts, hash)
  const found = trees.peek(table.tree, primaryKey)
  if (found === undefined) {
    throw new CorruptionError(`index ${table.name}.${index.name}`, 0, 'an entry stands for an item that is not there')
  }
  return found
}

type Slice = (this: Uint8Array, start: number, end: number) => string
const { latin1Slice } = Buffer.prototype as unknown as { latin1Slice: Slice }

/** The range of keys that a key condition means. */
function queryRange({ keys }: EngineContext, schema: KeySchema, condition: Item): KeyRange {
  const names = keyNames(schema)
  const where = keyConditionAsWhere(condition, names)
  const unknown = Object.keys(where).find((name) => !names.includes(name))
  if (unknown !== undefined) {
    const reason = `"${unknown}" is not a key attribute; use "filter" for it. The key is [${names.join(', ')}]`
    throw new ValidationException('KEY_CONDITION', `Cannot query: ${reason}`)
  }
  const { partition, sort } = schema
  if (!Object.hasOwn(where, partition.name)) {
    throw new ValidationException('KEY_MISSING', `Query condition missed key schema element: ${partition.name}`)
  }
  const prefix = keys.partitionPrefix(checkKeyValue(partition, 'partition', where[partition.name]))
  const sortCondition = sort !== undefined && Object.hasOwn(where, sort.name) ? where[sort.name] : undefined
  if (sort === undefined || sortCondition === undefined) return { lower: prefix, upper: prefixUpperBound(prefix) }
  return sortKeyRange(prefix, sortCondition, sort)
}

/** A key condition that is one of DynamoDB's expressions, in the form of all others. */
function keyConditionAsWhere(condition: Item, [partition, ...sort]: readonly string[]): Item {
  if (!isExpressionSource(condition)) return condition
  // A key attribute may be called so; and every expression for a key has values.
  const isKey = partition === 'expression' || sort.includes('expression')
  if (isKey && condition.values === undefined) return condition
  const { compiled, values } = bindKeyCondition(condition)
  return keyConditionAsObject(compiled, values, { partition: [partition!], sort })
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
