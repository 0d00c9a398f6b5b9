/**
 * What the service refuses, as the errors of this package. DynamoDB tells its exceptions apart by their names; which of our
 * codes a `ValidationException` has only its sentence tells.
 */
import {
  type CancellationCode,
  type CancellationReason,
  ConditionalCheckFailedException,
  DatabaseClosedError,
  ResourceNotFoundException,
  TransactionCanceledException,
  UniqueIndexException,
  type ValidationCode,
  ValidationException,
} from '../../../src/errors.js'
import type { AttributeMap } from '../../../src/server/value/attribute-value.js'
import { nativeItem } from '../../../src/server/value/native-value.js'
import { base64AsBinary, ServiceError } from './dynamodb-client.js'

/** The first that matches. */
const CODES: readonly (readonly [sentence: RegExp, code: ValidationCode])[] = [
  [/Type mismatch for (?:key|Index Key)|Condition parameter type does not match schema type/, 'KEY_TYPE'],
  [/secondary index key to unsupported type/, 'KEY_TYPE'],
  [/The provided key element does not match the schema/, 'KEY_TYPE'],
  [/Missing the key .* in the item|Query condition missed key schema element/, 'KEY_MISSING'],
  [/cannot contain an empty (?:string|binary) value/, 'KEY_EMPTY'],
  [/Size of hashkey|Aggregated size of all range keys/, 'KEY_TOO_LONG'],
  [/This attribute is part of the key/, 'KEY_NOT_UPDATABLE'],
  [/Item size (?:to update )?has exceeded/, 'ITEM_TOO_BIG'],
  [/Nesting Levels have exceeded/, 'ITEM_TOO_DEEP'],
  [/Number (?:over|under)flow/, 'NUMBER_RANGE'],
  [/more than 38 significant digits/, 'NUMBER_DIGITS'],
  [/document path provided in the update expression|refers to an attribute that does not exist/, 'UPDATE_PATH'],
  [/operand in the update expression has an incorrect data type/, 'UPDATE_TYPE'],
  [/does not project/, 'INDEX_PROJECTION'],
  [/does not have the specified index/, 'INDEX_UNKNOWN'],
  [/has an entry for each, \d+ at most/, 'INDEX_ELEMENTS'],
  [/starting key/, 'CURSOR'],
  [/multiple operations on one item|Transaction items size|'transactItems' failed to satisfy/, 'TRANSACTION'],
  [/Key ?Condition|Conditions can be of length|must have equality conditions|No key attribute/i, 'KEY_CONDITION'],
]

export interface FailureContext {
  readonly table: string | undefined
  readonly knownTables: () => readonly string[]
}

export function failureOf(failure: unknown, { table = '', knownTables }: FailureContext): unknown {
  if (!(failure instanceof ServiceError)) return isGone(failure) ? new DatabaseClosedError() : failure
  const { name, message, members } = failure
  switch (name) {
    case 'ValidationException':
      return validationFailure(message, failure)
    case 'ConditionalCheckFailedException':
      return uniqueFailure(message) ?? new ConditionalCheckFailedException(itemOf(members['Item']))
    case 'ResourceNotFoundException':
      return new ResourceNotFoundException(table, knownTables())
    case 'ResourceInUseException':
      return new ValidationException('TABLE_DEFINITION', message, { cause: failure })
    case 'RequestEntityTooLarge':
      return new ValidationException('ITEM_TOO_BIG', message, { cause: failure })
    case 'IdempotentParameterMismatchException':
      return new ValidationException('TRANSACTION', message, { cause: failure })
    case 'TransactionCanceledException':
      return new TransactionCanceledException(
        (members['CancellationReasons'] as readonly ServiceReason[]).map(reasonOf),
      )
    default:
      return failure
  }
}

function validationFailure(message: string, cause: Error): ValidationException {
  const code = CODES.find(([sentence]) => sentence.test(message))?.[1] ?? 'OPTION'
  return new ValidationException(code, message, { cause })
}

/** DynamoDB has no unique indexes; a service that has them tells of it in its words. */
function uniqueFailure(message: string): UniqueIndexException | undefined {
  const [, table, index, holder, key] =
    /^Cannot store the item in "(.+?)": its index "(.+?)" is unique, and the item (\{.+\}) has the key (\{.+\}) in it$/.exec(
      message,
    ) ?? []
  if (table === undefined) return undefined
  const itemIn = (text: string) => nativeItem(JSON.parse(text, base64AsBinary) as AttributeMap)
  return new UniqueIndexException(table, index!, itemIn(key!), itemIn(holder!))
}

/** Nobody listens any more. */
function isGone(failure: unknown): boolean {
  const { code } = ((failure as Error | undefined)?.cause ?? {}) as { readonly code?: unknown }
  return failure instanceof TypeError && code === 'ECONNREFUSED'
}

interface ServiceReason {
  readonly Code: string
  readonly Message?: string
  readonly Item?: AttributeMap
}

function reasonOf({ Code, Message, Item }: ServiceReason): CancellationReason {
  const item = itemOf(Item)
  const cause = causeOf(Code, Message ?? '')
  return {
    code: Code as CancellationCode,
    ...(Message !== undefined && { message: Message }),
    ...(item !== undefined && { item }),
    ...(cause !== undefined && { cause }),
  }
}

/** What the same action would have met alone. */
function causeOf(code: string, message: string): Error | undefined {
  if (code === 'DuplicateItem') return uniqueFailure(message)
  return code === 'ValidationError' ? validationFailure(message, new Error(message)) : undefined
}

function itemOf(map: unknown): Record<string, unknown> | undefined {
  return map === undefined ? undefined : nativeItem(map as AttributeMap)
}
