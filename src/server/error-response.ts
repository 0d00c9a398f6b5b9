/**
 * What went wrong, as DynamoDB says it: a status, a type with its namespace, and a message under the name that this type
 * has for it. Errors of the package become the AWS exception that means the same. What nobody expected is an
 * InternalServerError that says nothing: its message is for who runs the server, not for who sends requests.
 */
import { DatabaseClosedError } from '../errors.js'
import { AwsError } from './aws-error.js'
import { awsErrorOf } from './native-error.js'
import type { Members } from './performer.js'

export interface ErrorResponse {
  readonly status: number
  readonly members: Members
}

const MODEL = 'com.amazonaws.dynamodb.v20120810#'
const CORAL = 'com.amazon.coral.service#'

/** All others belong to DynamoDB's own model. */
const NAMESPACES = new Map([
  ['ValidationException', 'com.amazon.coral.validate#'],
  ['ThrottlingException', 'com.amazon.coral.availability#'],
  ['SerializationException', CORAL],
  ['UnknownOperationException', CORAL],
  ['MissingAuthenticationTokenException', CORAL],
  ['IncompleteSignatureException', CORAL],
  ['InvalidSignatureException', CORAL],
  ['UnrecognizedClientException', CORAL],
  ['AccessDeniedException', CORAL],
])

/** Those whose message is in `Message`. */
const CAPITAL_MESSAGE = new Set([
  'SerializationException',
  'AccessDeniedException',
  'TransactionCanceledException',
  'TransactionInProgressException',
  'IdempotentParameterMismatchException',
])

const STATUSES = new Map([
  ['InternalServerError', 500],
  ['RequestEntityTooLarge', 413],
])

/**
 * The exception that a failure is for who sent the request. An InternalServerError has the failure itself as its cause, and
 * nothing of it in its message; but that the database is closed is said, however many hands the failure went through.
 */
export function publicError(failure: unknown): AwsError {
  const error = awsErrorOf(failure)
  if (!(error instanceof AwsError)) return internalError(error)
  if (error.name !== 'InternalServerError') return error
  return internalError(error.cause ?? error)
}

function internalError(cause: unknown): AwsError {
  const message = cause instanceof DatabaseClosedError ? cause.message : 'Internal server error'
  return new AwsError('InternalServerError', message, {}, { cause })
}

export function errorResponse(error: AwsError): ErrorResponse {
  const type = (NAMESPACES.get(error.name) ?? MODEL) + error.name
  const messageName = CAPITAL_MESSAGE.has(error.name) ? 'Message' : 'message'
  const message = error.message === '' ? {} : { [messageName]: error.message }
  return { status: STATUSES.get(error.name) ?? 400, members: { __type: type, ...message, ...error.members } }
}
