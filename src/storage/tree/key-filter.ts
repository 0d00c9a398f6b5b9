/**
 * Which keys a memtable may have: a bit for each, so that "no" is certain. A write sets one bit, which is all that it can
 * spare; a Bloom filter, which sets several, is for files, which are written once and asked for long.
 *
 * The first keys are in a small table, as most memtables stay small; those behind them in a large one, which never grows, as
 * that would hold up everybody else. Of keys that it does not have, a memtable of 64 MB of usual items says "perhaps" of
 * one in fifteen, and one of as many entries as there may be of one in nine.
 */
import type { HashedKey } from '../../base/key-hash.js'

const WORD_BITS = 5
const FEW_WORDS: number = 2 ** (16 - WORD_BITS)
const MANY_WORDS: number = 2 ** (22 - WORD_BITS)
/** So many keys are few. */
const FEW = 1024

export class KeyFilter {
  readonly #few = new Int32Array(FEW_WORDS)
  #many: Int32Array | undefined
  #count = 0

  add({ first }: HashedKey): void {
    if (this.#count < FEW) {
      this.#count += 1
      this.#few[wordOf(first, FEW_WORDS)]! |= 1 << first
      return
    }
    this.#many ??= new Int32Array(MANY_WORDS)
    this.#many[wordOf(first, MANY_WORDS)]! |= 1 << first
  }

  /** Whether a key may be there. */
  mayHave({ first }: HashedKey): boolean {
    const many = this.#many
    const bit = 1 << first
    if ((this.#few[wordOf(first, FEW_WORDS)]! & bit) !== 0) return true
    return many !== undefined && (many[wordOf(first, MANY_WORDS)]! & bit) !== 0
  }
}

/** The lowest bits of the hash say which bit of the word it is. */
function wordOf(hash: number, wordCount: number): number {
  return (hash >>> WORD_BITS) & (wordCount - 1)
}
