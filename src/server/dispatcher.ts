/** Where all ways in meet: a request is looked at, checked, and handed to who performs it. */
import type { Members, Performer } from './performer.js'
import { checkInput } from './shape/check-input.js'
import { type Operation, operationsByName, operationsByTarget } from './shape/operations.js'
import { type InputForm, readInput } from './shape/read-input.js'
import { classicWording, type Wording } from './shape/wording.js'

export class Dispatcher {
  readonly #performer: Performer
  readonly #wording: Wording

  constructor(performer: Performer, wording: Wording = classicWording) {
    this.#performer = performer
    this.#wording = wording
  }

  /** @param target As in `X-Amz-Target`: with the name of its service. */
  operationAt(target: string): Operation | undefined {
    return operationsByTarget.get(target)
  }

  operationCalled(name: string): Operation | undefined {
    return operationsByName.get(name)
  }

  /**
   * What the operation is given of a request: known members of the right types, within their constraints.
   *
   * @throws {AwsError} `SerializationException`, `ValidationException`.
   */
  accept(operation: Operation, request: unknown, form: InputForm = 'json'): Members {
    const input = readInput(operation.input, request, this.#wording, form)
    checkInput(operation.input, input, this.#wording)
    return input
  }

  perform(operation: Operation, input: Members): Promise<Members> {
    return this.#performer.perform(operation.name, input)
  }
}
