/** Counts a whole table in parts, so that an interruption is noticed in between. */
import { setImmediate } from 'node:timers/promises'
import type { Item } from '../model/item/item.js'
import type { Results } from '../results.js'
import type { Filter, ScanOptions } from '../types.js'

const PARTS = 64

export async function countItems(
  source: { scan(options: ScanOptions<Item>): Results<Item> },
  signal: AbortSignal,
  filter?: Filter<Item>,
): Promise<number> {
  let count = 0
  for (let segment = 0; segment < PARTS; segment++) {
    count += await source.scan({ segment, totalSegments: PARTS, ...(filter === undefined ? {} : { filter }) }).count()
    await setImmediate()
    signal.throwIfAborted()
  }
  return count
}
