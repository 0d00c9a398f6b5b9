/**
 * What is asked over the wire, and how to tell whether an answer is right: who answers quickly has to answer the same.
 *
 * Requests are made as bytes before the clock starts. They look signed; none of the servers looks whether they are.
 */
import { type BenchItem, makeItem, pkOf, skOf } from '../store/store.js'
import { batches, Keys } from '../workload/keys.js'

/** In the table that everything is measured with. */
export const ITEM_COUNT = 20_000
export const BATCH_LENGTH = 25
export const QUERY_LENGTH = 10
export const PAGE_LENGTH = 100
export const TABLE = 'items'

/** What DynamoDB says in JSON. */
export type Answer = Readonly<Record<string, unknown>>

export interface Exchange {
  readonly operation: OperationName
  readonly input: Readonly<Record<string, unknown>>
  readonly isRight: (answer: Answer) => boolean
  /** A right answer, as it is written; only its length counts. */
  readonly example: Answer
}

export type OperationName =
  | 'PutItem'
  | 'GetItem'
  | 'Query'
  | 'BatchWriteItem'
  | 'Scan'
  | 'CreateTable'
  | 'DescribeTable'
  | 'ListTables'

/** What is measured, as its rows call it. */
export type MeasuredName = 'put' | 'get' | 'query 10' | 'batch 25' | 'scan 100'

export const MEASURED: Readonly<Record<MeasuredName, (keys: Keys) => Exchange>> = {
  put: (keys: Keys) => putOf(keys.changedItem()),
  get: (keys: Keys) => getOf(makeItem(...positionOf(keys))),
  'query 10': (keys: Keys) => queryOf(positionOf(keys)[0]),
  'batch 25': (keys: Keys) => {
    const [partition, position] = positionOf(keys)
    const first = position - (position % BATCH_LENGTH)
    return batchOf(Array.from({ length: BATCH_LENGTH }, (_, i) => makeItem(partition, first + i)))
  },
  'scan 100': () => SCAN,
}

export const CREATE_TABLE: Exchange = {
  operation: 'CreateTable',
  input: {
    TableName: TABLE,
    AttributeDefinitions: ['pk', 'sk'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
    KeySchema: [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ],
    BillingMode: 'PAY_PER_REQUEST',
  },
  isRight: ({ TableDescription }) => TableDescription !== undefined,
  example: {},
}

/** Right once the table can be used. */
export const DESCRIBE_TABLE: Exchange = {
  operation: 'DescribeTable',
  input: { TableName: TABLE },
  isRight: ({ Table }) => (Table as Answer | undefined)?.['TableStatus'] === 'ACTIVE',
  example: {},
}

/** What a server is asked first. */
export const LIST_TABLES: Exchange = {
  operation: 'ListTables',
  input: {},
  isRight: ({ TableNames }) => Array.isArray(TableNames),
  example: {},
}

/** All items, in batches. */
export function* loadingExchanges(): Generator<Exchange> {
  for (const batch of batches(ITEM_COUNT, BATCH_LENGTH)) yield batchOf(batch)
}

export function putOf(item: BenchItem): Exchange {
  return {
    operation: 'PutItem',
    input: { TableName: TABLE, Item: inDynamoJson(item) },
    isRight: (answer) => Object.keys(answer).length === 0,
    example: {},
  }
}

export function getOf(item: BenchItem): Exchange {
  const { pk, sk } = item
  const expected = inDynamoJson(item)
  return {
    operation: 'GetItem',
    input: { TableName: TABLE, Key: inDynamoJson({ pk, sk }) },
    isRight: ({ Item }) => areEqual(Item, expected),
    example: { Item: expected },
  }
}

function queryOf(partition: number): Exchange {
  const expected = Array.from({ length: QUERY_LENGTH }, (_, i) => inDynamoJson(makeItem(partition, i)))
  return {
    operation: 'Query',
    input: {
      TableName: TABLE,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: pkOf(partition) } },
      Limit: QUERY_LENGTH,
    },
    isRight: ({ Items, Count, ScannedCount, LastEvaluatedKey }) =>
      areEqual(Items, expected) &&
      Count === QUERY_LENGTH &&
      ScannedCount === QUERY_LENGTH &&
      areEqual(LastEvaluatedKey, lastKeyOf(partition, QUERY_LENGTH - 1)),
    example: {
      ...{ Items: expected, Count: QUERY_LENGTH, ScannedCount: QUERY_LENGTH },
      LastEvaluatedKey: lastKeyOf(partition, QUERY_LENGTH - 1),
    },
  }
}

