/** How the AWS door refuses what DynamoDB can do and this can't, so that a client is told of it rather than misled. */
import { type AwsError, validationError } from './aws-error.js'

/** @param what A member of a request, or an operation. */
export function unsupported(what: string, reason = 'there is nothing like it here'): AwsError {
  return validationError(`${what} is not supported by Dynafile: ${reason}`)
}
