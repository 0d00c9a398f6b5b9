/**
 * The items of a covering index: copies that stand in its entries. Whoever reads them looks up nothing in the table, and
 * what lies side by side in the index is read side by side. A copy is committed with its item, so the two are always equal.
 */
import { hashKey } from '../../base/key-hash.js'
import { CorruptionError } from '../../errors.js'
import { COPY_OFFSET } from '../../model/index/index-entry.js'
import type { ByteView, FoundValue } from '../../storage/tree/cursor.js'
import type { RangeCursor } from '../../storage/tree/range-cursor.js'
import type { ReadableTrees } from '../../storage/view.js'
import type { IndexState, TableState } from '../catalog/table-state.js'
import { foundItem, itemKeyAt } from './index-walk.js'

/**
 * The copies in the entries that a cursor comes to, one after the other in the same view. They are where the entries are:
 * until the next call of any cursor or reader.
 */
export class CoveredItems {
  readonly #table: TableState
  readonly #index: IndexState
  readonly #entries: RangeCursor
  readonly #view: FoundValue = { bytes: NOTHING, start: 0, end: 0 }

  constructor(table: TableState, index: IndexState, entries: RangeCursor) {
    this.#table = table
    this.#index = index
    this.#entries = entries
  }

  /** @throws {CorruptionError} When the entry has none. */
  item(): ByteView {
    const view = this.#view
    const { bytes, start, end } = this.#entries
    view.bytes = bytes
    view.start = start + COPY_OFFSET
    view.end = end
    if (view.start >= end) throw damaged(this.#table, this.#index, 'an entry has no copy of its item')
    return view
  }
}

/** The items behind the entries that a cursor comes to, for who asks for few of them: copies, or what the table has. */
export function itemsBehind(
  trees: ReadableTrees,
  table: TableState,
  index: IndexState,
  entries: RangeCursor,
): () => ByteView {
  if (!index.definition.isCovering) return () => foundItem(trees, table, index, hashKey(itemKeyAt(index, entries)))
  const items = new CoveredItems(table, index, entries)
  return () => items.item()
}

/** Runs what decodes copies: of bytes that are no item it is told whose they are. */
export function decodingCopies<T>(table: TableState, index: IndexState, decode: () => T): T {
  try {
    return decode()
  } catch (failure) {
    const isItem = failure instanceof CorruptionError && failure.file === 'item'
    throw isItem ? damaged(table, index, 'the copy of an item can not be decoded', failure) : failure
  }
}

function damaged({ name }: TableState, index: IndexState, reason: string, cause?: unknown): CorruptionError {
  return new CorruptionError(`index ${name}.${index.name}`, 0, reason, cause === undefined ? undefined : { cause })
}

const NOTHING: Uint8Array = Buffer.alloc(0)
