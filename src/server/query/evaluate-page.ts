/**
 * A page as DynamoDB has it: it ends after so many items were looked at, or after a megabyte was, whatever passed the
 * filter. The engine ends its own pages sooner, so that nobody else waits for long; several of them make one.
 *
 * DynamoDB shows items whose time is over until it has removed them. Here nobody sees them; but what they take of the
 * megabyte they take here, too, so that no request runs through any number of them: its page may be empty, and not the last.
 * And where a local index lacks what is asked for, what is fetched from the table takes its part: a page is as long as that.
 */
import type { Backend, ReadRequest } from '../../backend.js'
import { nextTurn } from '../../base/turn.js'
import type { Item } from '../../model/item/item.js'
import type { PageBudget } from './page-budget.js'

export interface EvaluatedPage {
  readonly items: readonly Item[]
  readonly count: number
  readonly scannedCount: number
  /** Of what was looked at, before filter and projection. */
  readonly byteLength: number
  /** The key of the last item that was looked at, unless nothing is left. */
  readonly lastKey: Item | undefined
}

export interface PageBounds {
  readonly limit: number | undefined
  readonly startKey: Item | undefined
  readonly countOnly: boolean
  /** Whether what is read through an index is fetched from the table. */
  readonly fetches: boolean
  readonly budget: PageBudget
}

export async function evaluatePage(
  backend: Backend,
  request: ReadRequest,
  { limit = Number.POSITIVE_INFINITY, startKey, countOnly, fetches, budget }: PageBounds,
): Promise<EvaluatedPage> {
  const items: Item[] = []
  let count = 0
  let scannedCount = 0
  let byteLength = 0
  let cursor: string | undefined
  for (;;) {
    const page = await backend.read(request, {
      limit: undefined,
      cursor,
      startKey: cursor === undefined ? startKey : undefined,
      countOnly,
      holds: false,
      endsAtLimit: false,
      allowance: { itemCount: limit - scannedCount, byteLength: budget.byteLength, fetches },
    })
    for (const item of page.items) items.push(item)
    count += page.count
    scannedCount += page.scanned
    byteLength += page.measure!.byteLength
    budget.spend(page.measure!.spentByteLength!)
    cursor = page.cursor
    if (page.lastKey !== undefined || cursor === undefined) {
      return { items, count, scannedCount, byteLength, lastKey: page.lastKey }
    }
    await nextTurn()
  }
}
