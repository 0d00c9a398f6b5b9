/**
 * The partition keys there are in an index, each once. All entries of one stand together, so from the first of them it goes
 * on behind the last: the cost is that of the number of keys. With a time to live the items behind the entries are looked
 * at until one is found whose time is not over.
 */

import type { DistinctPage, DistinctRequest } from '../../backend.js'
import type { Item } from '../../model/item/item.js'
import { prefixUpperBound } from '../../model/key/key-codec.js'
import { findIndex } from '../catalog/catalog.js'
import type { IndexState, TableState } from '../catalog/table-state.js'
import { isExpiredItem } from '../commit/stored-item.js'
import type { EngineContext } from '../context.js'
import { partitionAt } from './count-keys.js'
import { decodingCopies, itemsBehind } from './covered-item.js'
import { PAGE_BYTE_LIMIT, type PageSource, whenBuilt } from './read-page.js'

/** Entries looked at in one turn: each may have to be read from the disk. */
const ENTRY_LIMIT = 1000
/** So many entries of a partition are passed one by one, then its end is searched for. */
const STEPS_BEFORE_SEARCH = 8

/** Resolves with some of them; waits for an index that is being built. */
export async function distinctKeys(
  context: EngineContext,
  request: DistinctRequest,
  source: PageSource,
): Promise<DistinctPage> {
  const table = context.catalog.get(request.table)
  const index = findIndex(table, request.index)
  await whenBuilt(table, index)
  return distinctPage(context, request, source, table, index)
}

function distinctPage(
  { clock, codec }: EngineContext,
  { after, limit = Number.POSITIVE_INFINITY, holds }: DistinctRequest,
  { trees, hold }: PageSource,
  table: TableState,
  index: IndexState,
): DistinctPage {
  const now = clock.now()
  const keys: Item[] = []
  const from = (lower: string) => trees.range(index.tree, { lower, upper: undefined }, 'ascending', ENTRY_LIMIT)
  let cursor = from(after ?? '')
  /** What the entries of the last key begin with: they are passed. */
  let passed: string | undefined
  let steps = 0
  /** Of copies that it comes by. */
  let byteLength = 0
  let next: string | undefined
  for (let looked = 0; ; looked++) {
    if (!cursor.next()) {
      const { pausedAt } = cursor
      // The lowest byte string above a key is the key and a zero byte.
      if (pausedAt !== undefined) next = isPassed(pausedAt) ? prefixUpperBound(passed!) : `${pausedAt}\0`
      break
    }
    const key = cursor.key()
    const isFull = keys.length === limit || looked >= ENTRY_LIMIT || byteLength >= PAGE_BYTE_LIMIT
    if (index.definition.isCovering) byteLength += cursor.end - cursor.start
    if (isPassed(key)) {
      steps += 1
      if (steps < STEPS_BEFORE_SEARCH) continue
      const behind = prefixUpperBound(passed!)
      if (behind === undefined) break
      cursor = from(behind)
      steps = 0
      continue
    }
    if (isFull) {
      next = key
      break
    }
    if (isExpiredEntry()) continue
    const partition = partitionAt(index, key)
    keys.push(partition.key)
    passed = partition.id
    steps = 0
  }
  const snapshot = next !== undefined && holds && hold !== undefined ? hold() : undefined
  return { keys, next, snapshot }

  function isPassed(key: string): boolean {
    return passed !== undefined && key.startsWith(passed)
  }

  function isExpiredEntry(): boolean {
    if (table.ttl === undefined) return false
    const { bytes, start, end } = itemsBehind(trees, table, index, cursor)()
    return decodingCopies(table, index, () => isExpiredItem(codec, table, bytes, now, start, end))
  }
}
