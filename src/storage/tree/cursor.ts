/** Walks sorted entries in one direction. */

/** Bytes that stand somewhere in memory. */
export interface ByteView {
  readonly bytes: Uint8Array
  readonly start: number
  readonly end: number
}

/** Where a value was found, filled anew by each call: an object for each would cost as much as a part of the search. */
export interface FoundValue extends ByteView {
  bytes: Uint8Array
  start: number
  end: number
}

export type Finding = 'found' | 'removed' | 'absent'

/**
 * Start with `next()`. The entry stays as it is until the next call of any cursor or reader: what `bytes` are is used
 * again then. `bytes` is asked for first: when another reader took the memory, the entry is read again, elsewhere, and
 * `start` and `end` are where it is then. Of a tombstone, the view is empty.
 */
export interface EntryCursor extends ByteView {
  /** Moves to the next entry; false at the end. */
  next(): boolean
  /** Negative, zero or positive as the entry's key is below, at or above `key`. */
  compareTo(key: string): number
  key(): string
  /** How many bytes the key has. */
  keyLength(): number
  /** Writes the key's bytes: cheaper than its text, if that is not needed. */
  copyKey(target: Uint8Array, start: number): void
  readonly isTombstone: boolean
  lsn(): number
}

export type Direction = 'ascending' | 'descending'

/** `lower` is in the range, `upper` is not; an undefined `upper` means up to the last key. */
export interface KeyBounds {
  readonly lower: string
  readonly upper: string | undefined
}

export const ALL_KEYS: KeyBounds = { lower: '', upper: undefined }
