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
  readonly #tombstoneLimit: number
  #pausedAt: string | undefined

  /**
   * `source` begins at the bound it comes from; this one ends it at the other. After so many tombstones in a row it ends,
   * too, and says where: whoever reads on from there has let others have their turn.
   */
  constructor(
    source: EntryCursor,
    bounds: KeyBounds,
    direction: 'ascending' | 'descending',
    tombstoneLimit: number = Number.POSITIVE_INFINITY,
  ) {
    this.#source = source
    this.#bounds = bounds
    this.#direction = direction
    this.#tombstoneLimit = tombstoneLimit
  }

  /** The last key looked at, when it ended because of tombstones alone; undefined at the end of the range. */
  get pausedAt(): string | undefined {
    return this.#pausedAt
  }

  next(): boolean {
    const { lower, upper } = this.#bounds
    let tombstones = 0
    while (this.#source.next()) {
      if (this.#direction === 'ascending') {
        if (upper !== undefined && this.#source.compareTo(upper) >= 0) return false
      } else if (this.#source.compareTo(lower) < 0) return false
      if (this.#source.value() !== undefined) return true
      tombstones += 1
      if (tombstones === this.#tombstoneLimit) {
        this.#pausedAt = this.#source.key()
        return false
      }
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
