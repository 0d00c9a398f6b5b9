/**
 * A query or a scan, of a table or of an index, checked and compiled: where it looks, what it passes on, and how it is opened
 * once there is something to read from. A page of it is gathered in read-page.ts.
 */
import type { PageRequest, ReadRequest } from '../../backend.js'
import { hashKey } from '../../base/key-hash.js'
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
import { TextRun } from '../../model/item/item-codec.js'
import { prefixUpperBound } from '../../model/key/key-codec.js'
import { type KeyRange, rangeBehind, sortKeyRange } from '../../model/key/key-range.js'
import { checkKeyValue, type KeySchema } from '../../model/key/key-schema.js'
import type { ByteView } from '../../storage/tree/cursor.js'
import type { ReadableTrees } from '../../storage/view.js'
import { type IndexState, keyNames, type TableState } from '../catalog/table-state.js'
import type { EngineContext } from '../context.js'
import { CoveredItems } from './covered-item.js'
import type { CursorScope } from './cursor-token.js'
import { foundItem, itemKeyAt, MergedWalk } from './index-walk.js'
import { IndexedItems } from './indexed-items.js'
import { checkInside, indexKeyAt, indexPlace, tableKeyAt, tablePlace } from './place-key.js'

/** What a page looks at before it ends, in items, as a bound on the time it takes. */
const PAGE_ITEM_LIMIT = 10_000
/** Behind an entry of an index is an item that may have to be read from the disk, unless there is a copy in it. */
const INDEX_PAGE_ITEM_LIMIT = 1000

/** Where a page looks next: a cursor over items, or the entries of an index. */
export interface Places {
  next(): boolean
  key(): string
  readonly pausedAt: string | undefined
}

/** An opened read. */
export interface OpenedRead {
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
export interface ReadingPlan {
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

/** @throws {ValidationException} When it asks for what can't be. */
export function planTableRead(
  context: EngineContext,
  request: ReadRequest,
  page: PageRequest,
  table: TableState,
): ReadingPlan {
  checkSegments(request)
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

/** @throws {ValidationException} When it asks for what can't be, of this index. */
export function planIndexRead(
  context: EngineContext,
  request: ReadRequest,
  page: PageRequest,
  table: TableState,
  index: IndexState,
): ReadingPlan {
  checkSegments(request)
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

/** @throws {ValidationException} When it is none. */
export function compileFilterOf(
  { clock }: Pick<EngineContext, 'clock'>,
  { filter }: Pick<ReadRequest, 'filter'>,
): Predicate | undefined {
  return filter === undefined ? undefined : compileFilter(filter, { now: () => clock.now() / 1000 })
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

function checkSegments({ where, segment, totalSegments }: ReadRequest): void {
  if (where === undefined || (segment === undefined && totalSegments === undefined)) return
  throw new ValidationException('OPTION', 'Cannot query: "segment" and "totalSegments" are for scans; leave them out')
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
