/** What a read decodes of a stored item: of most no more than somebody asks for. */
import type { Predicate } from '../../model/expression/predicate.js'
import type { Projection } from '../../model/expression/projection.js'
import type { Item } from '../../model/item/item.js'
import type { ItemCodec, TextRun } from '../../model/item/item-codec.js'

/** Reading this many attributes one by one costs less than decoding the item. */
const SINGLE_ATTRIBUTE_LIMIT = 2

/** Whether a stored item passes a filter: of most items no more is decoded than the filter asks for. */
export function passes(
  codec: ItemCodec,
  filter: Predicate | undefined,
  bytes: Uint8Array,
  start: number,
  end: number,
  run?: TextRun,
): boolean {
  if (filter === undefined) return true
  const { attributes } = filter
  if (attributes === undefined || attributes.length > SINGLE_ATTRIBUTE_LIMIT) {
    return filter.matches(codec.decode(bytes, start, end, run))
  }
  return filter.matches(decodeAttributes(codec, bytes, start, end, attributes))
}

/** A stored item, or what is selected of it. */
export function selected(
  codec: ItemCodec,
  projection: Projection,
  bytes: Uint8Array,
  start: number,
  end: number,
  run?: TextRun,
): Item {
  const { attributes } = projection
  if (attributes === undefined) return codec.decode(bytes, start, end, run)
  if (attributes.length <= SINGLE_ATTRIBUTE_LIMIT) {
    const part = decodeAttributes(codec, bytes, start, end, attributes)
    return projection.isNested ? projection.project(part) : part
  }
  return projection.project(codec.decode(bytes, start, end, run))
}

function decodeAttributes(
  codec: ItemCodec,
  bytes: Uint8Array,
  start: number,
  end: number,
  names: readonly string[],
): Item {
  const part: Item = {}
  for (const name of names) {
    const value = codec.attribute(bytes, name, start, end)
    // No item has an attribute of that other name, and it would change the prototype of this one.
    if (value !== undefined && name !== '__proto__') part[name] = value
  }
  return part
}
