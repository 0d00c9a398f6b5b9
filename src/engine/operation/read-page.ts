/**
 * A page of a query or a scan, of a table or of an index. Within a page nothing changes; between pages others may
 * write. A page ends at its limit, or after a megabyte was looked at. One whose items take long to look at, because a filter
 * does or the disk, is gathered in several turns, all of the moment of the first, so that no reader holds the event loop.
 */
import type { BackendSnapshot, PageRequest, PageResponse, ReadOutline, ReadRequest } from '../../backend.js'
import { nextTurn } from '../../base/turn.js'
import { projectedNames } from '../../model/index/index-view.js'
import type { Item } from '../../model/item/item.js'
import { itemSize } from '../../model/item/item-size.js'
import type { ReadableTrees } from '../../storage/view.js'
import { findIndex } from '../catalog/catalog.js'
import { type IndexState, keyNames, type TableState } from '../catalog/table-state.js'
import { isExpiredItem } from '../commit/stored-item.js'
import type { EngineContext } from '../context.js'
import { buildFailure } from '../maintenance/backfill-index.js'
import { decodingCopies } from './covered-item.js'
import { decodeCursor, encodeCursor } from './cursor-token.js'
import { type OpenedRead, planIndexRead, planTableRead, type ReadingPlan } from './reading-plan.js'
import { passes, selected } from './selected-item.js'

/** What a page looks at before it ends, in bytes of items. */
export const PAGE_BYTE_LIMIT: number = 1024 * 1024
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
  /** What an allowance counts. */
  spent: number
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
    spent: 0,
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
  { items, count, scanned, measured, spent, last, lastKey }: Gathered,
  snapshot: BackendSnapshot | undefined,
): PageResponse {
  const cursor = last === undefined ? undefined : encodeCursor(last, scope, cursors)
  const page = { items, cursor, count, scanned, snapshot }
  if (allowance !== undefined) {
    return { ...page, lastKey, measure: { byteLength: measured, spentByteLength: spent, partitions: partitions() } }
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
  let { count, scanned, looked, byteLength, measured, spent } = gathered
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
        spent += end - start + HIDDEN_ITEM_BYTES
      } else {
        scanned += 1
        // Decoded once for everything: its size takes all of it.
        const item = codec.decode(bytes, start, end, run)
        const size = itemSize(shown.project(item))
        measured += size
        spent += size
        if (filter === undefined || filter.matches(item)) {
          count += 1
          if (allowance.fetches) spent += itemSize(item)
          if (!countOnly) items.push(projection.project(item))
        }
      }
      if (scanned >= allowance.itemCount || spent >= allowance.byteLength) {
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
  gathered.spent = spent
  gathered.last = last
  gathered.isCut = isCut
}
