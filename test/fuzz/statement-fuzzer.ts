/**
 * PartiQL statements without end: those of the grammar mean what a reference says that never saw their text; those that are
 * none are refused, by an exception of DynamoDB's and nothing else.
 */
import { ValidationException } from '../../src/index.js'
import { bindUpdate } from '../../src/model/expression/dynamodb/bound-expression.js'
import { parseCondition } from '../../src/model/expression/dynamodb/condition-parser.js'
import { AwsError } from '../../src/server/aws-error.js'
import {
  type BoundStatement,
  bindStatement,
  checkParameters,
  conditionTest,
  insertedItem,
} from '../../src/server/partiql/bound-statement.js'
import { findKey } from '../../src/server/partiql/item-key.js'
import { planReads } from '../../src/server/partiql/read-plan.js'
import { RequestExpressions } from '../../src/server/partiql/request-expressions.js'
import type { Statement } from '../../src/server/partiql/statement.js'
import { parseStatement } from '../../src/server/partiql/statement-parser.js'
import type { AttributeMap, AttributeValue } from '../../src/server/value/attribute-value.js'
import { nativeItem, nativeValue } from '../../src/server/value/native-value.js'
import type { SeededRandom } from '../support/random.js'
import { randomActions, randomCondition, randomDocument } from '../support/random-expressions.js'
import {
  mutatedStatement,
  randomStatementSoup,
  StatementWriter,
  type WrittenStatement,
} from '../support/random-statements.js'
import type { AnyItem } from '../support/reference-database.js'
import { type ActionSpec, holds, ReferenceRefusal, updated, worthOf } from '../support/reference-expression.js'
import {
  type Canary,
  fuzzLanguage,
  type Language,
  type LanguageFuzzOptions,
  type LanguageReport,
} from './language-fuzzer.js'

/** @throws When something is not as it should be; the message says how to repeat it. */
export function fuzzStatements(options: LanguageFuzzOptions): LanguageReport<'selects' | 'updates' | 'inserts'> {
  return fuzzLanguage(STATEMENTS, options)
}

const STATEMENTS: Language<'selects' | 'updates' | 'inserts'> = {
  kinds: [
    ['selects', 3, runSelect],
    ['updates', 2, runUpdate],
    ['inserts', 1, runInsert],
  ],
  runWrong,
}

function runSelect(random: SeededRandom, item: AnyItem, canary: Canary): void {
  const spec = randomCondition(random, item)
  const writer = new StatementWriter(random)
  const written = writer.written(`${writer.word('select')} * FROM "t" WHERE ${writer.condition(spec)}`)
  const bound = attempt(written)
  if (bound instanceof AwsError) {
    checkKnownRefusal(bound, written)
    return
  }
  const { statement, values } = bound
  if (statement.kind !== 'select' || statement.where === undefined) throw new Error(`${show(written)} is no SELECT`)
  const test = conditionTest(statement.where, values)
  for (const document of [item, {}, randomDocument(random)]) {
    const found = canary(String(test(document)), written.text)
    const wanted = String(holds(spec, document))
    if (found !== wanted) throw new Error(`${show(written)} is ${found} and not ${wanted} of ${worthOf(document)}`)
  }
  // As it is sent on, it is an expression that DynamoDB's grammar allows.
  const members = new RequestExpressions(values).condition('FilterExpression', statement.where).members()
  const expression = members['FilterExpression'] as string
  if (expression.length <= 4096) parseCondition('FilterExpression', expression)
}

function runUpdate(random: SeededRandom, item: AnyItem, canary: Canary): void {
  const actions = randomActions(random, item).filter(isWritable)
  if (actions.length === 0) return
  const writer = new StatementWriter(random)
  const written = writer.written(
    `UPDATE t ${writer.actions(actions)} WHERE pk = 'x' RETURNING ${random.pick(['ALL', 'MODIFIED'])} NEW *`,
  )
  const bound = attempt(written)
  if (bound instanceof AwsError) {
    checkKnownRefusal(bound, written)
    return
  }
  const { statement, values } = bound
  if (statement.kind !== 'update') throw new Error(`${show(written)} is no UPDATE`)
  const members = new RequestExpressions(values).update(statement.actions).members()
  const found = canary(
    outcome(() => applied(members, item)),
    written.text,
  )
  const wanted = outcome(() => updated(item, actions))
  // Its sections may come in another order, and so another of several things that are wrong first.
  const isSame = found === wanted || (isRefusal(found) && isRefusal(wanted))
  if (!isSame) throw new Error(`${show(written)} of ${worthOf(item)} gives ${found} and not ${wanted}`)
}

function isRefusal(outcome: string): boolean {
  return !outcome.startsWith('M{')
}

