/**
 * The items that the entries of an index stand for, in the order of the entries.
 *
 * Each item lies somewhere else, and waiting for memory is most of what finding it costs. So the entries are read some
 * ahead of whoever asks for the items, and the storage is told of all their keys before it is asked for the first: it can
 * wait for them together. How far ahead it goes depends on how many items are wanted, so that a query of one item reads one
 * entry.
 */
import { HashedKey } from '../../base/key-hash.js'
import { writePrimaryKeyOfEntry } from '../../model/index/index-entry.js'
import type { ByteView } from '../../storage/tree/cursor.js'
import type { RangeCursor } from '../../storage/tree/range-cursor.js'
import type { ReadableTrees } from '../../storage/view.js'
import type { IndexState, TableState } from '../catalog/table-state.js'
import { foundItem } from './index-walk.js'

/** At most so many entries are read ahead. */
const MOST_AHEAD = 32
/** Room for both keys of most entries. */
const ROOM = 256

/** An entry that was read: the key of its item, and in the same bytes behind it the entry's own. */
interface EntryAhead {
  readonly itemKey: HashedKey
  /** Where the entry's key begins and ends. */
  start: number
  end: number
}

/** Made once and used again and again, by one at a time. */
let spare: { readonly ahead: EntryAhead[]; readonly keys: HashedKey[] } | undefined

export class IndexedItems {
  readonly #trees: ReadableTrees
  readonly #table: TableState
  readonly #index: IndexState
  readonly #entries: RangeCursor
  readonly #ahead: EntryAhead[]
  readonly #keys: HashedKey[]
  #count = 0
  #position = -1
  /** How many more items will be asked for, as far as is known. */
  #wanted: number
  #size = 0
  /** Whether there are no more entries, or it has to end early: asked again, the entries would go on. */
  #isOver = false

  /** @param wanted As many items will be asked for, or more if some are of no use. */
  constructor(trees: ReadableTrees, table: TableState, index: IndexState, entries: RangeCursor, wanted: number) {
    this.#trees = trees
    this.#table = table
    this.#index = index
    this.#entries = entries
    this.#wanted = wanted
    const { ahead, keys } = spare ?? { ahead: [], keys: [] }
    spare = undefined
    this.#ahead = ahead
    this.#keys = keys
  }

  /** No more items will be asked for: what they were read into is for somebody else. */
  end(): void {
    spare = { ahead: this.#ahead, keys: this.#keys }
  }

  /** Where to go on when it ended early, as too much lay between entries. */
  get pausedAt(): string | undefined {
    return this.#entries.pausedAt
  }

  /** To the next entry; false at the end. */
  next(): boolean {
    this.#position += 1
    return this.#position < this.#count || this.#readAhead()
  }

  /** The entry's key. */
  key(): string {
    const { itemKey, start, end } = this.#ahead[this.#position]!
    return latin1Slice.call(itemKey.bytes, start, end)
  }

  /** The key of the entry's item. */
  itemKey(): string {
    return this.#ahead[this.#position]!.itemKey.text
  }

  /** The entry's item. Entry and item are committed together, so it is there. */
  item(): ByteView {
    return foundItem(this.#trees, this.#table, this.#index, this.#ahead[this.#position]!.itemKey)
  }

  #readAhead(): boolean {
    this.#size = this.#wanted > 0 ? Math.min(this.#wanted, MOST_AHEAD) : Math.min(this.#size + 1, MOST_AHEAD)
    this.#wanted -= this.#size
    this.#position = 0
    this.#count = 0
    while (this.#count < this.#size && !this.#isOver) {
      if (this.#entries.next()) this.#read(this.#count++)
      else this.#isOver = true
    }
    if (this.#count > 1) this.#trees.warm?.(this.#table.tree, this.#keys, this.#count)
    return this.#count > 0
  }

  #read(place: number): void {
    const { bytes, start, end } = this.#entries
    const valueLength = end - start
    const keyLength = this.#entries.keyLength()
    const entry = this.#entryAt(place)
    entry.start = valueLength + keyLength
    entry.end = entry.start + keyLength
    const room = entry.itemKey.room(entry.end)
    for (let i = 0; i < valueLength; i++) room[i] = bytes[start + i]!
    this.#entries.copyKey(room, entry.start)
    entry.itemKey.hash(writePrimaryKeyOfEntry(this.#index.definition, room, valueLength, keyLength))
  }

  /** The one to be written at a place. */
  #entryAt(place: number): EntryAhead {
    const known = this.#ahead[place]
    if (known !== undefined) return known
    const itemKey = new HashedKey(ROOM)
    const entry = { itemKey, start: 0, end: 0 }
    this.#ahead[place] = entry
    this.#keys[place] = itemKey
    return entry
  }
}

type Slice = (this: Uint8Array, start: number, end: number) => string
const { latin1Slice } = Buffer.prototype as unknown as { latin1Slice: Slice }
