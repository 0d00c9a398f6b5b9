/**
 * A page of a query or a scan, of a table or of an index. Within a page nothing changes; between pages others may
 * write. A page ends at its limit, or after a megabyte was looked at. One whose items take long to look at, because a filter
 * does or the disk, is gathered in several turns, all of the moment of the first, so that no reader holds the event loop.
 */

import type { BackendSnapshot, PageRequest, PageResponse, ReadOutline, ReadRequest } from '../../backend.js'
import { hashKey } from '../../base/key-hash.js'
import { nextTurn } from '../../base/turn.js'
import { ValidationException } from '../../errors.js'
import { compileFilter } from '../../model/expression/compile-filter.js'
import { bindKeyCondition } from '../../model/expression/dynamodb/bound-expression.js'
import { isExpressionSource } from '../../model/expression/dynamodb/expression-source.js'
import { type KeyAttributeNames, keyConditionAsObject } from '../../model/expression/dynamodb/key-condition.js'
import type { Predicate } from '../../model/expression/predicate.js'
import { compileProjection, EVERYTHING, type Projection } from '../../model/expression/projection.js'
import { type IndexRange, indexRange } from '../../model/index/index-condition.js'
import { indexFilter, indexProjection, projectedNames } from '../../model/index/index-view.js'
import type { Item } from '../../model/item/item.js'
import { type ItemCodec, TextRun } from '../../model/item/item-codec.js'
import { itemSize } from '../../model/item/item-size.js'
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
import { CoveredItems, decodingCopies } from './covered-item.js'
import { type CursorScope, decodeCursor, encodeCursor } from './cursor-token.js'
import { foundItem, itemKeyAt, MergedWalk } from './index-walk.js'
import { IndexedItems } from './indexed-items.js'
import { checkInside, indexKeyAt, indexPlace, tableKeyAt, tablePlace } from './place-key.js'

/** What a page looks at before it ends, in bytes of items and in items, as a bound on the time it takes. */
export const PAGE_BYTE_LIMIT: number = 1024 * 1024
const PAGE_ITEM_LIMIT = 10_000
/** Behind an entry of an index is an item that may have to be read from the disk, unless there is a copy in it. */
const INDEX_PAGE_ITEM_LIMIT = 1000

/** What one whose time is over counts besides its bytes: so an allowance ends after some thousands, however small. */
const HIDDEN_ITEM_BYTES = 100

/** After so long others have their turn, … */
const TURN_MS = 10
/** … which is asked after so many items at most, or so many bytes of them, and after each where they take long. */
const ASKED_ITEMS = 16
const ASKED_BYTES = 32 * 1024
const LONG_MS = 0.5

/** A moment that is held, and what was there. */
export interface HeldMoment extends BackendSnapshot {
  readonly trees: ReadableTrees
}

/** What a page is read from. */
export interface PageSource {
  readonly trees: ReadableTrees
  /** Holds what is there now, for the pages that follow; not needed where nothing changes. */
  readonly hold?: () => HeldMoment
}

