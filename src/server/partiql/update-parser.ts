/** What an UPDATE does: its `SET`s and `REMOVE`s, as the actions of an update expression. */
import type {
  ActionNode,
  OperandNode,
  PathNode,
  SetValueNode,
  ValueNode,
} from '../../model/expression/dynamodb/expression.js'
import { OPERATOR_LIMIT } from '../../model/expression/dynamodb/token-reader.js'
import { tooManyOperators } from '../../model/expression/dynamodb/wording.js'
import { validationError } from '../aws-error.js'
import type { OpenValues } from './open-values.js'
import { type Call, TermParser } from './term-parser.js'
import type { TokenReader } from './token-reader.js'
import { NO_TABLE, setArguments, setOperand, setTarget, unsupportedOperation } from './wording.js'

/** Functions that give a value. */
const VALUE_FUNCTIONS: ReadonlySet<string> = new Set(['list_append', 'if_not_exists'])
/** Functions that change a set where it is, and the sections of update expressions that do the same. */
const SET_FUNCTIONS: ReadonlyMap<string, 'ADD' | 'DELETE'> = new Map([
  ['set_add', 'ADD'],
  ['set_delete', 'DELETE'],
])

export interface Actions {
  readonly actions: readonly ActionNode[]
  readonly setOperands: readonly (readonly [placeholder: string, message: string])[]
}

export class UpdateParser {
  readonly #reader: TokenReader
  readonly #values: OpenValues
  readonly #terms: TermParser
  readonly #actions: ActionNode[] = []
  readonly #setOperands: (readonly [string, string])[] = []

  constructor(reader: TokenReader, values: OpenValues) {
    this.#reader = reader
    this.#values = values
    this.#terms = new TermParser(reader, values)
  }

  /** All that follow one another; there may be none. */
  parse(): Actions {
    const reader = this.#reader
    for (;;) {
      if (reader.takeKeyword('SET')) {
        do this.#add(this.#set())
        while (reader.takeSign(','))
      } else if (reader.takeKeyword('REMOVE')) {
        this.#add({ section: 'REMOVE', path: this.#terms.path(NO_TABLE) })
      } else {
        return { actions: this.#actions, setOperands: this.#setOperands }
      }
    }
  }

  #add(action: ActionNode): void {
    this.#actions.push(action)
    if (this.#actions.length > OPERATOR_LIMIT) {
      throw validationError(tooManyOperators(this.#actions.length).text)
    }
  }

  #set(): ActionNode {
    const path = this.#terms.path(NO_TABLE)
    this.#reader.expectSign('=')
    const section = this.#terms.isCall() ? SET_FUNCTIONS.get(this.#reader.peek().text.toLowerCase()) : undefined
    if (section !== undefined) return this.#setAction(section, path, this.#terms.call(VALUE_FUNCTIONS))
    return { section: 'SET', path, value: this.#value() }
  }

  /** `SET a = set_add(a, <<…>>)` is DynamoDB's `ADD a :v`. */
  #setAction(section: 'ADD' | 'DELETE', path: PathNode, { node, token, operandTokens }: Call): ActionNode {
    const reader = this.#reader
    const name = node.name.toUpperCase()
    const [target, operand] = node.operands
    if (node.operands.length !== 2) reader.refuse(() => setArguments(name, reader.place(token)))
    else if (!isSame(target!, path)) reader.refuse(() => setTarget(name, reader.place(token)))
    if (operand?.kind === 'value') {
      this.#setOperands.push([operand.name, setOperand(name, reader.place(operandTokens[0]!))])
      return { section, path, value: operand }
    }
    reader.refuse(() => setOperand(name, reader.place(operandTokens[0] ?? token)))
    return { section, path, value: this.#nothing() }
  }

  #nothing(): ValueNode {
    return this.#values.literal({ NULL: true })
  }

  /** `a`, `a + 1`, and either in parentheses. */
  #value(): SetValueNode {
    const reader = this.#reader
    let open = 0
    while (reader.takeSign('(')) open += 1
    const left = this.#operand()
    while (open > 0 && reader.takeSign(')')) open -= 1
    const operator = this.#operator()
    if (operator === undefined) {
      for (; open > 0; open--) reader.expectSign(')')
      return left
    }
    const right = this.#operand()
    for (; open > 0; open--) reader.expectSign(')')
    if (this.#operator() !== undefined) throw validationError(unsupportedOperation(operator))
    return { kind: 'arithmetic', operator, left, right }
  }

  #operator(): '+' | '-' | undefined {
    const reader = this.#reader
    if (reader.takeSign('+')) return '+'
    if (reader.takeSign('-')) return '-'
    const { kind, text } = reader.peek()
    if (kind === 'sign' && '*/%'.includes(text)) throw validationError(unsupportedOperation(text))
    return undefined
  }

  #operand(): OperandNode {
    return this.#terms.operand(VALUE_FUNCTIONS)
  }
}

function isSame(one: OperandNode, { steps }: PathNode): boolean {
  if (one.kind !== 'path' || one.steps.length !== steps.length) return false
  return one.steps.every(({ kind, text }, index) => kind === steps[index]!.kind && text === steps[index]!.text)
}
