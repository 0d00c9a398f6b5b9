/** Walks sorted entries in one direction. Start with `next()`; the entry stays as it is until the next call. */
export interface EntryCursor {
  /** Moves to the next entry; false at the end. */
  next(): boolean
  /** Negative, zero or positive as the entry's key is below, at or above `key`. */
  compareTo(key: string): number
  key(): string
  /** The value, possibly a view into memory that never changes; undefined for a tombstone. */
  value(): Uint8Array | undefined
  lsn(): number
}