/** Resolves with the page; waits for an index that is being built. */
export function readPage(
  context: EngineContext,
  request: ReadRequest,
  page: PageRequest,
  source: PageSource,
): PageResponse | Promise<PageResponse> {
  const table = context.catalog.get(request.table)
  if (request.index === undefined) {
    return runPage(context, table, page, planTableRead(context, request, page, table), source)
  }
  const index = findIndex(table, request.index)
  const run = () => runPage(context, table, page, planIndexRead(context, request, page, table, index), source)
  return index.status === 'ACTIVE' ? run() : whenBuilt(table, index).then(run)
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

/** What reads of a table, or of an index of it, have in common. */
export function outlineOf({ catalog }: EngineContext, tableName: string, indexName: string | undefined): ReadOutline {
  const table = catalog.get(tableName)
  const names = keyNames(table.key)
  if (indexName === undefined) return { sortKey: names.slice(1), shown: undefined }
  const index = findIndex(table, indexName)
  return { sortKey: index.definition.sort, shown: projectedNames(index, names) }
}

function planTableRead(
  context: EngineContext,
  request: ReadRequest,
  page: PageRequest,
  table: TableState,
): ReadingPlan {
  const range = request.where === undefined ? segmentRange(request) : queryRange(context, table.key, request.where)
  const { table: name, reverse } = request
  const direction = directionOf(request)
  return {
    limit: checkLimit(page.limit),
    scope: { table: name, index: undefined, tree: table.tree, range, reverse },
    filter: compileFilterOf(context, request),
    projection: compileProjection(request.select),
    itemLimit: PAGE_ITEM_LIMIT,
    covering: undefined,
    shown: EVERYTHING,
    partitions: () => partitionCount(context, table.tree, range),
    placeOf: (startKey) => checkInside(range, tablePlace(context.keys, table, startKey)),
    open(trees, after) {
      const places = trees.range(table.tree, remaining(range, after, reverse), direction, PAGE_ITEM_LIMIT)
      const keyAt = () => tableKeyAt(table, places.key())
      return { places, itemAt: () => places, keyAt, run: new TextRun() }
    },
  }
}

function planIndexRead(
  context: EngineContext,
  request: ReadRequest,
  page: PageRequest,
  table: TableState,
  index: IndexState,
): ReadingPlan {
  const names = keyNames(table.key)
  const where = request.where && keyConditionAsWhere(request.where, () => indexKeyAttributeNames(index))
  const isQuery = where !== undefined
  const filter = indexFilter(index, names, compileFilterOf(context, request), { isQuery })
  const projection = indexProjection(index, names, request.select)
  const found = isQuery ? indexRange(index, context.keys, where) : undefined
  const scope = indexScope(request, index, found)
  const direction = directionOf(request)
  // Entries are counted without looking at their items, if nothing can hide one.
  const isMeasured = page.measures === true || page.allowance !== undefined
  const { isCovering } = index.definition
  // Whoever walks over copies comes by all of their bytes, and has to count those.
  const isBlind = page.countOnly && filter === undefined && table.ttl === undefined && !isMeasured && !isCovering
  const ranges = found?.prefixes.map((prefix) => rangeBehind(prefix, found.sort)) ?? [scope.range]
  const limit = checkLimit(page.limit)
  return {
    limit,
    scope,
    filter,
    projection,
    itemLimit: isBlind || isCovering ? PAGE_ITEM_LIMIT : INDEX_PAGE_ITEM_LIMIT,
    covering: isCovering ? index : undefined,
    shown: compileProjection(projectedNames(index, names)),
    partitions: () => ranges.reduce((sum, range) => sum + partitionCount(context, index.tree, range), 0),
    placeOf(startKey) {
      if (found !== undefined && found.prefixes.length > 1) return undefined
      return checkInside(scope.range, indexPlace(context.keys, table, index, startKey))
    },
    open(trees, after) {
      if (found !== undefined && found.prefixes.length > 1) {
        const walk = new MergedWalk({ trees, index, direction, tombstoneLimit: PAGE_ITEM_LIMIT }, found, after)
        const itemAt = () => (isBlind ? NOTHING_TO_SEE : foundItem(trees, table, index, hashKey(walk.itemKey())))
        return { places: walk, itemAt, keyAt: undefined, run: undefined }
      }
      const places = trees.range(index.tree, remaining(scope.range, after, request.reverse), direction, PAGE_ITEM_LIMIT)
      if (isCovering) {
        const items = new CoveredItems(table, index, places)
        const keyAt = () => indexKeyAt(table, index, places.key(), itemKeyAt(index, places))
        return { places, itemAt: () => items.item(), keyAt, run: new TextRun() }
      }
      if (isBlind) return { places, itemAt: () => NOTHING_TO_SEE, keyAt: undefined, run: undefined }
      const items = new IndexedItems(trees, table, index, places, limit)
      const keyAt = () => indexKeyAt(table, index, items.key(), items.itemKey())
      return { places: items, itemAt: () => items.item(), keyAt, run: undefined, end: () => items.end() }
    },
  }
}

const NOTHING_TO_SEE: ByteView = { bytes: Buffer.alloc(0), start: 0, end: 0 }

/** What is in memory only counts as one. */
function partitionCount({ storage }: EngineContext, tree: number, { lower, upper }: KeyRange): number {
  const { partitions } = storage
  const all = partitions.of(tree).length
  if (all === 0) return 1
  return (upper === undefined ? all - 1 : partitions.indexOf(tree, upper)) - partitions.indexOf(tree, lower) + 1
}

/** What a cursor of the read goes with. Of several partitions it goes with all of them, in the terms of their walk. */
function indexScope(
  { table, index, reverse, segment, totalSegments }: ReadRequest,
  { tree }: IndexState,
  found: IndexRange | undefined,
): CursorScope {
  if (found === undefined) return { table, index, tree, range: segmentRange({ segment, totalSegments }), reverse }
  const [first, ...others] = found.prefixes
  if (others.length === 0) return { table, index, tree, range: rangeBehind(first!, found.sort), reverse }
  return { table, index: [index, found.match, ...found.prefixes].join('\0'), tree, range: found.sort, reverse }
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

/** An opened read. */
interface OpenedRead {
  readonly places: Places
  /** The item at the present place. */
  readonly itemAt: () => ByteView
  /** The key of the place that was looked at last; a walk through several partitions has none. */
  readonly keyAt: (() => Item) | undefined
  /** For items that lie side by side, as copies do, too; those that an index names do not. */
  readonly run: TextRun | undefined
  /** To be called when it is not used any more. */
  readonly end?: () => void
}

/** A read, checked and compiled. */
interface ReadingPlan {
  /** At most this many items. */
  readonly limit: number
  readonly scope: CursorScope
  readonly filter: Predicate | undefined
  readonly projection: Projection
  /** After so many items a page ends. */
  readonly itemLimit: number
  /** The index whose copies of items it reads. */
  readonly covering: IndexState | undefined
  /** What there is of an item where it is read: an index has only what it projects. */
  readonly shown: Projection
  /** How many partitions of the storage it may look into. */
  readonly partitions: () => number
  /** Where a key stands, behind which the page begins; a walk through several partitions does not know. */
  placeOf(startKey: Item): string | undefined
  open(trees: ReadableTrees, after: string | undefined): OpenedRead
}

/** A page as far as it is gathered. */
interface Gathered {
  readonly items: Item[]
  count: number
  scanned: number
  /** With those whose time is over. */
  looked: number
  byteLength: number
  /** Of all items that were looked at, as DynamoDB counts, if somebody asks. */
  measured: number
  /** What an allowance counts for those whose time is over. */
  hidden: number
  /** Where it ended, when there is more behind it. */
  last: string | undefined
  /** The key of the item at which its allowance was used up. */
  lastKey: Item | undefined
  /** Whether there is more of the page. */
  isCut: boolean
}

function runPage(
  context: EngineContext,
  table: TableState,
  page: PageRequest,
  plan: ReadingPlan,
  source: PageSource,
): PageResponse | Promise<PageResponse> {
  const { cursor, startKey } = page
  const place = startKey === undefined ? undefined : plan.placeOf(startKey)
  const after = cursor === undefined ? place : decodeCursor(cursor, plan.scope, context.cursors)
  const gathered: Gathered = {
    items: [],
    count: 0,
    scanned: 0,
    looked: 0,
    byteLength: 0,
    measured: 0,
    hidden: 0,
    last: undefined,
    lastKey: undefined,
    isCut: false,
  }
  gatherAny(context, table, page, plan, plan.open(source.trees, after), gathered)
  if (gathered.isCut) return goOn(context, table, page, plan, source, gathered)
  const { last } = gathered
  const held = last !== undefined && page.holds && source.hold !== undefined ? source.hold() : undefined
  return responseOf(context, page, plan, gathered, held)
}

/** The rest of a page, in as many turns as it takes. */
async function goOn(
  context: EngineContext,
  table: TableState,
  page: PageRequest,
  plan: ReadingPlan,
  source: PageSource,
  gathered: Gathered,
): Promise<PageResponse> {
  const held = source.hold?.()
  const trees = held?.trees ?? source.trees
  const now = context.clock.now()
  // What had not expired then does not expire within the page.
  const still = { ...context, clock: { now: () => now } }
  let isWanted = false
  try {
    while (gathered.isCut) {
      await nextTurn()
      context.storage.checkOpen()
      gatherAny(still, table, page, plan, plan.open(trees, gathered.last), gathered)
    }
    isWanted = gathered.last !== undefined && page.holds
  } finally {
    if (!isWanted) held?.release()
  }
  return responseOf(context, page, plan, gathered, isWanted ? held : undefined)
}

function responseOf(
  { cursors }: EngineContext,
  { measures = false, allowance }: PageRequest,
  { scope, partitions }: ReadingPlan,
  { items, count, scanned, measured, hidden, last, lastKey }: Gathered,
  snapshot: BackendSnapshot | undefined,
): PageResponse {
  const cursor = last === undefined ? undefined : encodeCursor(last, scope, cursors)
  const page = { items, cursor, count, scanned, snapshot }
  if (allowance !== undefined) {
    return { ...page, lastKey, measure: { byteLength: measured, hiddenByteLength: hidden, partitions: partitions() } }
  }
  return measures ? { ...page, measure: { byteLength: measured, partitions: partitions() } } : page
}

/** As `gather`. Of damage in a copy it is told in which index that is. */
function gatherAny(
  context: EngineContext,
  table: TableState,
  page: PageRequest,
  plan: ReadingPlan,
  read: OpenedRead,
  gathered: Gathered,
): void {
  const { covering } = plan
  if (covering === undefined) gather(context, table, page, plan, read, gathered)
  else decodingCopies(table, covering, () => gather(context, table, page, plan, read, gathered))
}

/** Goes on with a page until it ends, or until it is time to let others have their turn. */
function gather(
  { clock, codec, monotonicClock }: EngineContext,
  table: TableState,
  { countOnly, endsAtLimit, measures = false, allowance }: PageRequest,
  { limit, filter, projection, itemLimit, shown }: ReadingPlan,
  { places, itemAt, keyAt, run, end: finish }: OpenedRead,
  gathered: Gathered,
): void {
  const now = table.ttl === undefined ? 0 : clock.now()
  const { items } = gathered
  const isForeign = filter?.isForeign === true
  let { count, scanned, looked, byteLength, measured, hidden } = gathered
  let last: string | undefined
  let isCut = false
  let beganAt: number | undefined
  let askedAt = 0
  // A filter may take long for each of them.
  let stride = filter === undefined ? ASKED_ITEMS : 1
  let askedItems = looked + stride
  let askedBytes = byteLength + ASKED_BYTES
  for (;;) {
    if (!places.next()) {
      // Removed items cost time, too: a page may end among them.
      last = places.pausedAt
      break
    }
    // Asked once for each: behind them is a cursor that looks where its entry lies by now.
    const { bytes, start, end } = itemAt()
    byteLength += end - start
    looked += 1
    if (allowance === undefined) {
      scanned += 1
      if (measures) measured += itemSize(shown.project(codec.decode(bytes, start, end)))
      if (!isExpiredItem(codec, table, bytes, now, start, end) && passes(codec, filter, bytes, start, end, run)) {
        count += 1
        if (!countOnly) {
          // Whoever wrote the filter may have read something else meanwhile, into the memory where the item was.
          const view = isForeign ? itemAt() : undefined
          if (view === undefined) items.push(selected(codec, projection, bytes, start, end, run))
          else items.push(selected(codec, projection, view.bytes, view.start, view.end))
        }
      }
    } else {
      if (isExpiredItem(codec, table, bytes, now, start, end)) {
        hidden += end - start + HIDDEN_ITEM_BYTES
      } else {
        scanned += 1
        // Decoded once for everything: its size takes all of it.
        const item = codec.decode(bytes, start, end, run)
        measured += itemSize(shown.project(item))
        if (filter === undefined || filter.matches(item)) {
          count += 1
          if (!countOnly) items.push(projection.project(item))
        }
      }
      if (scanned >= allowance.itemCount || measured + hidden >= allowance.byteLength) {
        gathered.lastKey = keyAt?.()
        break
      }
    }
    if (count < limit && byteLength < PAGE_BYTE_LIMIT && looked < itemLimit) {
      if (looked < askedItems && byteLength < askedBytes) continue
      const time = monotonicClock.now()
      beganAt ??= time
      stride = time - askedAt > LONG_MS ? 1 : Math.min(ASKED_ITEMS, 2 * stride)
      askedAt = time
      askedItems = looked + stride
      askedBytes = byteLength + ASKED_BYTES
      if (time - beganAt < TURN_MS) continue
      last = places.key()
      isCut = true
      break
    }
    if (count >= limit && endsAtLimit) break
    // There is more behind a full page, or not: only the next step tells.
    const key = places.key()
    if (places.next() || places.pausedAt !== undefined) last = key
    break
  }
  finish?.()
  gathered.count = count
  gathered.scanned = scanned
  gathered.looked = looked
  gathered.byteLength = byteLength
  gathered.measured = measured
  gathered.hidden = hidden
  gathered.last = last
  gathered.isCut = isCut
}

/** Reading this many attributes one by one costs less than decoding the item. */
const SINGLE_ATTRIBUTE_LIMIT = 2

/** Whether a stored item passes a filter: of most items no more is decoded than the filter asks for. */
export function passes(
  codec: ItemCodec,
  filter: Predicate | undefined,
  bytes: Uint8Array,
  start: number,
  end: number,
  run?: TextRun,
): boolean {
  if (filter === undefined) return true
  const { attributes } = filter
  if (attributes === undefined || attributes.length > SINGLE_ATTRIBUTE_LIMIT) {
    return filter.matches(codec.decode(bytes, start, end, run))
  }
  return filter.matches(decodeAttributes(codec, bytes, start, end, attributes))
}

/** A stored item, or what is selected of it. */
export function selected(
  codec: ItemCodec,
  projection: Projection,
  bytes: Uint8Array,
  start: number,
  end: number,
  run?: TextRun,
): Item {
  const { attributes } = projection
  if (attributes === undefined) return codec.decode(bytes, start, end, run)
  if (attributes.length <= SINGLE_ATTRIBUTE_LIMIT) {
    const part = decodeAttributes(codec, bytes, start, end, attributes)
    return projection.isNested ? projection.project(part) : part
  }
  return projection.project(codec.decode(bytes, start, end, run))
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

/** The range of keys that a key condition means. */
function queryRange({ keys }: EngineContext, { partition, sort }: KeySchema, condition: Item): KeyRange {
  const where = keyConditionAsWhere(condition, () => ({
    partition: [partition.name],
    sort: sort === undefined ? [] : [sort.name],
  }))
  for (const name of Object.keys(where)) {
    if (name === partition.name || name === sort?.name) continue
    const names = keyNames({ partition, sort }).join(', ')
    const reason = `"${name}" is not a key attribute; use "filter" for it. The key is [${names}]`
    throw new ValidationException('KEY_CONDITION', `Cannot query: ${reason}`)
  }
  if (!Object.hasOwn(where, partition.name)) {
    throw new ValidationException('KEY_MISSING', `Query condition missed key schema element: ${partition.name}`)
  }
  const prefix = keys.partitionPrefix(checkKeyValue(partition, 'partition', where[partition.name]))
  const sortCondition = sort !== undefined && Object.hasOwn(where, sort.name) ? where[sort.name] : undefined
  if (sort === undefined || sortCondition === undefined) return { lower: prefix, upper: prefixUpperBound(prefix) }
  return sortKeyRange(prefix, sortCondition, sort)
}

function indexKeyAttributeNames({ key: { partition, sort } }: IndexState): KeyAttributeNames {
  return { partition: partition.map(({ name }) => name), sort: sort.map(({ name }) => name) }
}

/** A key condition that is one of DynamoDB's expressions, in the form of all others. */
function keyConditionAsWhere(condition: Item, attributeNames: () => KeyAttributeNames): Item {
  if (!isExpressionSource(condition)) return condition
  const key = attributeNames()
  // A key attribute may be called so; and every expression for a key has values.
  const isKey = key.partition.includes('expression') || key.sort.includes('expression')
  if (isKey && condition.values === undefined) return condition
  const { compiled, values } = bindKeyCondition(condition)
  return keyConditionAsObject(compiled, values, key)
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
