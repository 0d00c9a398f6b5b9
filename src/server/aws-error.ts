/** What DynamoDB answers when it refuses: one class for all of its exceptions, told apart by their names. */
import type { Members } from './performer.js'

export class AwsError extends Error {
  /** `ValidationException`, `ResourceNotFoundException`, … */
  override readonly name: string
  /** What is beside the message: `CancellationReasons`, or the `Item` that a condition refused. */
  readonly members: Members

  constructor(name: string, message: string, members: Members = {}, options?: ErrorOptions) {
    super(message, options)
    this.name = name
    this.members = members
  }
}

/** The exception that most refusals are. */
export function validationError(message: string): AwsError {
  return new AwsError('ValidationException', message)
}
