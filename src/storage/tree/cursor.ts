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
  compareTo(key: ByteView): number
  /** The key's bytes, where they are: an object that the next call of this cursor fills anew. */
  keyView(): ByteView
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

/** Negative, zero or positive as some bytes are below, at or above others. */
export function compareBytes(a: ByteView, b: ByteView): number {
  const [bytes, otherBytes] = [a.bytes, b.bytes]
  const [start, otherStart] = [a.start, b.start]
  const length = a.end - start
  const otherLength = b.end - otherStart
  const shorter = Math.min(length, otherLength)
  for (let i = 0; i < shorter; i++) {
    const difference = bytes[start + i]! - otherBytes[otherStart + i]!
    if (difference !== 0) return difference
  }
  return length - otherLength
}

/** The key of a cursor that has it in several pieces, put together. */
export class CopiedKey implements ByteView {
  bytes: Uint8Array = new Uint8Array(64)
  readonly start = 0
  end = 0

  of(cursor: Pick<EntryCursor, 'keyLength' | 'copyKey'>): this {
    this.end = cursor.keyLength()
    if (this.end > this.bytes.length) this.bytes = new Uint8Array(2 * this.end)
    cursor.copyKey(this.bytes, 0)
    return this
  }
}
