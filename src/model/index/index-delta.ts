/** What changes in an index when an item changes: the entries that go and the entries that come. */
import type { IndexEntry } from './index-entry.js'

export interface IndexDelta {
  readonly removed: readonly IndexEntry[]
  readonly added: readonly IndexEntry[]
}

const NOTHING: IndexDelta = Object.freeze({ removed: [], added: [] })

/** From the entries of the old and of the new item; what is in both stays as it is. */
export function indexDelta(oldEntries: readonly IndexEntry[], newEntries: readonly IndexEntry[]): IndexDelta {
  if (oldEntries.length === 0) return newEntries.length === 0 ? NOTHING : { removed: [], added: newEntries }
  if (newEntries.length === 0) return { removed: oldEntries, added: [] }
  if (oldEntries.length === 1 && newEntries.length === 1) {
    return oldEntries[0]!.key === newEntries[0]!.key ? NOTHING : { removed: oldEntries, added: newEntries }
  }
  const oldKeys = new Set(oldEntries.map(({ key }) => key))
  const newKeys = new Set(newEntries.map(({ key }) => key))
  return {
    removed: oldEntries.filter(({ key }) => !newKeys.has(key)),
    added: newEntries.filter(({ key }) => !oldKeys.has(key)),
  }
}
