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
export const UNSUPPORTED_INDEX_KEY: string =
  'The update expression attempted to update the secondary index key to unsupported type'
export const CONDITION_FAILED: string = 'The conditional request failed'

/**
 * Of a unique index, which DynamoDB does not have.
 *
 * @param key Which is taken, as an attribute map in JSON.
 * @param holder The key of the item that has it, likewise.
 */
export function keyTaken(table: string, index: string, key: string, holder: string): string {
  return `Cannot store the item in "${table}": its index "${index}" is unique, and the item ${holder} has the key ${key} in it`
}

// ── Batches and transactions ──────────────────────────────────────────────────────────────────────────────────────

export const DUPLICATE_KEYS: string = 'Provided list of item keys contains duplicates'
export const TOO_MANY_KEYS: string = 'Too many items requested for the BatchGetItem call'
export const TOO_MANY_WRITES: string = 'Too many items requested for the BatchWriteItem call'
export const NO_WRITE_OR_SEVERAL: string = SEVERAL_TYPES
export const NO_ACTION: string = 'Invalid Request: TransactWriteRequest should contain Delete or Put or Update request'
export const SEVERAL_ACTIONS: string = 'TransactItems can only contain one of Check, Put, Update or Delete'
export const SEVERAL_OPERATIONS_ON_ONE_ITEM: string =
  'Transaction request cannot include multiple operations on one item'
export const TRANSACTION_TOO_LARGE: string = 'Transaction items size exceeds the maximum allowed'
export const TOKEN_OF_ANOTHER_REQUEST: string =
  'The parameters of the request are not those of the first request with the same client request token'

export function cancelled(codes: readonly string[]): string {
  return `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes.join(', ')}]`
}

// ── Tables ────────────────────────────────────────────────────────────────────────────────────────────────────────

export const TABLE_NOT_FOUND: string = 'Requested resource not found'
export const INDEX_NOT_FOUND: string = 'The table does not have the specified index'

export function indexNotFound(index: string): string {
  return `${INDEX_NOT_FOUND}: ${index}`
}

export function backfillingIndex(index: string): string {
  return `Cannot read from backfilling global secondary index: ${index}`
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
export const START_KEY_OF_ONE_ITEM: string = 'The query can return at most one row and cannot be restarted'
export const CONDITION_TYPE_MISMATCH: string = `${INVALID} Condition parameter type does not match schema type`

export function startKeyInvalid(reason: string): string {
  return `${START_KEY_INVALID}: ${reason}`
}

export const SEGMENT_MISSING: string =
  'The Segment parameter is required but was not present in the request when parameter TotalSegments is present'
export const TOTAL_SEGMENTS_MISSING: string =
  'The TotalSegments parameter is required but was not present in the request when Segment parameter is present'

export function segmentTooLarge(segment: number, totalSegments: number): string {
  return (
    'The Segment parameter is zero-based and must be less than parameter TotalSegments: ' +
    `Segment: ${segment} is not less than TotalSegments: ${totalSegments}`
  )
}

export function startKeyOfOtherSegment(segment: number, totalSegments: number): string {
  return startKeyInvalid(
    'Invalid ExclusiveStartKey. Please use ExclusiveStartKey with correct Segment. ' +
      `TotalSegments: ${totalSegments} Segment: ${segment}`,
  )
}

// ── The older parameters ──────────────────────────────────────────────────────────────────────────────────────────

export const OPERATOR_WITHOUT_CONDITIONS: string = 'ConditionalOperator cannot be used without Filter or Expected'
export const TOO_FEW_CONDITIONS: string =
  'ConditionalOperator can only be used when Filter or Expected has two or more elements'
export const MIXED_ARGUMENTS: string = `${INVALID} AttributeValues inside AttributeValueList must be of same type`
export const LEGACY_BETWEEN_ORDER: string =
  'The BETWEEN condition was provided a range where the lower bound is greater than the upper bound'
export const NOT_INDEXABLE: string = 'Attempted conditional constraint is not an indexable operation'
export const UPDATE_WITHOUT_VALUE: string = `${INVALID} Only DELETE action is allowed when no attribute value is specified`
export const UPDATE_TYPE_MISMATCH: string = 'Type mismatch for attribute to update'

export function wrongArgumentCount(operator: string): string {
  return `${INVALID} Invalid number of argument(s) for the ${operator} ComparisonOperator`
}

export function wrongArgumentType(operator: string, type: string): string {
  return `${INVALID} ComparisonOperator ${operator} is not valid for ${type} AttributeValue type`
}

export function wrongUpdateType(action: string, type: string): string {
  return `${INVALID} ${action} is not supported for the type ${type}`
}

export function duplicateAttribute(name: string): string {
  return `${INVALID} Duplicate value in attribute name: ${name}`
}

export function valueAndList(name: string): string {
  return `${INVALID} Value and AttributeValueList cannot be used together for Attribute: ${name}`
}

export function existsAndOperator(name: string): string {
  return `${INVALID} Exists and ComparisonOperator cannot be used together for Attribute: ${name}`
}

export function operatorWithoutValue(operator: string, name: string): string {
  return `${INVALID} Value or AttributeValueList must be used with ComparisonOperator: ${operator} for Attribute: ${name}`
}

export function listWithoutOperator(name: string): string {
  return `${INVALID} AttributeValueList can only be used with a ComparisonOperator for Attribute: ${name}`
}

/** @param exists As it was given: `true`, or `null` when it was not. */
export function valueMissing(exists: string, name: string): string {
  return `${INVALID} Value must be provided when Exists is ${exists} for Attribute: ${name}`
}

export function valueNotAllowed(name: string): string {
  return `${INVALID} Value cannot be used when Exists is false for Attribute: ${name}`
}

// ── Keys in expressions ───────────────────────────────────────────────────────────────────────────────────────────

/** @param what `Key`, or `IndexKey`. */
export function keyNotScalar(what: 'Key' | 'IndexKey', name: string): string {
  return `Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: ${what}: ${name}`
}

/** @param what `Filter Expression`, or `QueryFilter`. */
export function keyInFilter(what: string, name: string): string {
  return `${what} can only contain non-primary key attributes: Primary key attribute: ${name}`
}

// ── What a read returns ───────────────────────────────────────────────────────────────────────────────────────────

export const PROJECTED_WITHOUT_INDEX: string =
  'ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName'
export const SPECIFIC_WITHOUT_NAMES: string =
  'Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES'

/** @param parameter `AttributesToGet`, or `ProjectionExpression`. */
export function namesNotAllowed(parameter: string, select: string): string {
  const what = select === 'COUNT' ? 'only the Count' : select
  return `Cannot specify the ${parameter} when choosing to get ${what}`
}

export function allAttributesNotProjected(index: string): string {
  return (
    `${INVALID} Select type ALL_ATTRIBUTES is not supported for global secondary index ${index} ` +
    'because its projection type is not ALL'
  )
}
