/** Gathers the values of a statement while it is read, and gives each the placeholder that stands for it in the trees. */
import type { ValueNode } from '../../model/expression/dynamodb/expression.js'
import type { AttributeValue } from '../value/attribute-value.js'
import type { ValueSource } from './statement.js'

export class OpenValues {
  readonly sources: Map<string, ValueSource> = new Map<string, ValueSource>()
  parameterCount = 0

  literal(value: AttributeValue): ValueNode {
    return this.#add({ kind: 'literal', value })
  }

  /** The next parameter of the request. */
  parameter(): ValueNode {
    const number = this.parameterCount
    this.parameterCount += 1
    return this.#add({ kind: 'parameter', number })
  }

  /** The value behind a placeholder, unless it is a parameter. */
  known({ name }: ValueNode): AttributeValue | undefined {
    const source = this.sources.get(name)
    return source?.kind === 'literal' ? source.value : undefined
  }

  #add(source: ValueSource): ValueNode {
    const name = `:${this.sources.size}`
    this.sources.set(name, source)
    return { kind: 'value', name }
  }
}
