/**
 * What DynamoDB demands of a whole item before it is stored, besides what any table of ours does: its attributes can be the
 * keys of all indexes, and it is not too large together with what local indexes have of it.
 */
import type { KnownIndex, KnownTable } from '../../backend.js'
import { ValidationException } from '../../errors.js'
import { compileProjection } from '../../model/expression/projection.js'
import { indexKeysOf } from '../../model/index/index-key.js'
import { projectedNames } from '../../model/index/index-view.js'
import { ITEM_BYTE_LIMIT, type Item } from '../../model/item/item.js'
import { itemSize } from '../../model/item/item-size.js'
import { keyPartType } from '../../model/key/key-codec.js'
import { keyOf } from '../../model/key/key-schema.js'
import { attributesOf, tableKey } from '../query/read-key.js'
import { UNSUPPORTED_INDEX_KEY } from '../wording.js'

const NONE: ReadonlySet<string> = new Set()

/**
 * Undefined when there is nothing to look at.
 *
 * @param tooBig What is said of an item that is.
 * @param copied Attributes of which an update could not know of which type they will be.
 */
export function itemRule(
  table: KnownTable,
  tooBig: string,
  copied: ReadonlySet<string> = NONE,
): ((item: Item) => Item) | undefined {
  if (table.indexes.length === 0) return undefined
  return (item) => {
    // What is wrong with it is the table's to say, also where indexes have the same attribute.
    keyOf(table.key, item)
    const names = attributesOf(tableKey(table)).map(({ name }) => name)
    let localSize = 0
    for (const index of table.indexes) {
      if (copied.size > 0) checkCopied(index, item, copied)
      const entries = indexKeysOf(index, item)
      if (!index.definition.isLocal || entries.length === 0) continue
      localSize += itemSize(compileProjection(projectedNames(index, names)).project(item))
    }
    if (localSize > 0 && localSize + itemSize(item) > ITEM_BYTE_LIMIT)
      throw new ValidationException('ITEM_TOO_BIG', tooBig)
    return item
  }
}

function checkCopied({ key }: KnownIndex, item: Item, copied: ReadonlySet<string>): void {
  for (const { name, type } of attributesOf(key)) {
    const value = copied.has(name) && Object.hasOwn(item, name) ? item[name] : undefined
    if (value === undefined) continue
    const found = keyPartType(value)
    const isRight = found !== undefined && (type === undefined || type === found)
    if (!isRight) throw new ValidationException('KEY_TYPE', UNSUPPORTED_INDEX_KEY)
  }
}
