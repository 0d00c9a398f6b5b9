/**
 * Statements, whole and broken, performed on tables: each is answered, or refused by an exception that DynamoDB has. Whatever
 * was written, the database is verified at the end. More of it: COUNT=… and SEED=….
 */
import { expect, test } from 'vitest'
import { AwsError } from '../../src/server/aws-error.js'
import { sdkItem } from '../../src/server/value/sdk-value.js'
import { SeededRandom } from '../support/random.js'
import { randomActions, randomCondition, randomDocument } from '../support/random-expressions.js'
import {
  mutatedStatement,
  randomStatementSoup,
  StatementWriter,
  type WrittenStatement,
} from '../support/random-statements.js'
import { serviceFixture } from '../support/service-fixture.js'

const COUNT = Number(process.env['COUNT'] ?? 1500)
const SEED = Number(process.env['SEED'] ?? 1)

const EXCEPTIONS: ReadonlySet<string> = new Set([
  ...['ValidationException', 'ConditionalCheckFailedException', 'DuplicateItemException', 'ResourceNotFoundException'],
  'TransactionCanceledException',
])

test(`${COUNT} statements are answered or refused, from seed ${SEED}`, { timeout: 600_000 }, async () => {
  const { call } = await serviceFixture({ name: 'indexed', key: ['pk', 'sk'], indexes: { byA: { key: ['a'] } } })
  const names = Object.getOwnPropertyNames(Object.prototype)
  const counts = new Map<string, number>()
  for (let number = 0; number < COUNT; number++) {
    const seed = SEED + number
    const random = new SeededRandom(seed)
    const [operation, input] = randomRequest(random)
    const outcome = await call(operation, input).then(
      () => 'answered',
      (failure: unknown) => {
        if (failure instanceof AwsError && EXCEPTIONS.has(failure.name) && failure.message !== '') return failure.name
        throw new Error(`Seed ${seed} (SEED=${seed} COUNT=1): ${JSON.stringify(input)}: ${failure}`, { cause: failure })
      },
    )
    counts.set(outcome, (counts.get(outcome) ?? 0) + 1)
  }
  expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(names)
  if (COUNT < 100) return
  expect(counts.get('answered')).toBeGreaterThan(COUNT / 10)
  expect(counts.get('ValidationException')).toBeGreaterThan(COUNT / 10)
  expect(counts.get('TransactionCanceledException')).toBeGreaterThan(0)
})

function randomRequest(random: SeededRandom): [operation: string, input: Record<string, unknown>] {
  const member = ({ text, parameters }: WrittenStatement) => ({
    Statement: text,
    ...(parameters.length > 0 && { Parameters: parameters }),
  })
  const several = () => Array.from({ length: 1 + random.below(4) }, () => member(randomStatement(random)))
  const more = { ...(random.chance(0.3) && { ReturnConsumedCapacity: random.pick(['TOTAL', 'INDEXES']) }) }
  switch (random.below(4)) {
    case 0:
      return ['BatchExecuteStatement', { Statements: several(), ...more }]
    case 1:
      return ['ExecuteTransaction', { TransactStatements: several(), ...more }]
    default: {
      const limit = random.chance(0.3) && { Limit: 1 + random.below(3) }
      const strong = random.chance(0.1) && { ConsistentRead: true }
      return ['ExecuteStatement', { ...member(randomStatement(random)), ...more, ...limit, ...strong }]
    }
  }
}

function randomStatement(random: SeededRandom): WrittenStatement {
  const writer = new StatementWriter(random)
  const item = randomDocument(random)
  const table = random.pick(['simple', 'sorted', 'indexed', 'indexed."byA"', 'nowhere'])
  const key = `pk = ${writer.value(random.pick(['x', 'y', 'z', 1]))}${random.chance(0.6) ? ` AND sk = ${writer.value('1')}` : ''}`
  const condition = () => writer.condition(randomCondition(random, item), 2)
  const where = () => random.pick([key, condition(), `${key} AND ${condition()}`, `${key} OR ${condition()}`])
  const returning = () => random.pick(['', '', ' RETURNING ALL OLD *', ' RETURNING MODIFIED NEW *'])
  const text = random.pick<() => string>([
    () => `SELECT ${random.pick(['*', 'pk, a', 'list[0], "odd name"'])} FROM ${table} WHERE ${where()}`,
    () => `SELECT * FROM ${table} WHERE ${where()} ORDER BY ${random.pick(['pk', 'sk DESC', 'a'])}`,
    () =>
      `UPDATE ${table} ${writer.actions(randomActions(random, item).filter(({ section }) => section !== 'ADD')) || 'SET a = 1'} WHERE ${where()}${returning()}`,
    () => `DELETE FROM ${table} WHERE ${where()}${returning()}`,
    () =>
      `INSERT INTO ${table} VALUE ${writer.item({ ...item, pk: random.pick<unknown>(['x', 'y', 'z', 1]), sk: '1' })}`,
    () => `EXISTS(SELECT * FROM ${table} WHERE ${where()})`,
    () => randomStatementSoup(random),
  ])()
  const written = random.chance(0.2) ? mutatedStatement(random, text) : text
  // The first parameters may be of parts that were not taken.
  const wanted = written.split('?').length - 1
  const parameters = writer.parameters.slice(-wanted || writer.parameters.length)
  return { text: written, parameters: random.chance(0.02) ? [...parameters, sdkItem({ a: 1 })['a']!] : parameters }
}