/** PartiQL has no ADD of a number. */
function isWritable(action: ActionSpec): boolean {
  return action.section !== 'ADD' || action.value instanceof Set
}

/** The update as it is sent on, performed. */
function applied(members: Readonly<Record<string, unknown>>, item: AnyItem): AnyItem {
  const values = members['ExpressionAttributeValues'] as AttributeMap | undefined
  const natives =
    values && Object.fromEntries(Object.entries(values).map(([name, value]) => [name, nativeValue(value)]))
  const names = members['ExpressionAttributeNames'] as Record<string, string> | undefined
  const { compiled, values: bound } = bindUpdate({
    expression: members['UpdateExpression'] as string,
    ...(names && { names }),
    ...(natives && { values: natives }),
  })
  return compiled.apply(item, bound).item
}

function runInsert(random: SeededRandom, item: AnyItem, canary: Canary): void {
  const writer = new StatementWriter(random)
  const written = writer.written(`INSERT INTO t VALUE ${writer.item(item)};`)
  const bound = attempt(written)
  if (bound instanceof AwsError) {
    checkKnownRefusal(bound, written)
    return
  }
  const { statement, values } = bound
  if (statement.kind !== 'insert') throw new Error(`${show(written)} is no INSERT`)
  const found = canary(worthOf(nativeItem(insertedItem({ statement, values }))), written.text)
  const wanted = worthOf(item)
  if (found !== wanted) throw new Error(`${show(written)} has ${found} and not ${wanted}`)
}

/** A text that is no statement, most likely. Whether it was taken for one. */
function runWrong(random: SeededRandom, item: AnyItem): boolean {
  const writer = new StatementWriter(random)
  const text = random.pick<() => string>([
    () => randomStatementSoup(random),
    () =>
      mutatedStatement(
        random,
        `SELECT a, b[0] FROM "t"."i" WHERE ${writer.condition(randomCondition(random, item))} ORDER BY a`,
      ),
    () =>
      mutatedStatement(
        random,
        `UPDATE t ${writer.actions(randomActions(random, item).filter(isWritable))} WHERE a = 1`,
      ),
    () => mutatedStatement(random, `INSERT INTO t VALUE ${writer.item(item)}`),
    () => mutatedStatement(random, `EXISTS(SELECT * FROM t WHERE a = 1 AND b IS MISSING)`),
    () => mutatedStatement(random, "DELETE FROM t WHERE pk = 'x' AND (a = 1 OR sk > 2) RETURNING ALL OLD *"),
  ])()
  const bound = attempt(writer.written(text))
  if (bound instanceof AwsError) return false
  const { statement, values } = bound
  if (statement.kind === 'insert') {
    insertedItem({ statement, values })
    return true
  }
  const key = { partition: { name: 'a', type: undefined }, sort: { name: 'b', type: undefined } }
  refusable(() => planReads(statement.where, key, values))
  refusable(() => findKey(statement.where, key, values))
  if (statement.where !== undefined) conditionTest(statement.where, values)(item)
  return true
}

/** The statement with its parameters; or what DynamoDB says against it, in an exception with a message. */
function attempt({ text, parameters }: WrittenStatement): BoundStatement<Statement> | AwsError {
  return refusable(() => {
    checkParameters(parameters)
    const statement = parseStatement(text)
    return bindStatement(statement, fitted(parameters, statement.parameterCount))
  })
}

/** As many as there have to be: what was left out of a text, or doubled, may be a parameter. */
function fitted(parameters: readonly AttributeValue[], count: number): readonly AttributeValue[] {
  return Array.from({ length: count }, (_, index) => parameters[index] ?? { S: 'x' })
}

function refusable<Found>(act: () => Found): Found | AwsError {
  try {
    return act()
  } catch (failure) {
    if (!(failure instanceof AwsError) || failure.name !== 'ValidationException' || failure.message === '')
      throw failure
    return failure
  }
}

/** What the grammar allows may still be refused for what it says. */
function checkKnownRefusal({ message }: AwsError, written: WrittenStatement): void {
  const isKnown =
    /first operand must be distinct|IN operator is provided with|requires same data type for lower|less than or equal to 8192|too many operators|half a surrogate|Nesting Levels/.test(
      message,
    )
  if (!isKnown) throw new Error(`${show(written)} is refused: ${message}`)
}

/** The item as text, or the kind of refusal. */
function outcome(act: () => AnyItem): string {
  try {
    return worthOf(act())
  } catch (failure) {
    if (!(failure instanceof ValidationException) && !(failure instanceof ReferenceRefusal)) throw failure
    return failure.code.startsWith('NUMBER') ? 'NUMBER' : failure.code
  }
}

function show({ text, parameters }: WrittenStatement): string {
  return `${JSON.stringify(text)} ${JSON.stringify(parameters)}`
}
