/**
 * Which keys a memtable may have: a bit for each, so that "no" is certain. A write sets one bit, which is all that it can
 * spare; a Bloom filter, which sets several, is for files, which are written once and asked for long.
 *
 * It never grows, as that would hold up everybody else. There are so many bits that a memtable of 64 MB of usual items says
 * "perhaps" of one in twenty keys that it does not have, and one of as many entries as there may be of one in ten. The system
 * gives memory only for those that are written.
 */
import type { HashedKey } from '../../base/key-hash.js'

const WORD_BITS = 5
const BITS = 22
const WORD_COUNT: number = 2 ** (BITS - WORD_BITS)

export class KeyFilter {
  readonly #words = new Int32Array(WORD_COUNT)

  add({ first }: HashedKey): void {
    this.#words[wordOf(first)]! |= 1 << first
  }

  /** Whether a key may be there. */
  mayHave({ first }: HashedKey): boolean {
    return (this.#words[wordOf(first)]! & (1 << first)) !== 0
  }
}

/** The lowest bits of the hash say which bit of the word it is. */
function wordOf(hash: number): number {
  return (hash >>> WORD_BITS) & (WORD_COUNT - 1)
}
