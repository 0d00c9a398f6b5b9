/**
 * Which keys are asked for. Chance is seeded: every store gets the same questions. The last fifth of the partitions is
 * kept for deletes, so that updates always find their item.
 */
import { type BenchItem, makeItem, pkOf, skOf } from '../store/store.js'

export const PER_PARTITION = 100
/** Coprime to any number of keys there will be: its multiples go through all of them in no order. */
const STEP = 15_485_863

export type KeyPair = readonly [pk: string, sk: string]

export class Keys {
  readonly partitions: number
  readonly #kept: number
  readonly #random = seeded(7)
  #deleted = 0
  #rehearsed = 0

  constructor(items: number) {
    this.partitions = Math.max(5, Math.floor(items / PER_PARTITION))
    this.#kept = Math.ceil(this.partitions * 0.8)
  }

  get items(): number {
    return this.partitions * PER_PARTITION
  }

  /** How many deletes there can be. */
  get deletable(): number {
    return (this.partitions - this.#kept) * PER_PARTITION
  }

  /** Of each item once, in no order. */
  *everyKey(): Generator<KeyPair> {
    for (let i = 0; i < this.items; i++) {
      const n = (i * STEP) % this.items
      yield [pkOf(Math.floor(n / PER_PARTITION)), skOf(n % PER_PARTITION)]
    }
  }

  anyPk = (): string => pkOf(this.#below(this.partitions))

  anyKey = (): KeyPair => [this.anyPk(), skOf(this.#below(PER_PARTITION))]

  missingKey = (): KeyPair => [this.anyPk(), 'nothing']

  keptPk = (): string => pkOf(this.#below(this.#kept))

  keptKey = (): KeyPair => [this.keptPk(), skOf(this.#below(PER_PARTITION))]

  /** An item that is there, with another total: SQLite does not write, nor sync, a row that is the same. */
  changedItem = (): BenchItem => ({
    ...makeItem(this.#below(this.#kept), this.#below(PER_PARTITION)),
    total: this.anyTotal(),
  })

  movedItem = (): BenchItem => ({ ...this.changedItem(), status: this.anyStatus() })

  anyTotal = (): number => this.#below(1_000_000) / 100

  anyStatus = (of = 1000): string => `status-${this.#below(of)}`

  /** Each only once, so that it is there. */
  nextToDelete = (): KeyPair => {
    if (this.#deleted === this.deletable) throw new Error('More deletes than items that are kept for them')
    const n = (this.#deleted++ * STEP) % this.deletable
    return [pkOf(this.#kept + Math.floor(n / PER_PARTITION)), skOf(n % PER_PARTITION)]
  }

  /** Keys that no item has, a thousand by turns. */
  nextToRehearse = (): KeyPair => {
    const n = this.#rehearsed++ % 1000
    return [pkOf(this.partitions + Math.floor(n / PER_PARTITION)), skOf(n % PER_PARTITION)]
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit)
  }
}

/** All items in the order of their keys, so many at a time. */
export function* batches(items: number, length: number): Generator<BenchItem[]> {
  for (let first = 0; first < items; first += length) {
    yield Array.from({ length: Math.min(length, items - first) }, (_, i) => {
      const n = first + i
      return makeItem(Math.floor(n / PER_PARTITION), n % PER_PARTITION)
    })
  }
}

function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 4294967296
  }
}
