/** Reads, counted and some of them timed: of the database as it is now, and of a snapshot. */
import type { GetRequest, PageRequest, PageResponse, ReadRequest } from '../backend.js'
import type { Item } from '../model/item/item.js'
import type { ReadableTrees } from '../storage/view.js'
import type { EngineContext } from './context.js'
import { getItem } from './operation/get-item.js'
import { type PageSource, readPage } from './operation/read-page.js'

export function timedGet(context: EngineContext, request: GetRequest, trees?: ReadableTrees): Item | undefined {
  const meter = context.meters.get
  const beganAt = meter.begin()
  const item = getItem(context, request, trees)
  meter.end(beganAt)
  return item
}

export function timedBatchGet(
  context: EngineContext,
  requests: readonly GetRequest[],
  trees?: ReadableTrees,
): (Item | undefined)[] {
  const meter = context.meters.batchGet
  const beganAt = meter.begin()
  const items = requests.map((request) => getItem(context, request, trees))
  meter.end(beganAt)
  return items
}

export function timedPage(
  context: EngineContext,
  request: ReadRequest,
  page: PageRequest,
  source: PageSource,
): PageResponse | Promise<PageResponse> {
  const meter = request.where === undefined ? context.meters.scanPage : context.meters.queryPage
  const beganAt = meter.begin()
  const response = readPage(context, request, page, source)
  if (response instanceof Promise) return meter.endWith(beganAt, response)
  meter.end(beganAt)
  return response
}
