/** What the engine throws, as what DynamoDB answers. Whatever is neither is a mistake of ours, and stays what it is. */
import {
  ConditionalCheckFailedException,
  DynafileError,
  ResourceNotFoundException,
  UniqueIndexException,
  ValidationException,
} from '../errors.js'
import type { Item } from '../model/item/item.js'
import { AwsError, validationError } from './aws-error.js'
import { sdkItem } from './value/sdk-value.js'
import { CONDITION_FAILED, ITEM_TOO_BIG, KEY_MISMATCH, keyTaken, TABLE_NOT_FOUND, TOO_DEEP } from './wording.js'

export function awsErrorOf(failure: unknown): unknown {
  if (!(failure instanceof DynafileError)) return failure
  if (failure instanceof ValidationException) return validationError(messageOf(failure))
  if (failure instanceof ConditionalCheckFailedException) {
    const { item } = failure
    const members = item === undefined ? {} : { Item: sdkItem(item) }
    return new AwsError('ConditionalCheckFailedException', CONDITION_FAILED, members)
  }
  if (failure instanceof ResourceNotFoundException) return new AwsError('ResourceNotFoundException', TABLE_NOT_FOUND)
  // DynamoDB has no unique indexes; to a client, the write was refused for what is there.
  if (failure instanceof UniqueIndexException) {
    return new AwsError('ConditionalCheckFailedException', uniqueMessageOf(failure), {}, { cause: failure })
  }
  return new AwsError('InternalServerError', failure.message, {}, { cause: failure })
}

/** The engine's own words point at members of its error, which no client of DynamoDB sees. */
export function uniqueMessageOf({ table, index, key, holder }: UniqueIndexException): string {
  return keyTaken(table, index, attributeText(key), attributeText(holder))
}

function attributeText(item: Item): string {
  return JSON.stringify(sdkItem(item), binaryAsBase64)
}

/** Of a `Buffer`, the value that is passed is already what it makes of itself; what it was is in the holder. */
function binaryAsBase64(this: Readonly<Record<string, unknown>>, name: string, value: unknown): unknown {
  const original = this[name]
  return original instanceof Uint8Array ? Buffer.from(original).toString('base64') : value
}

/** The engine's own words say which attribute is meant, where DynamoDB's do not. */
export function messageOf(failure: ValidationException): string {
  switch (failure.code) {
    case 'ITEM_TOO_BIG':
      return failure.message.startsWith('Cannot') ? ITEM_TOO_BIG : failure.message
    case 'ITEM_TOO_DEEP':
      return TOO_DEEP
    case 'KEY_UNKNOWN_ATTRIBUTE':
      return KEY_MISMATCH
    default:
      return failure.message
  }
}
