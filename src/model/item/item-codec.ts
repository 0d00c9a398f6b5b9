/**
 * Items as bytes: the format of architecture/item-format.md. `item-encoder.ts` checks and writes it, `item-decoder.ts`
 * reads it; whoever needs both halves imports them from here. An `ItemCodec` is both, for the items of one database.
 */
import type { BytesInView } from '../../base/bytes.js'
import type { AttributeValue, Item } from './item.js'
import { decodeAttribute, decodeItem, locateAttributes, type TextRun } from './item-decoder.js'
import { type EncodedItem, encodeItem, encodeItemForNow, encodeReplaced, REPLACED_BYTE_LIMIT } from './item-encoder.js'
import type { ShapeDictionary } from './shape-dictionary.js'

export { decodeAttribute, decodeItem, TextRun } from './item-decoder.js'
export { type EncodedItem, encodeItem } from './item-encoder.js'

export class ItemCodec {
  readonly #dictionary: ShapeDictionary

  constructor(dictionary: ShapeDictionary) {
    this.#dictionary = dictionary
  }

  /** @throws {ValidationException} When it can't be stored. */
  encode(item: unknown): Uint8Array {
    return encodeItem(item, this.#dictionary)
  }

  /**
   * The same, there until the next item is encoded.
   *
   * @throws {ValidationException} When it can't be stored.
   */
  encodeForNow(item: unknown): BytesInView {
    return encodeItemForNow(item, this.#dictionary)
  }

  /** @throws {CorruptionError} When the bytes from `start` to `end` are no item of this database. */
  decode(bytes: Uint8Array, start = 0, end: number = bytes.length, run?: TextRun): Item {
    return decodeItem(bytes, start, end, this.#dictionary, run)
  }

  /**
   * The item in some bytes with other values for some of its attributes, as `encodeForNow` would write it or as good; undefined
   * when it has to be decoded for that, as it lacks one of them, or is long.
   *
   * @throws {ValidationException} When a value can't be stored.
   */
  replace(stored: EncodedItem, names: readonly string[], values: readonly unknown[]): BytesInView | undefined {
    if (stored.end - stored.start > REPLACED_BYTE_LIMIT) return undefined
    const places = locateAttributes(stored.bytes, names, stored.start, stored.end, this.#dictionary)
    return places && encodeReplaced(stored, names, values, places, this.#dictionary)
  }

  /** One attribute; undefined if the item has none of that name. */
  attribute(bytes: Uint8Array, name: string, start = 0, end: number = bytes.length): AttributeValue | undefined {
    return decodeAttribute(bytes, name, start, end, this.#dictionary)
  }
}
