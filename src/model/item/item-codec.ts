/**
 * Items as bytes: the format of architecture/item-format.md. `item-encoder.ts` checks and writes it, `item-decoder.ts`
 * reads it; whoever needs both halves imports them from here. An `ItemCodec` is both, for the items of one database.
 */
import type { AttributeValue, Item } from './item.js'
import { decodeAttribute, decodeItem, type TextRun } from './item-decoder.js'
import { encodeItem } from './item-encoder.js'
import type { ShapeDictionary } from './shape-dictionary.js'

export { decodeAttribute, decodeItem, TextRun } from './item-decoder.js'
export { encodeItem } from './item-encoder.js'

export class ItemCodec {
  readonly #dictionary: ShapeDictionary

  constructor(dictionary: ShapeDictionary) {
    this.#dictionary = dictionary
  }

  /** @throws {ValidationException} When it can't be stored. */
  encode(item: unknown): Uint8Array {
    return encodeItem(item, this.#dictionary)
  }

  /** @throws {CorruptionError} When the bytes from `start` to `end` are no item of this database. */
  decode(bytes: Uint8Array, start = 0, end: number = bytes.length, run?: TextRun): Item {
    return decodeItem(bytes, start, end, this.#dictionary, run)
  }

  /** One attribute; undefined if the item has none of that name. */
  attribute(bytes: Uint8Array, name: string, start = 0, end: number = bytes.length): AttributeValue | undefined {
    return decodeAttribute(bytes, name, start, end, this.#dictionary)
  }
}
