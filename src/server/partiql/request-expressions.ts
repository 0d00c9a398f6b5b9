/** The trees of a statement as the expressions of a request, which share their names and values. */
import type { ActionNode, ConditionNode } from '../../model/expression/dynamodb/expression.js'
import { ExpressionPrinter } from '../../model/expression/dynamodb/expression-printer.js'
import type { RawExpression } from '../../model/expression/dynamodb/expression-source.js'
import type { Members } from '../performer.js'
import type { BoundValues } from './bound-statement.js'

type Kind =
  | 'KeyConditionExpression'
  | 'FilterExpression'
  | 'ConditionExpression'
  | 'UpdateExpression'
  | 'ProjectionExpression'

/** A statement may be longer than an expression, which has to do with a name once. */
const PLAIN_NAME_LIMIT = 5

export class RequestExpressions {
  readonly #printer: ExpressionPrinter
  readonly #expressions: Partial<Record<Kind, string>> = {}
  #last: RawExpression | undefined

  constructor(values: BoundValues) {
    this.#printer = new ExpressionPrinter({
      name: ({ text }) => text,
      value: (placeholder) => values.value(placeholder),
      plainNameLimit: PLAIN_NAME_LIMIT,
    })
  }

  /** Without a condition, the request has no such expression. */
  condition(kind: Exclude<Kind, 'UpdateExpression' | 'ProjectionExpression'>, node: ConditionNode | undefined): this {
    return node === undefined ? this : this.#add(kind, this.#printer.condition(node))
  }

  update(actions: readonly ActionNode[]): this {
    return this.#add('UpdateExpression', this.#printer.update(actions))
  }

  /** @param names Of attributes; all of them if undefined. */
  projection(names: readonly string[] | undefined): this {
    if (names === undefined) return this
    const paths = names.map((text) => ({ kind: 'path', steps: [{ kind: 'word', text }] }) as const)
    return this.#add('ProjectionExpression', this.#printer.projection(paths))
  }

  /** To be put among the members of a request. */
  members(): Members {
    const { names, values } = this.#last ?? {}
    return {
      ...this.#expressions,
      ...(names && { ExpressionAttributeNames: names }),
      ...(values && { ExpressionAttributeValues: values }),
    }
  }

  #add(kind: Kind, raw: RawExpression): this {
    this.#expressions[kind] = raw.expression
    // What was printed last knows the names and values of all that was printed before.
    this.#last = raw
    return this
  }
}
