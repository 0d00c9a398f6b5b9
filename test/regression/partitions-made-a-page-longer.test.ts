/** A statement about several partitions, or items, gave each of them a megabyte of its page: ten of them made ten. */
import { expect, test } from 'vitest'
import { type Answer, serviceFixture } from '../support/service-fixture.js'

const PARTITIONS = ['a', 'b', 'c', 'd']
const PER_PARTITION = 4
const text = { S: 'x'.repeat(200_000) }
const list = PARTITIONS.map((pk) => `'${pk}'`).join(', ')

test.each<[what: string, statement: string, sizes: number[]]>([
  ['partitions', `SELECT * FROM sorted WHERE pk IN [${list}]`, [6, 6, 4]],
  ['items of partitions', `SELECT pk, sk FROM sorted WHERE pk IN [${list}] AND sk IN ['0', '1', '2']`, [6, 6]],
])('a page of several %s has a megabyte', async (_what, Statement, sizes) => {
  const { call, fill } = await serviceFixture()
  const rows = PARTITIONS.flatMap((pk) => Array.from({ length: PER_PARTITION }, (_, n) => `${pk}${n}`))
  const items = rows.map((name) => ({ pk: { S: name[0]! }, sk: { S: name[1]! }, text }))
  await fill('sorted', items)
  const pages: Answer[][] = []
  let NextToken: string | undefined
  do {
    const answer = await call('ExecuteStatement', { Statement, ...(NextToken !== undefined && { NextToken }) })
    pages.push(answer['Items'])
    NextToken = answer['NextToken']
  } while (NextToken !== undefined)
  expect(pages.map(({ length }) => length)).toEqual(sizes)
  const found = pages.flat().map(({ pk, sk }) => `${pk.S}${sk.S}`)
  expect(new Set(found).size).toBe(found.length)
})
