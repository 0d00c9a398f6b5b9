/**
 * What a write costs in one index: by what changes in the index's view of the item. A view that comes or goes is written
 * once; one that changes in its place costs the larger of both; one that moves to another key is written twice; and one
 * that stays as it is costs nothing.
 */
import type { KnownIndex } from '../../backend.js'
import { compileProjection } from '../../model/expression/projection.js'
import { indexKeysIfValid } from '../../model/index/index-key.js'
import { projectedNames } from '../../model/index/index-view.js'
import { equalValues } from '../../model/item/equality.js'
import type { Item } from '../../model/item/item.js'
import { itemSize } from '../../model/item/item-size.js'
import { encodeKeyPart } from '../../model/key/key-codec.js'
import { writeUnits } from './units.js'

export function indexUnits(
  index: KnownIndex,
  tableKey: readonly string[],
  before: Item | undefined,
  after: Item | undefined,
): number {
  const oldKeys = entryKeys(index, before)
  const newKeys = entryKeys(index, after)
  if (oldKeys.size === 0 && newKeys.size === 0) return 0
  const view = compileProjection(projectedNames(index, tableKey))
  const oldView = before && view.project(before)
  const newView = after && view.project(after)
  const oldSize = oldView === undefined ? 0 : itemSize(oldView)
  const newSize = newView === undefined ? 0 : itemSize(newView)
  const isChanged = !equalValues(oldView, newView)
  let units = 0
  for (const key of oldKeys) if (!newKeys.has(key)) units += writeUnits(oldSize)
  for (const key of newKeys) {
    if (!oldKeys.has(key)) units += writeUnits(newSize)
    else if (isChanged) units += writeUnits(Math.max(oldSize, newSize))
  }
  return units
}

/**
 * The keys that the item has in the index: none, one, or one for each element. An item of before the index may have none
 * that is valid; the write that it costs is done by now, and has to be answered.
 */
function entryKeys(index: KnownIndex, item: Item | undefined): ReadonlySet<string> {
  const keys = item === undefined ? [] : indexKeysIfValid(index, item)
  return new Set(keys.map(({ partition, sort }) => [...partition, ...sort].map(encodeKeyPart).join('')))
}
