/**
 * Syntax trees as text again, in DynamoDB's raw form: attributes whose names can't stand in an expression, and all values,
 * get placeholders.
 */
import type { ActionNode, ConditionNode, OperandNode, PathNode, PathStep, SetValueNode } from './expression.js'
import { SECTIONS } from './expression.js'
import type { RawExpression } from './expression-source.js'
import { isReservedWord } from './reserved-word.js'

/** What the placeholders of a tree stand for. */
export interface Meaning {
  readonly name: (step: PathStep) => string
  readonly value: (placeholder: string) => unknown
  /** Longer names get placeholders, which keep a text short that names one often. @default Infinity */
  readonly plainNameLimit?: number
}

/** How strongly conditions bind; a weaker one inside of a stronger one needs parentheses. */
const STRENGTHS: Readonly<Record<ConditionNode['kind'], number>> = {
  ...{ or: 1, and: 2, not: 3 },
  ...{ compare: 4, between: 4, in: 4, call: 4 },
}

const PLAIN_WORD = /^[A-Za-z][A-Za-z0-9_]*$/

export class ExpressionPrinter {
  readonly #meaning: Meaning
  readonly #names = new Map<string, string>()
  readonly #values: Record<string, unknown> = {}
  #valueCount = 0

  constructor(meaning: Meaning) {
    this.#meaning = meaning
  }

  condition(node: ConditionNode): RawExpression {
    return this.#raw(this.#condition(node, 0))
  }

  update(actions: readonly ActionNode[]): RawExpression {
    const sections = SECTIONS.map((section) => {
      const own = actions.filter((action) => action.section === section)
      return own.length === 0 ? [] : [`${section} ${own.map((action) => this.#action(action)).join(', ')}`]
    })
    return this.#raw(sections.flat().join(' '))
  }

  projection(paths: readonly PathNode[]): RawExpression {
    return this.#raw(paths.map((path) => this.#path(path)).join(', '))
  }

  #raw(expression: string): RawExpression {
    const names = Object.fromEntries([...this.#names].map(([name, placeholder]) => [placeholder, name]))
    return {
      expression,
      ...(this.#names.size === 0 ? {} : { names }),
      ...(this.#valueCount === 0 ? {} : { values: this.#values }),
    }
  }

  /** It calls itself no deeper than the tree is, which is as deep as expressions may be. */
  #condition(node: ConditionNode, outer: number): string {
    const strength = STRENGTHS[node.kind]
    const text = this.#bareCondition(node, strength)
    return strength < outer ? `(${text})` : text
  }

  #bareCondition(node: ConditionNode, strength: number): string {
    switch (node.kind) {
      case 'and':
      case 'or':
        return node.parts.map((part) => this.#condition(part, strength)).join(` ${node.kind.toUpperCase()} `)
      case 'not':
        return `NOT ${this.#condition(node.part, strength)}`
      case 'compare':
        return `${this.#operand(node.left)} ${node.operator} ${this.#operand(node.right)}`
      case 'between':
        return `${this.#operand(node.operand)} BETWEEN ${this.#operand(node.low)} AND ${this.#operand(node.high)}`
      case 'in':
        return `${this.#operand(node.operand)} IN (${this.#operands(node.list)})`
      case 'call':
        return this.#operand(node)
    }
  }

  #action(action: ActionNode): string {
    const path = this.#path(action.path)
    switch (action.section) {
      case 'SET':
        return `${path} = ${this.#setValue(action.value)}`
      case 'REMOVE':
        return path
      default:
        return `${path} ${this.#operand(action.value)}`
    }
  }

  #setValue(node: SetValueNode): string {
    if (node.kind !== 'arithmetic') return this.#operand(node)
    return `${this.#operand(node.left)} ${node.operator} ${this.#operand(node.right)}`
  }

  #operand(node: OperandNode): string {
    switch (node.kind) {
      case 'path':
        return this.#path(node)
      case 'value':
        return this.#value(this.#meaning.value(node.name))
      case 'call':
        return `${node.name}(${this.#operands(node.operands)})`
    }
  }

  #operands(nodes: readonly OperandNode[]): string {
    return nodes.map((node) => this.#operand(node)).join(', ')
  }

  #path({ steps }: PathNode): string {
    const written = steps.map((step) => (step.kind === 'index' ? `[${step.text}]` : `.${this.#name(step)}`))
    return written.join('').slice(1)
  }

  #name(step: PathStep): string {
    const name = this.#meaning.name(step)
    const { plainNameLimit = Number.POSITIVE_INFINITY } = this.#meaning
    if (name.length <= plainNameLimit && PLAIN_WORD.test(name) && !isReservedWord(name)) return name
    const placeholder = this.#names.get(name) ?? `#n${this.#names.size}`
    this.#names.set(name, placeholder)
    return placeholder
  }

  #value(value: unknown): string {
    const placeholder = `:v${this.#valueCount++}`
    this.#values[placeholder] = value
    return placeholder
  }
}
