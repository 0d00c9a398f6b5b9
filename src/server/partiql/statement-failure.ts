/** What a statement is refused with, when the operation that performs it has refused. */
import { AwsError } from '../aws-error.js'
import { awsErrorOf } from '../native-error.js'
import { CONDITION_FAILED } from '../wording.js'

const EXPRESSION = /^Invalid [A-Za-z]+Expression: /

/** A statement has no expressions, so messages name none. */
export function withoutExpression(message: string): string {
  return message.replace(EXPRESSION, '')
}

/** An `AwsError` about the statement; what is a mistake of ours stays what it is. */
export function statementFailure(failure: unknown): unknown {
  const known = awsErrorOf(failure)
  if (!(known instanceof AwsError) || known.name !== 'ValidationException') return known
  const message = withoutExpression(known.message)
  return message === known.message ? known : new AwsError(known.name, message, known.members, { cause: known })
}

/** Whether a condition of the statement did not hold: a unique index refuses in words of its own. */
export function isConditionFailure(code: string, message: string | undefined): boolean {
  return code === 'ConditionalCheckFailed' && message === CONDITION_FAILED
}

/** As members of a batch and reasons of a transaction name exceptions. */
export function shortCode({ name }: AwsError): string {
  return SHORT_CODES.get(name) ?? name.replace(/Exception$/, '')
}

const SHORT_CODES: ReadonlyMap<string, string> = new Map([
  ['ValidationException', 'ValidationError'],
  ['ThrottlingException', 'ThrottlingError'],
])
