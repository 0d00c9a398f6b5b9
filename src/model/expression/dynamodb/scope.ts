/**
 * What an expression refers to, gathered while its tree is compiled: the names behind its placeholders, the values it
 * will need, the attributes it reads, and everything that is wrong with it.
 *
 * DynamoDB checks an expression in rounds: a reserved word anywhere is reported before an undefined value anywhere. So
 * problems are gathered by their round, and the first of the earliest round is the one that is said. Some can be seen
 * only when there are values: they are left behind as checks.
 */
import type { ValidationException } from '../../../errors.js'
import { type DocumentPath, INDEX_LIMIT, PATH_DEPTH_LIMIT } from './document-path.js'
import type { PathNode, PathStep } from './expression.js'
import { type Names, PLACEHOLDER_BYTE_LIMIT } from './placeholder.js'
import { isReservedWord } from './reserved-word.js'
import {
  type ExpressionKind,
  indexOutOfRange,
  type Problem,
  pathTooDeep,
  refusal,
  reservedWord,
  undefinedName,
} from './wording.js'

/** What can be wrong, in the order in which it is looked for. */
export type Round =
  | 'parentheses'
  | 'function'
  | 'misuse'
  | 'reserved'
  | 'section'
  | 'name'
  | 'overlap'
  | 'conflict'
  | 'count'
  | 'same'

const ROUNDS: readonly Round[] = [
  ...(['parentheses', 'function', 'misuse', 'reserved', 'section', 'name'] as const),
  ...(['overlap', 'conflict', 'count', 'same'] as const),
]
/** Updates are looked through for reserved words before their functions are. */
const UPDATE_ROUNDS: readonly Round[] = ['parentheses', 'reserved', ...ROUNDS.filter((round) => round !== 'reserved')]

/** Looks at the values; says what is wrong with them. */
export type Check = (values: readonly unknown[]) => Problem | undefined

/** What has to be known of an expression when its values are put in. */
export interface Requirements {
  readonly kind: ExpressionKind
  /** The placeholders of its values; the first is number 0 for the compiled expression. */
  readonly slots: readonly string[]
  readonly usedNames: ReadonlySet<string>
  /** The top-level attributes that it looks into. */
  readonly nested: ReadonlySet<string>
  /** Whether a placeholder of a value is longer than any may be. */
  readonly hasLongSlot: boolean
  /** What is wrong whatever the values are, but is said only when all of them are there. */
  readonly later: Problem | undefined
  readonly checks: readonly Check[]
}

export class Scope {
  readonly kind: ExpressionKind
  readonly slots: string[] = []
  readonly usedNames: Set<string> = new Set<string>()
  /** The top-level attributes that are read. */
  readonly attributes: Set<string> = new Set<string>()
  /** Those of them that are looked into. */
  readonly nested: Set<string> = new Set<string>()
  readonly #slotNumbers = new Map<string, number>()
  readonly #names: Names | undefined
  readonly #isTemplate: boolean
  readonly #problems = new Map<Round, Problem>()
  readonly #actionChecks: Check[] = []
  readonly #typeChecks: Check[] = []

  constructor(
    kind: ExpressionKind,
    { names, isTemplate }: { readonly names: Names | undefined; readonly isTemplate: boolean },
  ) {
    this.kind = kind
    this.#names = names
    this.#isTemplate = isTemplate
  }

  /** Only the first problem of a round counts. */
  report(round: Round, problem: Problem): void {
    if (!this.#problems.has(round)) this.#problems.set(round, problem)
  }

  /** To be looked at when there are values; those of a round in this order. */
  check(round: 'action' | 'type', check: Check): void {
    if (round === 'action') this.#actionChecks.push(check)
    else this.#typeChecks.push(check)
  }

  /** The number of a value. */
  slot(name: string): number {
    let number = this.#slotNumbers.get(name)
    if (number === undefined) {
      number = this.slots.length
      this.slots.push(name)
      this.#slotNumbers.set(name, number)
    }
    return number
  }

  path({ steps }: PathNode): DocumentPath {
    if (steps.length > PATH_DEPTH_LIMIT) this.report('reserved', pathTooDeep(steps.length))
    const path = steps.map((step) => this.#step(step))
    this.attributes.add(String(path[0]))
    if (path.length > 1) this.nested.add(String(path[0]))
    return path
  }

  #step({ kind, text }: PathStep): string | number {
    switch (kind) {
      case 'index':
        if (text.length > 10 || Number(text) > INDEX_LIMIT) this.report('reserved', indexOutOfRange(text))
        return Number(text)
      case 'word':
        if (!this.#isTemplate && isReservedWord(text)) this.report('reserved', reservedWord(text))
        return text
      case 'name': {
        this.usedNames.add(text)
        const name = this.#names !== undefined && Object.hasOwn(this.#names, text) ? this.#names[text] : undefined
        if (name !== undefined) return name
        // In a template a name that nobody defined stands for itself.
        if (!this.#isTemplate) this.report('name', undefinedName(text))
        return text.slice(1)
      }
    }
  }

  /**
   * What is left to be checked when the values are there.
   *
   * @throws {ValidationException} When it can't be used, whatever they are.
   */
  requirements(): Requirements {
    const { kind, slots, usedNames, nested } = this
    const rounds = kind === 'UpdateExpression' ? UPDATE_ROUNDS : ROUNDS
    const nameRound = rounds.indexOf('name')
    const early = this.#firstOf(rounds.slice(0, nameRound + 1))
    if (early !== undefined) throw this.#refusal(early)
    const later = this.#firstOf(rounds.slice(nameRound + 1))
    const hasLongSlot = slots.some((slot) => slot.length > PLACEHOLDER_BYTE_LIMIT)
    return { kind, slots, usedNames, nested, hasLongSlot, later, checks: [...this.#actionChecks, ...this.#typeChecks] }
  }

  #firstOf(rounds: readonly Round[]): Problem | undefined {
    const round = rounds.find((candidate) => this.#problems.has(candidate))
    return round && this.#problems.get(round)
  }

  #refusal(problem: Problem): ValidationException {
    return refusal(this.kind, problem)
  }
}
