/**
 * Items whose time is over, which nobody sees, counted for nothing in a page behind the AWS door: one request ran through any
 * number of them, and did not let anybody else have a turn.
 */
import { expect, test } from 'vitest'
import { serviceFixture } from '../support/service-fixture.js'

const COUNT = 12_000
const TABLE = 'mortal'
const INDEX = { TableName: TABLE, IndexName: 'byKind' }

async function mortals(valueLength: number, count: number) {
  const indexes = { byKind: { key: ['kind', 'sk'] } }
  const service = await serviceFixture({ name: TABLE, key: ['pk', 'sk'], ttl: 'until', indexes })
  const { backend, clock } = service
  const value = 'x'.repeat(valueLength)
  const until = clock.seconds
  const writes = Array.from({ length: count }, (_, sk) =>
    backend.prepare(TABLE, { put: { pk: 'a', sk, kind: 'k', value, ...(sk < count - 1 && { until }) } }),
  )
  await backend.batchWrite(TABLE, writes)
  return service
}

const ofPartition = {
  TableName: TABLE,
  KeyConditionExpression: 'pk = :a',
  ExpressionAttributeValues: { ':a': { S: 'a' } },
}
const ofKind = { ...INDEX, KeyConditionExpression: 'kind = :k', ExpressionAttributeValues: { ':k': { S: 'k' } } }

test.each([
  ['Query', ofPartition],
  ['Query', { ...ofPartition, ScanIndexForward: false }],
  ['Query', ofKind],
  ['Scan', { TableName: TABLE }],
  ['Scan', INDEX],
] as const)('%s %o ends a page among small ones, and goes on behind them', async (operation, request) => {
  const { call } = await mortals(0, COUNT)
  const scanned: number[] = []
  let found = 0
  for (let ExclusiveStartKey: unknown; ; ) {
    const page = await call(operation, { ...request, ...(ExclusiveStartKey !== undefined && { ExclusiveStartKey }) })
    scanned.push(page['ScannedCount'])
    found += page['Items'].length
    ExclusiveStartKey = page['LastEvaluatedKey']
    if (ExclusiveStartKey === undefined) break
  }
  expect(found).toBe(1)
  expect(scanned.toSorted()).toEqual([0, 1])
})

test('a page among large ones ends after a megabyte of them', async () => {
  const { call } = await mortals(10_000, 301)
  let pages = 1
  for (let page = await call('Query', ofPartition); page['LastEvaluatedKey'] !== undefined; pages++) {
    page = await call('Query', { ...ofPartition, ExclusiveStartKey: page['LastEvaluatedKey'] })
  }
  expect(pages).toBe(3)
})

test('others have their turn while a page is read', async () => {
  const { call } = await mortals(0, COUNT)
  let turns = 0
  const tick = () => {
    turns += 1
    timer = setImmediate(tick)
  }
  let timer = setImmediate(tick)
  await call('Query', ofKind)
  clearImmediate(timer)
  // Each page of the engine reads through a thousand entries of an index.
  expect(turns).toBeGreaterThan(5)
})
