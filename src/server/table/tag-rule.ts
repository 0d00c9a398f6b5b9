/** Which tags a table may have. */
import { validationError } from '../aws-error.js'
import type { Tag } from './table-input.js'
import { duplicateTagKey, reservedTagKey, TOO_MANY_TAGS, tagKeyRefused, tagValueRefused } from './table-wording.js'

const TAG_LIMIT = 50
const KEY_LENGTH_LIMIT = 128
const VALUE_LENGTH_LIMIT = 256
const CHARACTERS = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u

/**
 * The tags there are with others added, in the place of those with the same keys.
 *
 * @throws {AwsError} ValidationException
 */
export function withTags(
  known: readonly (readonly [key: string, value: string])[],
  added: readonly Tag[],
): (readonly [key: string, value: string])[] {
  const tags = new Map(known)
  const seen = new Set<string>()
  for (const { Key: key, Value: value } of added) {
    checkKey(key)
    checkValue(value)
    if (seen.has(key)) throw validationError(duplicateTagKey(key))
    seen.add(key)
    tags.set(key, value)
  }
  if (tags.size > TAG_LIMIT) throw validationError(TOO_MANY_TAGS)
  return [...tags]
}

function checkKey(key: string): void {
  const isValid = key.length >= 1 && key.length <= KEY_LENGTH_LIMIT && CHARACTERS.test(key)
  if (!isValid) throw validationError(tagKeyRefused(key))
  if (key.toLowerCase().startsWith('aws:')) throw validationError(reservedTagKey(key))
}

/** A tag without a value is one that some clients send. */
function checkValue(value: string | undefined): void {
  const isValid = value !== undefined && value.length <= VALUE_LENGTH_LIMIT && CHARACTERS.test(value)
  if (!isValid) throw validationError(tagValueRefused(value))
}
