/**
 * Throws requests at the AWS door of a database: random ones of every operation, whole or spoilt, as objects or as bytes.
 * Each has to be answered in time, with a status that is no mistake of ours, and a body that is JSON with its own checksum;
 * prototypes stay what they are, and at the end the database is verified.
 */
import { crc32 } from 'node:zlib'
import { open } from '../../src/index.js'
import { operationsByName } from '../../src/server/shape/operations.js'
import { SeededRandom } from '../support/random.js'
import { placesIn, randomRequest, replacedAt, type Vocabulary, WRONG_VALUES } from '../support/random-requests.js'
import { sensibleRequest } from '../support/sensible-requests.js'
import { wireRequest } from '../support/wire-fixture.js'

export interface RequestFuzzing {
  readonly seed: number
  readonly count: number
  /** @default no limit */
  readonly limitMs?: number
  readonly onProgress?: (done: number) => void
  /** Changes answers, to prove that the fuzzer looks at them. */
  readonly canary?: (answer: Answer) => Answer
}

export interface RequestFindings {
  /** By status. */
  readonly statuses: ReadonlyMap<number, number>
  readonly slowestMs: number
  /** Operations that were performed at least once. */
  readonly performed: ReadonlySet<string>
}

interface Answer {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

const WORDS: Vocabulary = {
  tables: [
    'simple',
    'sorted',
    'simple',
    'sorted',
    'nowhere',
    'abc',
    'arn:aws:dynamodb:us-east-1:000000000000:table/simple',
  ],
  names: ['pk', 'sk', 'pk', 'sk', 'a', 'b', 'simple', 'byA', '__proto__', 'constructor', 'a.b', ''],
  texts: ['x', 'y', '', 'ü', '😀', '\ud800', 'x'.repeat(1100), '__proto__'],
  expressions: [
    ...[
      'pk = :a',
      '#a = :a',
      'pk = :a AND sk > :b',
      'attribute_exists(pk)',
      'attribute_not_exists(#a)',
      'a IN (:a, :b)',
    ],
    ...[
      'SET a = :a',
      'SET #a = if_not_exists(#a, :a) + :b',
      'REMOVE a, b[0]',
      'ADD a :a',
      'DELETE a :a',
      'a, #b, b[1].a',
    ],
    ...['size(a) > :a AND NOT contains(#b, :b)', '((((((((((a = :a))))))))))', '(', '', 'SET', '#', ':', 'a b c', '😀'],
  ],
  statements: [
    ...[
      'SELECT * FROM simple',
      `SELECT a FROM "sorted" WHERE pk = 'x'`,
      `INSERT INTO simple VALUE {'pk': 'x', 'a': ?}`,
    ],
    ...[`UPDATE simple SET a = 1 WHERE pk = 'x'`, `DELETE FROM simple WHERE pk = 'x'`, 'SELECT', '', `'`],
  ],
}

const SENSIBLE_WORDS: Vocabulary = {
  ...{ ...WORDS, tables: ['simple', 'sorted'], names: ['a', 'b', 'n', 's', 'byA'], texts: ['x', 'y', '', 'ü😀'] },
}

const KEYS = { simple: ['pk'], sorted: ['pk', 'sk'] }

const OPERATIONS = [...operationsByName.values()]
/** What is asked most, and what there is most of that can go wrong. */
const OFTEN = OPERATIONS.filter(({ name }) => /Item|Query|Scan|Statement|Transaction/.test(name))
/** What takes the tables away, so that it is asked less. */
const SELDOM = new Set(['CreateTable', 'DeleteTable', 'UpdateTable', 'RestoreTableFromBackup', 'ImportTable'])

const PROTOTYPES = [Object.prototype, Array.prototype, Uint8Array.prototype]

/** @throws {Error} With the seed of a request that was not answered as it should be. */
export async function fuzzRequests(fuzzing: RequestFuzzing): Promise<RequestFindings> {
  const {
    seed,
    count,
    limitMs = Number.POSITIVE_INFINITY,
    onProgress = () => {},
    canary = (answer) => answer,
  } = fuzzing
  const db = await open('memory:')
  const { requestHandler } = db.awsConfig()
  const statuses = new Map<number, number>()
  const performed = new Set<string>()
  const prototypes = JSON.stringify(PROTOTYPES.map((prototype) => Object.getOwnPropertyNames(prototype)))
  let slowestMs = 0
  try {
    await makeTables(requestHandler)
    for (let at = 0; at < count; at++) {
      const request = makeRequest(new SeededRandom(seed + at))
      const startedAt = performance.now()
      const answer = canary((await requestHandler.handle(request.sent)).response)
      const ms = performance.now() - startedAt
      slowestMs = Math.max(slowestMs, ms)
      const found = ms > limitMs ? `took ${ms.toFixed(0)} ms` : mistakeIn(answer)
      if (found !== undefined) throw new Error(failureText(seed + at, request, found))
      statuses.set(answer.statusCode, (statuses.get(answer.statusCode) ?? 0) + 1)
      if (answer.statusCode === 200) performed.add(request.operation)
      if (at % 1000 === 0) {
        onProgress(at)
        if (prototypes !== JSON.stringify(PROTOTYPES.map((prototype) => Object.getOwnPropertyNames(prototype)))) {
          throw new Error(failureText(seed + at, request, 'a prototype was changed by it or one of the 1000 before'))
        }
        // Requests create and delete tables as well.
        await makeTables(requestHandler)
      }
    }
    const { problems } = await db.verify()
    if (problems.length > 0) throw new Error(`Seed ${seed} leaves damage after ${count} requests: ${problems[0]}`)
  } finally {
    await db.close()
  }
  return { statuses, slowestMs, performed }
}

interface Made {
  readonly operation: string
  readonly sent: ReturnType<typeof wireRequest>
}

function makeRequest(random: SeededRandom): Made {
  let operation = random.pick(random.chance(0.7) ? OFTEN : OPERATIONS)
  if (SELDOM.has(operation.name) && !random.chance(0.05)) operation = random.pick(OFTEN)
  const isSensible = random.chance(0.7)
  let request: unknown = isSensible
    ? sensibleRequest(random, operation.input, SENSIBLE_WORDS, KEYS)
    : randomRequest(random, operation.input, WORDS)
  if (random.chance(isSensible ? 0.2 : 0.5))
    request = replacedAt(request, random.pick(placesIn(request)), random.pick(WRONG_VALUES))
  const text = JSON.stringify(request)
  const bytes = random.chance(0.05) ? spoiltBytes(random, Buffer.from(text)) : text
  return { operation: operation.name, sent: wireRequest(operation.name, bytes) }
}

/** Cut off, with a byte changed, or with a piece of it twice (and so with members twice). */
function spoiltBytes(random: SeededRandom, bytes: Buffer): Uint8Array {
  const from = random.below(bytes.length)
  switch (random.below(3)) {
    case 0:
      return bytes.subarray(0, from)
    case 1: {
      const changed = Buffer.from(bytes)
      changed[from] = random.below(256)
      return changed
    }
    default: {
      const until = random.between(from, bytes.length)
      return Buffer.concat([bytes.subarray(0, until), bytes.subarray(from)])
    }
  }
}

function mistakeIn({ statusCode, headers, body }: Answer): string | undefined {
  const text = Buffer.from(body).toString()
  if (statusCode !== 200 && statusCode !== 400) return `got the status ${statusCode}: ${text}`
  if (headers['x-amz-crc32'] !== String(crc32(body))) return 'got the wrong checksum'
  try {
    const answer: { __type?: unknown } = JSON.parse(text)
    if (statusCode === 400 && !/^com\.amazon.*#\w+$/.test(String(answer.__type))) return `got no type: ${text}`
    return undefined
  } catch {
    return `got no JSON: ${text}`
  }
}

function failureText(seed: number, { operation, sent }: Made, found: string): string {
  return `Seed ${seed} fails (--seed ${seed} --count 1): ${operation} ${found}\n${Buffer.from(sent.body).toString()}`
}

type Handler = { handle(request: unknown): Promise<{ response: Answer }> }

async function makeTables(handler: Handler): Promise<void> {
  const attribute = (AttributeName: string) => ({ AttributeName, AttributeType: 'S' })
  const hash = (AttributeName: string) => ({ AttributeName, KeyType: 'HASH' })
  const common = { BillingMode: 'PAY_PER_REQUEST' }
  const simple = { ...common, TableName: 'simple', AttributeDefinitions: [attribute('pk')], KeySchema: [hash('pk')] }
  const sorted = {
    ...{ ...common, TableName: 'sorted', AttributeDefinitions: [attribute('pk'), attribute('sk'), attribute('a')] },
    KeySchema: [hash('pk'), { AttributeName: 'sk', KeyType: 'RANGE' }],
    GlobalSecondaryIndexes: [{ IndexName: 'byA', KeySchema: [hash('a')], Projection: { ProjectionType: 'ALL' } }],
  }
  for (const table of [simple, sorted]) {
    const { response } = await handler.handle(wireRequest('CreateTable', table))
    const text = Buffer.from(response.body).toString()
    if (response.statusCode !== 200 && !text.includes('ResourceInUse')) throw new Error(`Cannot make a table: ${text}`)
  }
}
