/**
 * The operations of the AWS door on tables, through HTTP, over a database in memory that can be opened again: `call('CreateTable', { … })`,
 * `refusal('CreateTable', { … })`. At the end of the test everything in the database is verified.
 */
import { expect, onTestFinished } from 'vitest'
import type { Backend } from '../../src/backend.js'
import { AwsError } from '../../src/server/aws-error.js'
import type { Performer } from '../../src/server/performer.js'
import { createService, type ServiceOptions } from '../../src/server/service.js'
import { ObservedDatabase } from './observed-database.js'
import { overTheWire } from './over-the-wire.js'
import { MovableClock } from './temporary-database.js'

/** An answer, to be looked into. */
// biome-ignore lint/suspicious/noExplicitAny: a test looks where it likes, and fails if nothing is there
type Answer = Record<string, any>
type Input = Record<string, unknown>

export interface TableService {
  readonly backend: Backend
  readonly clock: MovableClock
  call(operation: string, input?: Input): Promise<Answer>
  /** `Name: message` of the exception that the operation is refused with. */
  refusal(operation: string, input?: Input): Promise<string>
  /** A table with the key `pk`, or what the request says besides. */
  create(name: string, change?: Input): Promise<Answer>
  describe(name: string): Promise<Answer>
  reopen(): Promise<void>
}

/**
 * @param way Requests go over the wire, unless a test is about what happens between two turns of the event loop.
 */
export function tableService(
  options: ServiceOptions = {},
  way: 'over the wire' | 'in the process' = 'over the wire',
): TableService {
  const clock = new MovableClock()
  const db = new ObservedDatabase({}, clock)
  const serve = (): Performer => {
    const performer = createService(db.backend, { clock, ...options })
    return way === 'over the wire' ? overTheWire(performer) : performer
  }
  let service = serve()
  onTestFinished(async () => {
    expect((await db.backend.verify()).problems).toEqual([])
    await db.backend.close()
  })
  const call = async (operation: string, input: Input = {}) => (await service.perform(operation, input)) as Answer
  return {
    get backend() {
      return db.backend
    },
    clock,
    call,
    async refusal(operation, input) {
      const failure: unknown = await call(operation, input).then(
        (answer) => new Error(`not refused: ${JSON.stringify(answer)}`),
        (error: unknown) => error,
      )
      if (failure instanceof AwsError) return `${failure.name}: ${failure.message}`
      throw failure
    },
    async create(name, change = {}) {
      return (await call('CreateTable', tableRequest(name, change)))['TableDescription']
    },
    async describe(name) {
      return (await call('DescribeTable', { TableName: name }))['Table']
    },
    async reopen() {
      await db.reopen()
      service = serve()
    },
  }
}

/** The smallest request for a table, and what it is to have besides; `undefined` takes a member away. */
export function tableRequest(name: string, change: Input = {}): Input {
  const request = {
    TableName: name,
    AttributeDefinitions: definitions({ pk: 'S' }),
    KeySchema: keySchema('pk'),
    BillingMode: 'PAY_PER_REQUEST',
    ...change,
  }
  return Object.fromEntries(Object.entries(request).filter(([, value]) => value !== undefined))
}

export function definitions(types: Readonly<Record<string, string>>): Input[] {
  return Object.entries(types).map(([name, type]) => ({ AttributeName: name, AttributeType: type }))
}

/** A name without a type is that of a partition key, and one behind it that of a sort key: `keySchema('a', 'b')`. */
export function keySchema(partition: string | readonly string[], sort: string | readonly string[] = []): Input[] {
  const elements = (names: string | readonly string[], type: string) =>
    [names].flat().map((name) => ({ AttributeName: name, KeyType: type }))
  return [...elements(partition, 'HASH'), ...elements(sort, 'RANGE')]
}

export function index(name: string, key: Input[], change: Input = {}): Input {
  return { IndexName: name, KeySchema: key, Projection: { ProjectionType: 'ALL' }, ...change }
}
