/**
 * A page of a query or a scan, of a table or of an index. Within a page nothing changes; between pages others may
 * write. A page ends at its limit, or after a megabyte was looked at, so that no reader holds the event loop for long.
 */
import type { BackendSnapshot, PageRequest, PageResponse, ReadRequest } from '../../backend.js'
import { CorruptionError, ValidationException } from '../../errors.js'
import { compileFilter } from '../../model/expression/compile-filter.js'
import type { Predicate } from '../../model/expression/predicate.js'
import { compileProjection, type Projection } from '../../model/expression/projection.js'
import { type IndexRange, indexRange } from '../../model/index/index-condition.js'
import { indexFilter, indexProjection } from '../../model/index/index-view.js'
import type { Item } from '../../model/item/item.js'
import type { ItemCodec } from '../../model/item/item-codec.js'
import { prefixUpperBound } from '../../model/key/key-codec.js'
import { type KeyRange, rangeBehind, sortKeyRange } from '../../model/key/key-range.js'
import { checkKeyValue, type KeySchema } from '../../model/key/key-schema.js'
import type { ByteView } from '../../storage/tree/cursor.js'
import type { ReadableTrees } from '../../storage/view.js'
import { findIndex } from '../catalog/catalog.js'
import { type IndexState, keyNames, type TableState } from '../catalog/table-state.js'
import { isExpiredItem } from '../commit/stored-item.js'
import type { EngineContext } from '../context.js'
import { buildFailure } from '../maintenance/backfill-index.js'
import { type CursorScope, decodeCursor, encodeCursor } from './cursor-token.js'
import { itemKeyAt, MergedWalk } from './index-walk.js'

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
  if (request.index === undefined) return readTablePage(context, request, page, source, table)
  const index = findIndex(table, request.index)
  if (index.status === 'ACTIVE') return readIndexPage(context, request, page, source, table, index)
  return whenBuilt(table, index).then(() => readIndexPage(context, request, page, source, table, index))
}

/**
 * Resolves when an index is complete.
 *
 * @throws {IndexBuildFailedError} When it could not be built.
 */
export async function whenBuilt(table: TableState, index: IndexState): Promise<void> {
  if (index.status === 'BUILDING') await index.built
  if (index.status === 'FAILED') throw buildFailure(table, index)
}

function readTablePage(
  context: EngineContext,
  request: ReadRequest,
  page: PageRequest,
  { trees, hold }: PageSource,
  table: TableState,
): PageResponse {
  const { keys } = context
  const range = request.where === undefined ? segmentRange(request) : queryRange(context, table.key, request.where)
  const { table: name, reverse } = request
  const scope = { table: name, index: undefined, range, reverse }
  const filter = compileFilterOf(context, request)
  const projection = compileProjection(request.select)
  const rules = { scope, filter, projection, itemLimit: PAGE_ITEM_LIMIT, hold }
  const after = page.cursor === undefined ? undefined : decodeCursor(page.cursor, scope, keys.hash)
  const cursor = trees.range(table.tree, remaining(range, after, reverse), directionOf(request), PAGE_ITEM_LIMIT)
  return gatherPage(context, table, page, rules, cursor, () => cursor)
}

function readIndexPage(
  context: EngineContext,
  request: ReadRequest,
  page: PageRequest,
  { trees, hold }: PageSource,
  table: TableState,
  index: IndexState,
): PageResponse {
  const { keys } = context
  const names = keyNames(table.key)
  const isQuery = request.where !== undefined
  const filter = indexFilter(index, names, compileFilterOf(context, request), { isQuery })
  const projection = indexProjection(index, names, request.select)
  const found = isQuery ? indexRange(index, keys, request.where) : undefined
  const scope = indexScope(request, found)
  const after = page.cursor === undefined ? undefined : decodeCursor(page.cursor, scope, keys.hash)
  const direction = directionOf(request)
  // Entries are counted without looking at their items, if nothing can hide one.
  const isBlind = page.countOnly && filter === undefined && table.ttl === undefined
  const itemLimit = isBlind ? PAGE_ITEM_LIMIT : INDEX_PAGE_ITEM_LIMIT
  const rules = { scope, filter, projection, itemLimit, hold }
  if (found !== undefined && found.prefixes.length > 1) {
    const walk = new MergedWalk({ trees, index, direction, tombstoneLimit: PAGE_ITEM_LIMIT }, found, after)
    return gatherPage(context, table, page, rules, walk, () =>
      isBlind ? NOTHING_TO_SEE : indexedItem(trees, table, index, walk.itemKey()),
    )
  }
  const bounds = remaining(scope.range, after, request.reverse)
  const cursor = trees.range(index.tree, bounds, direction, PAGE_ITEM_LIMIT)
  if (isBlind) return gatherPage(context, table, page, rules, cursor, () => NOTHING_TO_SEE)
  return gatherPage(context, table, page, rules, cursor, () =>
    indexedItem(trees, table, index, itemKeyAt(index, cursor)),
  )
}

