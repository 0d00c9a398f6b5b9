/**
 * Statements: text to what they ask for, in one pass from left to right, in time that grows with the text alone.
 *
 * What a text was read as is kept, for requests that come again; how many, and how long all of them are, is limited.
 */
import { LRUCache } from 'lru-cache'
import type { ConditionNode } from '../../model/expression/dynamodb/expression.js'
import { validationError } from '../aws-error.js'
import { ConditionParser } from './condition-parser.js'
import { OpenValues } from './open-values.js'
import type {
  Column,
  DeleteStatement,
  ExistsStatement,
  InsertStatement,
  OrderTerm,
  Returning,
  SelectStatement,
  Statement,
  UpdateStatement,
} from './statement.js'
import { TermParser } from './term-parser.js'
import { malformed, TokenReader } from './token-reader.js'
import { UpdateParser } from './update-parser.js'
import {
  ALIAS,
  BAD_PATH_STEP,
  deleteReturning,
  EMPTY_PATH_STEP,
  expected,
  INSERT_NEEDS_MAP,
  INSERT_RETURNING,
  INSERT_SEVERAL,
  LEFT_OVER_TOKEN,
  NO_STATEMENT,
  NO_TABLE,
  orderNeedsAttribute,
  PATH_TOO_LONG,
  repeatedColumn,
  repeatedName,
  SEVERAL_TABLES,
  STAR_AND_MORE,
  unexpectedColumn,
  unsupportedClause,
  unsupportedReturning,
} from './wording.js'

const CACHE_ENTRY_LIMIT = 1000
/** How many characters all statements that are kept may have: each takes some 40 bytes. */
const CACHE_CHARACTER_LIMIT = 64 * 1024

const kept = new LRUCache<string, Statement>({
  max: CACHE_ENTRY_LIMIT,
  maxSize: CACHE_CHARACTER_LIMIT,
  sizeCalculation: (_statement, text) => text.length + 1,
})

/** @throws {AwsError} ValidationException */
export function parseStatement(text: string): Statement {
  let statement = kept.get(text)
  if (statement === undefined) {
    statement = new StatementParser(text).parse()
    kept.set(text, statement)
  }
  return statement
}

/** What a table is called; the name of an index may follow. */
type TablePath = readonly [table: string, index?: string]

const JOINS: ReadonlySet<string> = new Set(['JOIN', 'INNER', 'LEFT', 'RIGHT', 'FULL', 'OUTER', 'CROSS', 'NATURAL'])
/** What can stand behind the condition of a SELECT, in PartiQL but not in DynamoDB's. */
const OTHER_CLAUSES: readonly string[] = ['GROUP', 'HAVING', 'LIMIT', 'UNION', 'INTERSECT', 'EXCEPT']

class StatementParser {
  readonly #reader: TokenReader
  readonly #values = new OpenValues()
  readonly #terms: TermParser

  constructor(text: string) {
    this.#reader = new TokenReader(text)
    this.#terms = new TermParser(this.#reader, this.#values)
  }

  parse(): Statement {
    const reader = this.#reader
    const statement = this.#statement()
    reader.takeSign(';')
    if (reader.peek().kind !== 'end') throw malformed(LEFT_OVER_TOKEN)
    reader.checkRefusal()
    return statement
  }

