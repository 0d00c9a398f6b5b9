/** What a statement is refused with, when the operation that performs it has refused. */
import { AwsError } from '../aws-error.js'
import { awsErrorOf } from '../native-error.js'
import { withoutExpression } from './bound-statement.js'

/** An `AwsError` about the statement; what is a mistake of ours stays what it is. */
export function statementFailure(failure: unknown): unknown {
  const known = awsErrorOf(failure)
  if (!(known instanceof AwsError) || known.name !== 'ValidationException') return known
  const message = withoutExpression(known.message)
  return message === known.message ? known : new AwsError(known.name, message, known.members, { cause: known })
}

/** As members of a batch and reasons of a transaction name exceptions. */
export function shortCode({ name }: AwsError): string {
  return SHORT_CODES.get(name) ?? name.replace(/Exception$/, '')
}

const SHORT_CODES: ReadonlyMap<string, string> = new Map([
  ['ValidationException', 'ValidationError'],
  ['ThrottlingException', 'ThrottlingError'],
])
