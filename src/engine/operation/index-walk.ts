/**
 * Walks the entries of several partitions of an index at once, of which an item has to be in any or in all.
 *
 * Behind the partition key the entries of one item in a multi-value index are the same in every partition: its sort key
 * and its own key. So several partitions are walked side by side in the order of what is behind: what is first in any of
 * them is next, and what stands in all of them is in all. Each item comes once.
 */

import type { HashedKey } from '../../base/key-hash.js'
import { CorruptionError } from '../../errors.js'
import type { IndexRange } from '../../model/index/index-condition.js'
import { endOfParts, primaryKeyOfEntry } from '../../model/index/index-entry.js'
import { HASH_BYTE_LENGTH } from '../../model/key/key-codec.js'
import { type KeyRange, rangeBehind } from '../../model/key/key-range.js'
import type { ByteView, Direction } from '../../storage/tree/cursor.js'
import type { RangeCursor } from '../../storage/tree/range-cursor.js'
import type { ReadableTrees } from '../../storage/view.js'
import type { IndexState, TableState } from '../catalog/table-state.js'

/** So many steps one by one, then the entry is searched for. */
const STEPS_BEFORE_SEARCH = 8
/** After so many searches for an item that is in all partitions it pauses: each of them may read from the disk. */
const SEARCH_LIMIT = 1000

/** The key of the item that the entry at a cursor stands for. */
export function itemKeyAt({ definition }: IndexState, cursor: RangeCursor): string {
  return primaryKeyOfEntry(definition, cursor.key(), latin1Slice.call(cursor.bytes, cursor.start, cursor.end))
}

/** The item that an index entry stands for. Entry and item are committed together, so it is there. */
export function foundItem(trees: ReadableTrees, table: TableState, index: IndexState, itemKey: HashedKey): ByteView {
  const found = trees.peek(table.tree, itemKey, 'one of many')
  if (found !== undefined) return found
  throw new CorruptionError(`index ${table.name}.${index.name}`, 0, 'an entry stands for an item that is not there')
}

export interface WalkSource {
  readonly trees: ReadableTrees
  readonly index: IndexState
  readonly direction: Direction
  /** After so many removed entries in a row it pauses. */
  readonly tombstoneLimit: number
}

/** The items of several partitions, in the order of their sort keys. */
export class MergedWalk {
  readonly #source: WalkSource
  readonly #match: 'any' | 'all'
  readonly #partitions: readonly PartitionWalk[]
  #current: PartitionWalk | undefined
  #pausedAt: string | undefined

  /** @param after Where an earlier walk ended. */
  constructor(source: WalkSource, { prefixes, sort, match }: IndexRange, after: string | undefined) {
    this.#source = source
    this.#match = match
    this.#partitions = prefixes.map((prefix) => new PartitionWalk(source, prefix, sort, after))
  }

  /** Where to go on when it ended early, as too much lay between entries. */
  get pausedAt(): string | undefined {
    return this.#pausedAt
  }

  next(): boolean {
    const last = this.#current?.place
    for (const partition of this.#partitions) {
      if (this.#current === undefined || (partition.state === 'entry' && partition.place === last)) partition.step()
    }
    return this.#match === 'any' ? this.#nextInAny() : this.#nextInAll()
  }

  /** Where to go on behind the entry. */
  key(): string {
    return this.#current!.place
  }

  /** The key of the entry's item. */
  itemKey(): string {
    return this.#current!.itemKey
  }

  #nextInAny(): boolean {
    let first: PartitionWalk | undefined
    for (const partition of this.#partitions) {
      if (partition.state === 'ended') continue
      const isSooner = first === undefined || this.#isBefore(partition.place, first.place)
      const isEntryThere = partition.place === first?.place && partition.state === 'entry'
      if (isSooner || isEntryThere) first = partition
    }
    return this.#stopAt(first)
  }

