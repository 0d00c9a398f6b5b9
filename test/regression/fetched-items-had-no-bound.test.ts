/**
 * A read through a local index that has to fetch its items from the table counted only what the index shows: a page of a
 * query had any number of megabytes, or could not be sent at all.
 */
import { expect, test } from 'vitest'
import { type Answer, type ServiceFixture, serviceFixture } from '../support/service-fixture.js'

const COUNT = 20
const PER_PAGE = 6

/** Twenty items of 200 KB each in one partition. */
async function filled(): Promise<ServiceFixture> {
  const fixture = await serviceFixture({
    name: 'things',
    key: ['pk', 'sk'],
    indexes: { byMark: { key: ['pk', 'mark'], local: true, projection: 'KEYS_ONLY' } },
  })
  const text = { S: 'x'.repeat(200_000) }
  const items = Array.from({ length: COUNT }, (_, n) => ({
    ...{ pk: { S: 'p' }, sk: { N: `${n}` }, mark: { S: n % 2 === 0 ? 'even' : 'odd' }, text },
  }))
  await fixture.fill('things', items)
  return fixture
}

async function pagesOf({ call }: ServiceFixture, operation: string, input: object): Promise<Answer[]> {
  const pages: Answer[] = []
  let more: object | undefined = {}
  while (more !== undefined) {
    const page: Answer = await call(operation, { ...input, ...more })
    pages.push(page)
    const { LastEvaluatedKey: ExclusiveStartKey, NextToken } = page
    const isStatement = operation === 'ExecuteStatement'
    more = isStatement ? NextToken && { NextToken } : ExclusiveStartKey && { ExclusiveStartKey }
  }
  return pages
}

const condition = { KeyConditionExpression: 'pk = :p', ExpressionAttributeValues: { ':p': { S: 'p' } } }
const about = { TableName: 'things', IndexName: 'byMark' }

test.each<[what: string, operation: string, input: object]>([
  ['a query of all attributes', 'Query', { ...about, ...condition, Select: 'ALL_ATTRIBUTES' }],
  ['a query of one that is not projected', 'Query', { ...about, ...condition, ProjectionExpression: '#t, mark, sk' }],
  ['a scan', 'Scan', { ...about, Select: 'ALL_ATTRIBUTES' }],
  ['a statement', 'ExecuteStatement', { Statement: `SELECT "text", mark, sk FROM things.byMark WHERE pk = 'p'` }],
])('%s has pages of a megabyte', async (_what, operation, input) => {
  const fixture = await filled()
  const names = 'ProjectionExpression' in input ? { ExpressionAttributeNames: { '#t': 'text' } } : {}
  const pages = await pagesOf(fixture, operation, { ...input, ...names })
  const items = pages.flatMap((page) => page['Items'])
  expect(items).toHaveLength(COUNT)
  expect(new Set(items.map(({ sk }) => sk.N)).size).toBe(COUNT)
  expect(items.map(({ mark }) => mark.S)).toEqual([...items.map(({ mark }) => mark.S)].sort())
  expect(pages[0]!['Items']).toHaveLength(PER_PAGE)
})

test('what a filter leaves out is not fetched', async () => {
  const fixture = await filled()
  const input = { ...about, ...condition, Select: 'ALL_ATTRIBUTES', ReturnConsumedCapacity: 'INDEXES' }
  const odd = { ...condition.ExpressionAttributeValues, ':s': { N: '3' } }
  const table = { ...input, FilterExpression: 'sk = :s', ExpressionAttributeValues: odd }
  // Of the index, the key of the table is no key.
  const [page, ...others] = await pagesOf(fixture, 'Query', table)
  expect(others).toEqual([])
  expect(page!['Items']).toHaveLength(1)
  expect(page!['ScannedCount']).toBe(COUNT)
  expect(page!['ConsumedCapacity']).toMatchObject({
    Table: { CapacityUnits: 24.5 },
    LocalSecondaryIndexes: { byMark: { CapacityUnits: 0.5 } },
  })
})

test('each page is paid for by what it fetched', async () => {
  const fixture = await filled()
  const input = { ...about, ...condition, Select: 'ALL_ATTRIBUTES', ReturnConsumedCapacity: 'INDEXES' }
  const pages = await pagesOf(fixture, 'Query', input)
  for (const { Count, ConsumedCapacity } of pages) {
    const units = { Table: { CapacityUnits: 24.5 * Count }, LocalSecondaryIndexes: { byMark: { CapacityUnits: 0.5 } } }
    expect(ConsumedCapacity).toMatchObject(units)
  }
})