const NOTHING_TO_SEE: ByteView = { bytes: Buffer.alloc(0), start: 0, end: 0 }

/** What a cursor of the read goes with. Of several partitions it goes with all of them, in the terms of their walk. */
function indexScope(
  { table, index, reverse, segment, totalSegments }: ReadRequest,
  found: IndexRange | undefined,
): CursorScope {
  if (found === undefined) return { table, index, range: segmentRange({ segment, totalSegments }), reverse }
  const [first, ...others] = found.prefixes
  if (others.length === 0) return { table, index, range: rangeBehind(first!, found.sort), reverse }
  return { table, index: [index, found.match, ...found.prefixes].join('\0'), range: found.sort, reverse }
}

function compileFilterOf({ clock }: EngineContext, { filter }: ReadRequest): Predicate | undefined {
  return filter === undefined ? undefined : compileFilter(filter, { now: () => clock.now() / 1000 })
}

/** Where a page looks next: a cursor over items, or the entries of an index. */
interface Places {
  next(): boolean
  key(): string
  readonly pausedAt: string | undefined
}

interface PageRules {
  readonly scope: CursorScope
  readonly filter: Predicate | undefined
  readonly projection: Projection
  /** After so many items it ends. */
  readonly itemLimit: number
  readonly hold: (() => BackendSnapshot) | undefined
}

/**
 * Gathers a page.
 *
 * @param itemAt The item at the present place.
 */
function gatherPage(
  { clock, codec, keys }: EngineContext,
  table: TableState,
  { limit: wanted, countOnly, endsAtLimit, holds }: PageRequest,
  { scope, filter, projection, itemLimit, hold }: PageRules,
  places: Places,
  itemAt: () => ByteView,
): PageResponse {
  const limit = checkLimit(wanted)
  const now = clock.now()
  const items: Item[] = []
  let count = 0
  let scanned = 0
  let byteLength = 0
  /** Where the page ended, when there is more behind it. */
  let last: string | undefined
  for (;;) {
    if (!places.next()) {
      // Removed items cost time, too: a page may end among them.
      last = places.pausedAt
      break
    }
    const value = itemAt()
    byteLength += value.end - value.start
    scanned += 1
    if (!isExpiredItem(codec, table, value.bytes, now, value.start, value.end) && passes(codec, filter, value)) {
      count += 1
      if (!countOnly) items.push(selected(codec, projection, value))
    }
    if (count < limit && byteLength < PAGE_BYTE_LIMIT && scanned < itemLimit) continue
    if (count >= limit && endsAtLimit) break
    // There is more behind a full page, or not: only the next step tells.
    const key = places.key()
    if (places.next() || places.pausedAt !== undefined) last = key
    break
  }
  if (last === undefined) return { items, cursor: undefined, count, scanned, snapshot: undefined }
  const snapshot = holds && hold !== undefined ? hold() : undefined
  return { items, cursor: encodeCursor(last, scope, keys.hash), count, scanned, snapshot }
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
  if (attributes.length <= SINGLE_ATTRIBUTE_LIMIT) return decodeAttributes(codec, bytes, start, end, attributes)
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

/** The item that an index entry stands for. Entry and item are committed together, so it is there. */
export function indexedItem(trees: ReadableTrees, table: TableState, index: IndexState, primaryKey: string): ByteView {
  const found = trees.peek(table.tree, primaryKey)
  if (found !== undefined) return found
  throw new CorruptionError(`index ${table.name}.${index.name}`, 0, 'an entry stands for an item that is not there')
}

/** The range of keys that a key condition means. */
function queryRange({ keys }: EngineContext, schema: KeySchema, where: Item): KeyRange {
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
  const prefix = keys.partitionPrefix(checkKeyValue(partition, 'partition', where[partition.name]))
  const condition = sort !== undefined && Object.hasOwn(where, sort.name) ? where[sort.name] : undefined
  if (sort === undefined || condition === undefined) return { lower: prefix, upper: prefixUpperBound(prefix) }
  return sortKeyRange(prefix, condition, sort)
}

/** A part of a whole tree: hashes are spread evenly, so equal parts of their space are about equal parts of it. */
function segmentRange({ segment, totalSegments }: Pick<ReadRequest, 'segment' | 'totalSegments'>): KeyRange {
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
