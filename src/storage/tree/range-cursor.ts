/** The live entries of a half-open range of keys: bounds applied, tombstones left out. */
import type { EntryCursor } from './cursor.js'

/** `lower` is in the range, `upper` is not; an undefined `upper` means up to the last key. */
export interface KeyBounds {
  readonly lower: string
  readonly upper: string | undefined
}

export class RangeCursor {
  readonly #source: EntryCursor
  readonly #bounds: KeyBounds
  readonly #direction: 'ascending' | 'descending'

  /** `source` begins at the bound it comes from; this one ends it at the other. */
  constructor(source: EntryCursor, bounds: KeyBounds, direction: 'ascending' | 'descending') {
    this.#source = source
    this.#bounds = bounds
    this.#direction = direction
  }

  next(): boolean {
    const { lower, upper } = this.#bounds
    while (this.#source.next()) {
      if (this.#direction === 'ascending') {
        if (upper !== undefined && this.#source.compareTo(upper) >= 0) return false
      } else if (this.#source.compareTo(lower) < 0) return false
      if (this.#source.value() !== undefined) return true
    }
    return false
  }

  key(): string {
    return this.#source.key()
  }

  /** A view into memory that never changes. */
  value(): Uint8Array {
    return this.#source.value()!
  }
}