  #statement(): Statement {
    const reader = this.#reader
    if (reader.takeKeyword('SELECT')) return this.#select()
    if (reader.takeKeyword('INSERT')) return this.#insert()
    if (reader.takeKeyword('UPDATE')) return this.#update()
    if (reader.takeKeyword('DELETE')) return this.#delete()
    if (reader.takeKeyword('FROM')) return this.#fromFirst()
    if (reader.isKeyword('EXISTS') && reader.isSign('(', 1)) return this.#exists()
    throw malformed(NO_STATEMENT)
  }

  /** What all statements have; it is asked for when all of one was read. */
  #open() {
    return { values: this.#values.sources, parameterCount: this.#values.parameterCount }
  }

  // ── SELECT ──────────────────────────────────────────────────────────────────────────────────────────────────────

  #select(): SelectStatement {
    const reader = this.#reader
    const columns = this.#columns()
    reader.expectKeyword('FROM')
    if (reader.peek().kind !== 'name') throw reader.unexpectedTerm()
    const [table, index] = this.#tablePath(NO_TABLE)
    this.#checkAlias()
    const { kind, text } = reader.peek()
    const isJoin = kind === 'sign' ? text === ',' : kind === 'keyword' && JOINS.has(text)
    if (isJoin) throw validationError(SEVERAL_TABLES)
    const where = this.#where()
    const order = this.#order()
    const clause = OTHER_CLAUSES.find((word) => reader.isKeyword(word))
    if (clause !== undefined) this.#refuseClause(clause)
    return { kind: 'select', table, index, columns, where, order, ...this.#open() }
  }

  #refuseClause(clause: string): never {
    const reader = this.#reader
    reader.take()
    if (clause === 'GROUP') reader.expectKeyword('BY')
    const name = clause === 'GROUP' ? 'GROUP BY' : clause
    if (reader.peek().kind === 'end') throw reader.unexpectedTerm()
    throw validationError(unsupportedClause(name, reader.place(reader.peek())))
  }

  #columns(): readonly Column[] | undefined {
    const reader = this.#reader
    const columns: Column[] = []
    const names = new Set<string>()
    let hasStar = false
    do {
      if (reader.takeSign('*')) {
        hasStar = true
        continue
      }
      const column = this.#column()
      if (column === undefined) continue
      if (names.has(column.name)) reader.refuse(repeatedColumn(column.name))
      names.add(column.name)
      columns.push(column)
    } while (reader.takeSign(','))
    if (hasStar && columns.length > 0) reader.refuse(STAR_AND_MORE)
    return hasStar ? undefined : columns
  }

  /** A path; undefined for what else may be selected in PartiQL. */
  #column(): Column | undefined {
    const reader = this.#reader
    const token = reader.peek()
    let column: Column | undefined
    if (this.#terms.isCall()) {
      reader.take()
      reader.skipParentheses()
      reader.refuse(() => unexpectedColumn(reader.place(token)))
    } else if (token.kind === 'name') {
      column = columnOf(this.#terms.path().steps)
    } else {
      this.#terms.atom()
      reader.refuse(() => unexpectedColumn(reader.place(token)))
    }
    this.#checkAlias()
    return column
  }

  #order(): readonly OrderTerm[] {
    const reader = this.#reader
    const terms: OrderTerm[] = []
    const names = new Set<string>()
    if (!reader.takeKeyword('ORDER')) return terms
    reader.expectKeyword('BY')
    do {
      const operand = this.#terms.atom()
      if (operand.kind !== 'path') reader.refuse(orderNeedsAttribute('Literal'))
      else if (operand.steps.length > 1) reader.refuse(orderNeedsAttribute('Path'))
      const isDescending = reader.takeKeyword('DESC')
      if (!isDescending) reader.takeKeyword('ASC')
      const name = operand.kind === 'path' ? operand.steps[0]!.text : ''
      // Only the first mention of an attribute orders by it.
      if (!names.has(name)) terms.push({ name, isDescending })
      names.add(name)
    } while (reader.takeSign(','))
    return terms
  }

  #exists(): ExistsStatement {
    const reader = this.#reader
    reader.take()
    reader.expectSign('(')
    reader.expectKeyword('SELECT')
    const { table, index, where } = this.#select()
    reader.expectSign(')')
    return { kind: 'exists', table, index, where, ...this.#open() }
  }

  // ── INSERT ──────────────────────────────────────────────────────────────────────────────────────────────────────

  #insert(): InsertStatement {
    const reader = this.#reader
    reader.expectKeyword('INTO')
    const [table, index] = this.#tablePath(NO_TABLE)
    if (index !== undefined) reader.refuse(SEVERAL_TABLES)
    if (!reader.takeKeyword('VALUE')) throw this.#otherInsert()
    const item = this.#item()
    if (reader.isKeyword('RETURNING')) {
      this.#returning()
      reader.refuse(INSERT_RETURNING)
    }
    return { kind: 'insert', table, index: undefined, item, ...this.#open() }
  }

  /** What else can be inserted in PartiQL, and is not in DynamoDB's. */
  #otherInsert(): Error {
    const reader = this.#reader
    const { kind } = reader.peek()
    if (kind === 'name' || reader.isKeyword('AS')) return malformed(LEFT_OVER_TOKEN)
    if (reader.isSign('(')) {
      reader.take()
      return reader.peek().kind === 'name' ? malformed(LEFT_OVER_TOKEN) : reader.unexpectedTerm()
    }
    if (!this.#terms.literals.isNext()) return reader.unexpectedTerm()
    this.#terms.atom()
    return validationError(INSERT_SEVERAL)
  }

  #item(): InsertStatement['item'] {
    const reader = this.#reader
    const token = reader.peek()
    if (!reader.takeSign('{')) {
      const value = this.#terms.atom()
      if (token.kind === 'parameter' && value.kind === 'value') return value.name
      reader.refuse(INSERT_NEEDS_MAP)
      return []
    }
    const attributes = new Map<string, string>()
    if (reader.takeSign('}')) return []
    do {
      const name = reader.take()
      if (name.kind !== 'string') throw malformed(expected('a name in single quotes'))
      reader.expectSign(':')
      if (attributes.has(name.text)) reader.refuse(repeatedName(name.text, 'root'))
      attributes.set(name.text, this.#attribute())
    } while (reader.takeSign(','))
    reader.expectSign('}')
    return [...attributes]
  }

  /** The placeholder of a value. */
  #attribute(): string {
    const { literals } = this.#terms
    if (this.#reader.peek().kind !== 'parameter') return this.#values.literal(literals.value()).name
    this.#reader.take()
    return this.#values.parameter().name
  }

  // ── UPDATE and DELETE ───────────────────────────────────────────────────────────────────────────────────────────

  #update(): UpdateStatement {
    const [table, index] = this.#tablePath(NO_TABLE)
    this.#checkAlias()
    const { actions, setOperands } = this.#actions()
    const where = this.#where()
    const returning = this.#returning()
    return { kind: 'update', table, index, actions, setOperands, where, returning, ...this.#open() }
  }

  /** PartiQL's other form of an update: `FROM … WHERE … SET …`. */
  #fromFirst(): UpdateStatement {
    const [table, index] = this.#tablePath(NO_TABLE)
    this.#checkAlias()
    const where = this.#where()
    const { actions, setOperands } = this.#actions()
    const returning = this.#returning()
    return { kind: 'update', table, index, actions, setOperands, where, returning, ...this.#open() }
  }

  #actions() {
    const found = new UpdateParser(this.#reader, this.#values).parse()
    if (found.actions.length === 0) throw malformed(NO_STATEMENT)
    return found
  }

  #delete(): DeleteStatement {
    const reader = this.#reader
    reader.expectKeyword('FROM')
    const [table, index] = this.#tablePath(NO_TABLE)
    this.#checkAlias()
    const where = this.#where()
    const returning = this.#returning()
    if (returning !== undefined && (returning.extent !== 'ALL' || returning.image !== 'OLD')) {
      reader.refuse(deleteReturning(`RETURNING ${returning.extent} ${returning.image} *`))
    }
    return { kind: 'delete', table, index, where, returning, ...this.#open() }
  }

  #returning(): Returning | undefined {
    const reader = this.#reader
    if (!reader.takeKeyword('RETURNING')) return undefined
    let first: Returning | undefined
    do {
      const extent = reader.takeWord('ALL') ? 'ALL' : reader.takeWord('MODIFIED') ? 'MODIFIED' : undefined
      if (extent === undefined) throw malformed(expected('ALL or MODIFIED'))
      const image = reader.takeWord('OLD') ? 'OLD' : reader.takeWord('NEW') ? 'NEW' : undefined
      if (image === undefined) throw malformed(expected('OLD or NEW'))
      const isStar = reader.takeSign('*')
      if (!isStar) this.#terms.path()
      if (!isStar || first !== undefined) reader.refuse(unsupportedReturning(`RETURNING ${extent} ${image}`))
      first ??= { extent, image }
    } while (reader.takeSign(','))
    return first
  }

  // ── Parts of all of them ────────────────────────────────────────────────────────────────────────────────────────

  #where(): ConditionNode | undefined {
    if (!this.#reader.takeKeyword('WHERE')) return undefined
    return new ConditionParser(this.#reader, this.#values).parse()
  }

  #tablePath(detail: string): TablePath {
    const reader = this.#reader
    const steps: string[] = []
    do {
      const { kind, text } = reader.peek()
      if (kind !== 'name') throw malformed(steps.length === 0 ? detail : BAD_PATH_STEP)
      reader.take()
      if (text === '') reader.refuse(EMPTY_PATH_STEP)
      steps.push(text)
    } while (reader.takeSign('.'))
    if (steps.length > 2) reader.refuse(PATH_TOO_LONG)
    return steps as [string, string?]
  }

  #checkAlias(): void {
    const reader = this.#reader
    const isNamed = reader.takeKeyword('AS')
    if (reader.peek().kind !== 'name') {
      if (isNamed) throw malformed(expected('a name'))
      return
    }
    reader.take()
    reader.refuse(ALIAS)
  }
}

/** What is selected is called after the last name in its path, with the indexes behind that: `m.tags[1]` is `tags[1]`. */
function columnOf(steps: readonly { readonly kind: string; readonly text: string }[]): Column {
  const path = steps.map(({ kind, text }) => (kind === 'index' ? Number(text) : text))
  const last = path.findLastIndex((step) => typeof step === 'string')
  const indexes = path.slice(last + 1).map((index) => `[${index}]`)
  return { path, name: `${path[last]}${indexes.join('')}` }
}
