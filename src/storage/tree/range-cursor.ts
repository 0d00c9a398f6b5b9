/** The live entries of a range of keys: tombstones are left out. */
import type { ByteView, EntryCursor } from './cursor.js'

export class RangeCursor implements ByteView {
  readonly #source: EntryCursor
  readonly #tombstoneLimit: number
  #pausedAt: string | undefined

  /**
   * After so many tombstones in a row it ends, and says where: whoever reads on from there has let others have their
   * turn.
   */
  constructor(source: EntryCursor, tombstoneLimit: number = Number.POSITIVE_INFINITY) {
    this.#source = source
    this.#tombstoneLimit = tombstoneLimit
  }

  /** The last key looked at, when it ended because of tombstones alone; undefined at the end of the range. */
  get pausedAt(): string | undefined {
    return this.#pausedAt
  }

  next(): boolean {
    const source = this.#source
    let tombstones = 0
    while (source.next()) {
      if (!source.isTombstone) return true
      tombstones += 1
      if (tombstones === this.#tombstoneLimit) {
        this.#pausedAt = source.key()
        return false
      }
    }
    return false
  }

  key(): string {
    return this.#source.key()
  }

  keyLength(): number {
    return this.#source.keyLength()
  }

  /** Writes the key's bytes. */
  copyKey(target: Uint8Array, start: number): void {
    this.#source.copyKey(target, start)
  }

  /** The value is `bytes` from `start` to `end`, until the next call of any cursor or reader. */
  get bytes(): Uint8Array {
    return this.#source.bytes
  }

  get start(): number {
    return this.#source.start
  }

  get end(): number {
    return this.#source.end
  }

  /** The value, as bytes of the caller's own. */
  value(): Uint8Array {
    return Buffer.from(this.bytes.subarray(this.start, this.end))
  }
}