function batchOf(items: readonly BenchItem[]): Exchange {
  return {
    operation: 'BatchWriteItem',
    input: { RequestItems: { [TABLE]: items.map((item) => ({ PutRequest: { Item: inDynamoJson(item) } })) } },
    isRight: ({ UnprocessedItems }) => areEqual(UnprocessedItems, {}),
    example: { UnprocessedItems: {} },
  }
}

/** The first page. Each server has its own order of partitions; within each all have the same. */
const SCAN: Exchange = {
  operation: 'Scan',
  input: { TableName: TABLE, Limit: PAGE_LENGTH },
  isRight: ({ Items, Count, ScannedCount, LastEvaluatedKey }) => {
    const items = Items as readonly { readonly pk: { S: string }; readonly sk: { S: string } }[]
    return (
      Count === PAGE_LENGTH &&
      ScannedCount === PAGE_LENGTH &&
      LastEvaluatedKey !== undefined &&
      items.length === PAGE_LENGTH &&
      items.every((item) => areEqual(item, inDynamoJson(makeItem(numberIn(item.pk.S), numberIn(item.sk.S)))))
    )
  },
  example: {
    Items: Array.from({ length: PAGE_LENGTH }, (_, i) => inDynamoJson(makeItem(100, i))),
    ...{ Count: PAGE_LENGTH, ScannedCount: PAGE_LENGTH },
    LastEvaluatedKey: lastKeyOf(100, PAGE_LENGTH - 1),
  },
}

/** How long answers are, on average: what the bare server is told. */
export function answerLengths(): Record<string, number> {
  const keys = new Keys(ITEM_COUNT)
  const lengths: Record<string, number> = {}
  for (const exchangeOf of Object.values(MEASURED)) {
    const examples = Array.from({ length: 100 }, () => exchangeOf(keys))
    const total = examples.reduce((sum, { example }) => sum + JSON.stringify(example).length, 0)
    lengths[examples[0]!.operation] = Math.round(total / examples.length)
  }
  return lengths
}

export function requestBytes({ operation, input }: Exchange): Buffer {
  const body = JSON.stringify(input)
  return Buffer.from(
    [
      'POST / HTTP/1.1',
      'Host: 127.0.0.1',
      'Content-Type: application/x-amz-json-1.0',
      `X-Amz-Target: DynamoDB_20120810.${operation}`,
      'X-Amz-Date: 20261121T101112Z',
      `Authorization: ${AUTHORIZATION}`,
      `Content-Length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n'),
  )
}

const AUTHORIZATION =
  'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261121/us-east-1/dynamodb/aws4_request, ' +
  `SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=${'5'.repeat(64)}`

function positionOf(keys: Keys): [partition: number, position: number] {
  const [pk, sk] = keys.anyKey()
  return [numberIn(pk), numberIn(sk)]
}

function lastKeyOf(partition: number, position: number): Answer {
  return inDynamoJson({ pk: pkOf(partition), sk: skOf(position) })
}

function numberIn(key: string): number {
  return Number(key.slice(key.indexOf('#') + 1))
}

export function inDynamoJson(item: object): Answer {
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, attributeValue(value)]))
}

function attributeValue(value: unknown): Answer {
  if (typeof value === 'string') return { S: value }
  if (typeof value === 'number') return { N: String(value) }
  if (typeof value === 'boolean') return { BOOL: value }
  if (Array.isArray(value)) return { L: value.map(attributeValue) }
  return { M: inDynamoJson(value as object) }
}

/** JSON values; the order of members means nothing. */
export function areEqual(one: unknown, other: unknown): boolean {
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return one === other
  const names = Object.keys(one)
  return (
    Array.isArray(one) === Array.isArray(other) &&
    names.length === Object.keys(other).length &&
    names.every((name) => Object.hasOwn(other, name) && areEqual((one as Answer)[name], (other as Answer)[name]))
  )
}
