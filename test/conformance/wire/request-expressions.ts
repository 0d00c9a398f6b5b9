/**
 * The expressions of one request. Each was made alone, with placeholders of its own, and in a request all of them share two
 * maps: a placeholder that another one has taken for something else gets another name.
 */
import type { RawExpression } from '../../../src/model/expression/dynamodb/expression-source.js'
import { sdkValue } from '../../../src/server/value/sdk-value.js'
import type { Members } from './dynamodb-client.js'

/** Nothing else in an expression has these signs: values never stand in its text. */
const PLACEHOLDER = /[#:][A-Za-z0-9_]+/g

export class RequestExpressions {
  readonly #names = new Map<string, unknown>()
  readonly #values = new Map<string, unknown>()

  /** The text as it goes into this request. */
  add({ expression, names = {}, values = {} }: RawExpression): string {
    const own = new Map<string, string>()
    for (const [name, meaning] of Object.entries(names)) own.set(name, take(this.#names, name, meaning))
    for (const [name, value] of Object.entries(values)) own.set(name, take(this.#values, name, sdkValue(value)))
    return expression.replace(PLACEHOLDER, (placeholder) => own.get(placeholder) ?? placeholder)
  }

  get members(): Members {
    return {
      ...(this.#names.size > 0 && { ExpressionAttributeNames: Object.fromEntries(this.#names) }),
      ...(this.#values.size > 0 && { ExpressionAttributeValues: Object.fromEntries(this.#values) }),
    }
  }
}

function take(taken: Map<string, unknown>, wanted: string, meaning: unknown): string {
  let name = wanted
  for (let n = 1; taken.has(name) && taken.get(name) !== meaning; n++) name = `${wanted}_${n}`
  taken.set(name, meaning)
  return name
}
