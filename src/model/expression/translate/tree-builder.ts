/**
 * Builds DynamoDB's syntax trees from what is no text of DynamoDB's: attributes by their real names, values as they are.
 * Conditions that hold always or never have no tree, and disappear in what they are a part of.
 */
import { ValidationException } from '../../../errors.js'
import type { Comparator, ConditionNode, OperandNode, PathNode, PathStep, ValueNode } from '../dynamodb/expression.js'
import type { Meaning } from '../dynamodb/expression-printer.js'

/** A condition, or that it always or never holds. */
export type Translated = ConditionNode | boolean

/** How many operands one `IN` takes. */
const IN_LIMIT = 100

export class TreeBuilder {
  readonly #values: unknown[] = []

  /** What the trees made here stand for. */
  readonly meaning: Meaning = {
    name: ({ text }) => text,
    value: (placeholder) => this.#values[Number(placeholder.slice(1))],
  }

  /** @throws {ValidationException} `EXPRESSION_UNTRANSLATABLE` for a step that may be an index or a name. */
  path(names: readonly string[]): PathNode {
    const steps = names.map((text, index): PathStep => {
      if (index > 0 && /^\d+$/.test(text)) {
        throw untranslatable(
          `"${text}" may be an element of a list or an attribute of a map; DynamoDB has to be told which`,
        )
      }
      return { kind: 'name', text }
    })
    return { kind: 'path', steps }
  }

  value(value: unknown): ValueNode {
    this.#values.push(value)
    return { kind: 'value', name: `:${this.#values.length - 1}` }
  }

  compare(left: OperandNode, operator: Comparator, right: OperandNode): ConditionNode {
    return { kind: 'compare', operator, left, right }
  }

  call(name: string, ...operands: readonly OperandNode[]): ConditionNode & OperandNode {
    return { kind: 'call', name, operands }
  }

  /** Whether the operand is one of some values, however many. */
  oneOf(operand: OperandNode, values: readonly unknown[]): Translated {
    const groups: Translated[] = []
    for (let start = 0; start < values.length; start += IN_LIMIT) {
      const list = values.slice(start, start + IN_LIMIT).map((value) => this.value(value))
      groups.push({ kind: 'in', operand, list })
    }
    return some(groups)
  }
}

export function every(parts: readonly Translated[]): Translated {
  return joined('and', parts, true)
}

export function some(parts: readonly Translated[]): Translated {
  return joined('or', parts, false)
}

export function not(part: Translated): Translated {
  return typeof part === 'boolean' ? !part : { kind: 'not', part }
}

/** The value that changes nothing in such a list is left out; the other one is all that counts. */
function joined(kind: 'and' | 'or', all: readonly Translated[], neutral: boolean): Translated {
  const parts: ConditionNode[] = []
  for (const part of all) {
    if (part === !neutral) return !neutral
    if (typeof part === 'boolean') continue
    if (part.kind === kind) parts.push(...part.parts)
    else parts.push(part)
  }
  const [first] = parts
  if (first === undefined) return neutral
  return parts.length === 1 ? first : { kind, parts }
}

export function untranslatable(reason: string, options?: ErrorOptions): ValidationException {
  return new ValidationException(
    'EXPRESSION_UNTRANSLATABLE',
    `Cannot translate the filter into a DynamoDB expression: ${reason}`,
    options,
  )
}
