/**
 * Items and keys on their way out. What no item can hold is refused here, in the engine's words: `undefined`, a function or a
 * cycle have no form in which they could be sent. What can be sent is sent; whether it can be stored the service says.
 */
import { ValidationException } from '../../../src/errors.js'
import type { Item } from '../../../src/model/item/item.js'
import { decodeItem, encodeItem } from '../../../src/model/item/item-codec.js'
import { isPlainObject } from '../../../src/model/item/plain-object.js'
import { checkKey, type KeySchema } from '../../../src/model/key/key-schema.js'
import type { AttributeMap } from '../../../src/server/value/attribute-value.js'
import { sdkItem } from '../../../src/server/value/sdk-value.js'

/** @throws {ValidationException} `VALUE_…`, `NUMBER_…`, `SET_…`, `ATTRIBUTE_NAME`, `ITEM_TYPE`, `ITEM_TOO_DEEP` */
export function itemInput(item: unknown): AttributeMap {
  // Read once: an attribute that is computed may answer differently the next time.
  const own = isPlainObject(item) ? { ...item } : item
  try {
    return preparedItemInput(own)
  } catch (failure) {
    const isTooBig = failure instanceof ValidationException && failure.code === 'ITEM_TOO_BIG'
    if (isTooBig) return sdkItem(own as Item)
    throw failure
  }
}

/**
 * The same for who has to know now.
 *
 * @throws {ValidationException} As `itemInput` does, and `ITEM_TOO_BIG`.
 */
export function preparedItemInput(item: unknown): AttributeMap {
  return sdkItem(decodeItem(encodeItem(item)))
}

/**
 * @param schema For the words in which a key is refused that can't be sent.
 * @throws {ValidationException} `KEY_…`
 */
export function keyInput(schema: KeySchema, key: unknown): AttributeMap {
  try {
    return itemInput(key)
  } catch (failure) {
    if (failure instanceof ValidationException) checkKey(schema, key)
    throw failure
  }
}