  #nextInAll(): boolean {
    for (let passed = 0; ; passed++) {
      let [first, last] = [this.#partitions[0]!, this.#partitions[0]!]
      for (const partition of this.#partitions) {
        if (partition.state === 'ended') return this.#stopAt(undefined)
        if (this.#isBefore(partition.place, first.place)) first = partition
        if (this.#isBefore(last.place, partition.place)) last = partition
      }
      const paused = this.#partitions.find(({ state }) => state === 'paused')
      if (paused !== undefined) return this.#stopAt(paused)
      if (first.place === last.place) return this.#stopAt(first)
      // What the first one stands at is not in the last one, so it need not be looked at again.
      if (passed === SEARCH_LIMIT) return this.#pause(first.place)
      first.seek(last.place)
    }
  }

  #stopAt(partition: PartitionWalk | undefined): boolean {
    this.#current = partition
    if (partition === undefined) return false
    return partition.state === 'entry' || this.#pause(partition.place)
  }

  #pause(place: string): false {
    this.#pausedAt = place
    return false
  }

  #isBefore(place: string, other: string): boolean {
    return this.#source.direction === 'ascending' ? place < other : place > other
  }
}

/** One of several partitions. Its place is what stands behind the partition key: sort key and the item's own key. */
class PartitionWalk {
  readonly #source: WalkSource
  readonly #prefix: string
  readonly #sort: KeyRange
  #cursor: RangeCursor
  /** Whether there is an entry at its place, or it paused there, or there is nothing more. */
  state: 'entry' | 'paused' | 'ended' = 'ended'
  place = ''
  itemKey = ''
  readonly #after: string | undefined

  constructor(source: WalkSource, prefix: string, sort: KeyRange, after: string | undefined) {
    this.#source = source
    this.#prefix = prefix
    this.#sort = sort
    this.#after = after
    this.#cursor = this.#open(after)
  }

  /** To the next entry. */
  step(): void {
    do this.#move()
    while (this.state === 'entry' && this.#after !== undefined && !this.#isBefore(this.#after, this.place))
  }

  /** To the first entry that is not before a place. */
  seek(place: string): void {
    for (let steps = 0; this.state === 'entry' && this.#isBefore(this.place, place); steps++) {
      if (steps === STEPS_BEFORE_SEARCH) this.#cursor = this.#open(place)
      this.#move()
    }
  }

  #move(): void {
    const cursor = this.#cursor
    const { index } = this.#source
    if (cursor.next()) {
      const key = cursor.key()
      this.state = 'entry'
      this.itemKey = itemKeyAt(index, cursor)
      const behind = key.slice(this.#prefix.length)
      // The entry of a unique index has no item's key in its own; its place has.
      this.place = index.definition.isUnique ? behind + this.itemKey.slice(HASH_BYTE_LENGTH) : behind
    } else if (cursor.pausedAt !== undefined) {
      this.state = 'paused'
      this.place = cursor.pausedAt.slice(this.#prefix.length)
    } else this.state = 'ended'
  }

  /** The entries from a place on; of a unique index those from its sort key on. */
  #open(place: string | undefined): RangeCursor {
    const { trees, index, direction, tombstoneLimit } = this.#source
    let { lower, upper } = rangeBehind(this.#prefix, this.#sort)
    if (place !== undefined) {
      const { isUnique, sort } = index.definition
      const from = this.#prefix + (isUnique ? place.slice(0, endOfParts(place, 0, sort.length)) : place)
      if (direction === 'ascending') lower = from
      // The lowest byte string above a key is the key and a zero byte.
      else upper = `${from}\0`
    }
    return trees.range(index.tree, { lower, upper }, direction, tombstoneLimit)
  }

  #isBefore(place: string, other: string): boolean {
    return this.#source.direction === 'ascending' ? place < other : place > other
  }
}

type Slice = (this: Uint8Array, start: number, end: number) => string
const { latin1Slice } = Buffer.prototype as unknown as { latin1Slice: Slice }
