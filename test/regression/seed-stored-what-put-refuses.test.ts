/**
 * The plain items of a seed were turned into DynamoDB's form without a look: a Date, a Map or a function was stored as an
 * empty map, an object of a class as a map, a bigint as a number, and what is undefined was a `TypeError`. They are put as
 * `put` puts them, and refused as it refuses them.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { type Database, Decimal, type SeedTable, ValidationException } from '../../src/index.js'
import { servedCommand } from '../support/served-command.js'
import { temporaryDatabase } from '../support/temporary-database.js'

class Point {
  x = 1
}

const LOOP: Record<string, unknown> = {}
LOOP['itself'] = LOOP

const tableOf = (name: string, data: unknown): SeedTable =>
  ({
    TableName: name,
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    data,
  }) as SeedTable

const seeded = (db: Database, ...tables: SeedTable[]) => db.serve({ port: 0, seed: tables })

test.each<[name: string, value: unknown, code: string]>([
  ['a Date', new Date(0), 'VALUE_CLASS'],
  ['a Map', new Map([['a', 1]]), 'VALUE_CLASS'],
  ['a pattern', /a/, 'VALUE_CLASS'],
  ['an object of a class', new Point(), 'VALUE_CLASS'],
  ['a promise', Promise.resolve(1), 'VALUE_CLASS'],
  ['a function', () => 1, 'VALUE_FUNCTION'],
  ['a symbol', Symbol('a'), 'VALUE_SYMBOL'],
  ['undefined in a list', [undefined], 'VALUE_UNDEFINED'],
  ['undefined', undefined, 'VALUE_UNDEFINED'],
  ['no number', Number.NaN, 'NUMBER_NOT_FINITE'],
  ['an empty set', new Set(), 'SET_EMPTY'],
  ['a set of several kinds', new Set(['a', 1]), 'SET_MIXED'],
  ['half a character', '\ud800', 'VALUE_TEXT'],
  ['a loop', LOOP, 'VALUE_CYCLE'],
])('%s is refused as by put, and its table is not there', async (_, value, code) => {
  const { db } = await temporaryDatabase()
  const item = { id: 'bad', deep: [{ value }] } as never
  await seeded(db, tableOf('things', []))
  const refusal = await refusalOf(db.table('things').put(item))
  expect(refusal).toMatchObject({ code })
  const good = Array.from({ length: 60 }, (_, n) => ({ id: `${n}` }))
  const sown = await refusalOf(seeded(db, tableOf('first', good), tableOf('second', [...good, item])))
  expect(sown).toBeInstanceOf(ValidationException)
  expect(sown).toMatchObject({ code, message: refusal.message })
  expect(db.tables().map(({ name }) => name)).toEqual(['first', 'things'])
  // It may be corrected, and is begun again.
  expect((await seeded(db, tableOf('second', good))).seeded).toEqual({ created: ['second'], kept: [], itemCount: 60 })
})

test.each([false, true])('what is stored is what put stores, with an index: %s', async (hasIndex) => {
  const { db } = await temporaryDatabase()
  const item = {
    id: 'a',
    kind: 'k',
    numbers: [0, -1.5, 1e100, 2 ** 53 - 1, 0.1],
    big: 5n,
    bigger: 2n ** 100n,
    exact: Decimal.from('1.10'),
    longest: Decimal.from('12345678901234567890.123456789012345678'),
    bytes: new Uint8Array([1, 2, 255]),
    buffer: Buffer.from('text'),
    sets: [new Set(['a', 'b']), new Set<number | bigint>([1, 2.5, 3n]), new Set([new Uint8Array([1])])],
    empty: ['', null, [], {}, new Uint8Array()],
    yes: true,
    map: Object.assign(Object.create(null), { a: { b: ['c'] } }),
  }
  const byKind = {
    GlobalSecondaryIndexes: [
      {
        IndexName: 'byKind',
        KeySchema: [{ AttributeName: 'kind', KeyType: 'HASH' }],
        Projection: { ProjectionType: 'ALL' },
      },
    ],
    AttributeDefinitions: ['id', 'kind'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
  }
  const [seed, empty] = ['seeded', 'put'].map((name) => ({ ...tableOf(name, []), ...(hasIndex && byKind) }))
  await seeded(db, { ...seed!, data: [item] }, empty!)
  await db.table('put').put(item)
  const stored = await db.table('seeded').get({ id: 'a' })
  expect(stored).toStrictEqual(await db.table('put').get({ id: 'a' }))
  expect(stored).toMatchObject({ big: 5n, exact: Decimal.from('1.1'), map: { a: { b: ['c'] } } })
})

test('what an index can’t have, a key of another type and one that is there twice are refused', async () => {
  const { db } = await temporaryDatabase()
  const indexed = {
    ...tableOf('things', [{ id: 'a', kind: 5 }]),
    GlobalSecondaryIndexes: [
      {
        IndexName: 'byKind',
        KeySchema: [{ AttributeName: 'kind', KeyType: 'HASH' }],
        Projection: { ProjectionType: 'ALL' },
      },
    ],
    AttributeDefinitions: ['id', 'kind'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
  }
  await expect(seeded(db, indexed)).rejects.toThrow(/Type mismatch for Index Key kind/)
  await expect(seeded(db, tableOf('things', [{ id: 5 }]))).rejects.toMatchObject({ code: 'KEY_TYPE' })
  const twice = [{ id: 'a', n: 1 }, ...Array.from({ length: 30 }, (_, n) => ({ id: `${n}` })), { id: 'a', n: 2 }]
  await expect(seeded(db, tableOf('things', twice))).rejects.toThrow(/contains duplicates/)
  const asDynamodb = twice.map(({ id }) => ({ id: { S: id } }))
  const wire = (data: readonly object[], Items: readonly Record<string, unknown>[]) => ({
    ...tableOf('things', data),
    Items,
  })
  await expect(seeded(db, wire([], asDynamodb))).rejects.toThrow(/contains duplicates/)
  await expect(seeded(db, wire([{ id: 'a' }], [{ id: { S: 'a' } }]))).rejects.toThrow(/contains duplicates/)
  expect(db.tables()).toEqual([])
  await seeded(db, wire([{ id: 'x' }], asDynamodb.slice(1)))
  expect(await db.table('things').scan().count()).toBe(32)
})

test('what is no list of tables, or of items, is refused by name', async () => {
  const { db } = await temporaryDatabase()
  const server = await db.serve({ port: 0 })
  for (const tables of [5, [5], [null], [{}], [tableOf('things', 5)], [tableOf('things', [new Date()])]] as never[]) {
    await expect(server.seed(tables)).rejects.toMatchObject({ code: 'OPTION' })
  }
  expect(db.tables()).toEqual([])
})

test.each([
  ['data: [{ id: "a", when: new Date() }]', /^dynafile: --seed: .*"?when"? is a Date/],
  ['data: [{ id: "a" }, { id: "a" }]', /^dynafile: --seed: .*contains duplicates/],
  ['Items: [{ id: { N: "1" } }]', /^dynafile: --seed: .*Type mismatch for key id/],
  ['BillingMode: "NONE"', /^dynafile: --seed: .*billingMode/],
])('a module with such a seed ends the command with exit code 1: %s', async (members, message) => {
  const root = mkdtempSync(join(tmpdir(), 'dynafile-seed-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  const { data: _, ...definition } = tableOf('things', [])
  writeFileSync(join(root, 'seed.mjs'), `export default [{ ...${JSON.stringify(definition)}, ${members} }]`)
  const { code, stderr } = await servedCommand('--memory', '--seed', join(root, 'seed.mjs'))
  expect(code).toBe(1)
  expect(stderr).toMatch(message)
})

async function refusalOf(promise: Promise<unknown>): Promise<Error> {
  return promise.then(
    () => new Error('it was stored'),
    (failure: Error) => failure,
  )
}
