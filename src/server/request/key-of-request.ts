/** The key by which a request names an item: exactly the attributes of the table's key, of its types. */
import type { KnownTable } from '../../backend.js'
import type { Item } from '../../model/item/item.js'
import { keyPartType } from '../../model/key/key-codec.js'
import { checkKeyValue, type KeyAttribute } from '../../model/key/key-schema.js'
import { validationError } from '../aws-error.js'
import { KEY_MISMATCH } from '../wording.js'

/** @throws {AwsError} ValidationException */
export function checkKey({ key: { partition, sort } }: Pick<KnownTable, 'key'>, key: Item): void {
  const isMatch =
    Object.keys(key).length === (sort === undefined ? 1 : 2) &&
    hasType(partition, key) &&
    (sort === undefined || hasType(sort, key))
  if (!isMatch) throw validationError(KEY_MISMATCH)
  checkKeyValue(partition, 'partition', key[partition.name])
  if (sort !== undefined) checkKeyValue(sort, 'sort', key[sort.name])
}

function hasType({ name, type }: KeyAttribute, key: Item): boolean {
  const found = Object.hasOwn(key, name) ? keyPartType(key[name]) : undefined
  return found !== undefined && (type === undefined || type === found)
}
