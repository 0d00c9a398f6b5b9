/** One record of a file, on its way into a table: an item, or the reason why it is none. */
import type { Item } from '../../model/item/item.js'

export type ImportRecord = Place &
  ({ readonly kind: 'item'; readonly item: Item } | { readonly kind: 'problem'; readonly reason: string })

/** Where a record was read. */
export interface Place {
  readonly line: number
  /** Where there are several. */
  readonly file?: string
}

/** What `make` returns as a record, or what it throws as a problem. */
export function recordFrom(line: number, make: () => Item): ImportRecord {
  try {
    return { kind: 'item', line, item: make() }
  } catch (failure) {
    return { kind: 'problem', line, reason: (failure as Error).message }
  }
}

/** A file that is broken in a way that leaves nothing to go on with. */
export class BrokenFileError extends Error {
  constructor(line: number, reason: string, options?: ErrorOptions) {
    super(`Cannot read on at line ${line}: ${reason}`, options)
    this.name = 'BrokenFileError'
  }
}

/** An item has at most 400 KB; written as JSON it may take several times as much, but not this. */
export const RECORD_BYTE_LIMIT: number = 16 * 1024 * 1024
