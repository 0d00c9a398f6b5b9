/** What changes in an index when an item changes: the entry that goes and the entry that comes. */

/** Absent is what does not change. */
export interface IndexDelta {
  readonly removed?: string
  readonly added?: string
}

const NOTHING: IndexDelta = Object.freeze({})

/** From the encoded keys of the old and the new item's entry, `undefined` for an item that has none. */
export function indexDelta(oldKey: string | undefined, newKey: string | undefined): IndexDelta {
  if (oldKey === newKey) return NOTHING
  if (oldKey === undefined) return { added: newKey! }
  return newKey === undefined ? { removed: oldKey } : { removed: oldKey, added: newKey }
}
