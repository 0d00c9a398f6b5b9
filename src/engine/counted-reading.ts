/** Reads, counted and some of them timed: of the database as it is now, and of a snapshot. */
import type { GetRequest, PageRequest, PageResponse, ReadRequest } from '../backend.js'
import type { Item } from '../model/item/item.js'
import type { ReadableTrees } from '../storage/view.js'
import type { EngineContext } from './context.js'
import { getItem } from './operation/get-item.js'
import { type PageSource, readPage } from './operation/read-page.js'
import type { OperationMeter } from './operation-meter.js'

// Closures only for those that are timed: the others are as quick as without counting.

export function countedGet(context: EngineContext, request: GetRequest, trees?: ReadableTrees): Item | undefined {
  return context.meters.get.countsTimed() ? timedGet(context, request, trees) : getItem(context, request, trees)
}

function timedGet(context: EngineContext, request: GetRequest, trees?: ReadableTrees): Item | undefined {
  return context.meters.get.time(() => getItem(context, request, trees))
}

export function countedBatchGet(
  context: EngineContext,
  requests: readonly GetRequest[],
  trees?: ReadableTrees,
): (Item | undefined)[] {
  const { batchGet } = context.meters
  batchGet.countsTimed()
  return batchGet.time(() => requests.map((request) => getItem(context, request, trees)))
}

export function countedPage(
  context: EngineContext,
  request: ReadRequest,
  page: PageRequest,
  source: PageSource,
): PageResponse | Promise<PageResponse> {
  const { queryPage, scanPage } = context.meters
  const meter = request.where === undefined ? scanPage : queryPage
  return meter.countsTimed()
    ? timedPage(meter, context, request, page, source)
    : readPage(context, request, page, source)
}

function timedPage(
  meter: OperationMeter,
  context: EngineContext,
  request: ReadRequest,
  page: PageRequest,
  source: PageSource,
): PageResponse | Promise<PageResponse> {
  return meter.time(() => readPage(context, request, page, source))
}
