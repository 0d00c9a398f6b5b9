/**
 * What the AWS door says when it refuses, word for word as DynamoDB says it, apart from what is said about expressions
 * (model/expression/dynamodb/wording.ts). All of it is here, so that another profile of wording is one more file.
 */

const INVALID = 'One or more parameter values were invalid:'

// ── Values ────────────────────────────────────────────────────────────────────────────────────────────────────────

export const EMPTY_VALUE: string =
  'Supplied AttributeValue is empty, must contain exactly one of the supported datatypes'
export const SEVERAL_TYPES: string =
  'Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes'
export const FALSE_NULL: string = `${INVALID} Null attribute value types must have the value of true`
export const EMPTY_STRING_SET: string = `${INVALID} An string set  may not be empty`
export const EMPTY_NUMBER_SET: string = `${INVALID} An number set  may not be empty`
export const EMPTY_BINARY_SET: string = `${INVALID} Binary sets should not be empty`
export const DUPLICATE_NUMBERS: string = 'Input collection contains duplicates'
export const EMPTY_NUMBER: string = 'The parameter cannot be converted to a numeric value'
export const EMPTY_NAME: string = 'Empty attribute name'
export const NAME_TOO_LONG: string = `${INVALID} Attribute name is too large, must be less than 65536 bytes`
export const TOO_DEEP: string =
  'Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit'
// Of these two DynamoDB has no sentence: it takes both.
export const UNSAFE_NAME: string = `${INVALID} An attribute can't be called __proto__`
export const NOT_TEXT: string = `${INVALID} A string has half a surrogate pair in it, which is not text`

export function notANumber(text: string): string {
  return `The parameter cannot be converted to a numeric value: ${text}`
}

export function duplicateStrings(texts: readonly string[]): string {
  return `${INVALID} Input collection [${texts.join(', ')}] contains duplicates.`
}

/** @param texts In base64. */
export function duplicateBinaries(texts: readonly string[]): string {
  return `${INVALID} Input collection [${texts.join(', ')}]of type BS contains duplicates.`
}

// ── Items and keys ────────────────────────────────────────────────────────────────────────────────────────────────

export const ITEM_TOO_BIG: string = 'Item size has exceeded the maximum allowed size'
export const KEY_MISMATCH: string = 'The provided key element does not match the schema'
export const CONDITION_FAILED: string = 'The conditional request failed'

// ── Tables ────────────────────────────────────────────────────────────────────────────────────────────────────────

export const TABLE_NOT_FOUND: string = 'Requested resource not found'
export const INDEX_NOT_FOUND: string = 'The table does not have the specified index'

export function indexNotFound(index: string): string {
  return `${INDEX_NOT_FOUND}: ${index}`
}

// ── Members of requests ───────────────────────────────────────────────────────────────────────────────────────────

export const RETURNS_OLD_OR_NONE: string = 'ReturnValues can only be ALL_OLD or NONE'
export const NAMES_WITHOUT_EXPRESSION: string = 'ExpressionAttributeNames can only be specified when using expressions'

export function bothKinds(others: readonly string[], expressions: readonly string[]): string {
  return (
    'Can not use both expression and non-expression parameters in the same request: ' +
    `Non-expression parameters: {${others.join(', ')}} Expression parameters: {${expressions.join(', ')}}`
  )
}

export function valuesWithoutExpression(expressions: readonly string[]): string {
  const verb = expressions.length > 1 ? 'are' : 'is'
  return `ExpressionAttributeValues can only be specified when using expressions: ${expressions.join(' and ')} ${verb} null`
}

export function invalidPlaceholderValue(key: string, reason: string): string {
  return `ExpressionAttributeValues contains invalid value: ${reason} for key ${key}`
}

// ── Queries and scans ─────────────────────────────────────────────────────────────────────────────────────────────

export const CONSISTENT_GLOBAL_READ: string = 'Consistent reads are not supported on global secondary indexes'
export const NO_KEY_CONDITION: string =
  'Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.'
export const START_KEY_INVALID: string = 'The provided starting key is invalid'
export const START_KEY_OUTSIDE: string =
  'The provided starting key is outside query boundaries based on provided conditions'
export const START_KEY_OUT_OF_RANGE: string = 'The provided starting key does not match the range key predicate'
export const CONDITION_TYPE_MISMATCH: string = `${INVALID} Condition parameter type does not match schema type`

export function startKeyInvalid(reason: string): string {
  return `${START_KEY_INVALID}: ${reason}`
}
