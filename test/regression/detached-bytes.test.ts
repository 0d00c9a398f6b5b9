/**
 * Bytes whose memory was handed to another thread were refused with a bare TypeError ("Cannot perform Construct on a detached
 * ArrayBuffer"), and as the operand of a filter they were equal to bytes that are empty.
 */
import { expect, test } from 'vitest'
import { ddb, type Table, table, type } from '../../src/index.js'
import { temporaryDatabase } from '../support/temporary-database.js'

interface Thing {
  id: string
  b: Uint8Array | Set<Uint8Array> | { deep: Uint8Array[] }
}

const Things = table('things', { schema: type<Thing>(), key: ['id'] })

// biome-ignore lint/suspicious/noExplicitAny: of whatever indexes
type Things = Table<Thing, Thing, readonly ['id'], any>

function transferred(): Uint8Array {
  const bytes = Uint8Array.of(1, 2, 3)
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] })
  return bytes
}

const key = { id: 'a' }
const b = transferred()
const attempts: [string, string, (things: Things) => Promise<unknown>][] = [
  ['a put', 'VALUE_CLASS', (things) => things.put({ ...key, b })],
  ['a put of a set', 'VALUE_CLASS', (things) => things.put({ ...key, b: new Set([b]) })],
  ['a put deep inside', 'VALUE_CLASS', (things) => things.put({ ...key, b: { deep: [b] } })],
  ['an update', 'VALUE_CLASS', (things) => things.update(key, { set: { b } })],
  ['an update expression', 'VALUE_CLASS', (things) => things.update(key, ddb`SET b = ${b}`)],
  ['a condition', 'VALUE_CLASS', (things) => things.put({ ...key, b: Uint8Array.of() }, { if: ddb`b = ${b}` })],
  ['a filter', 'FILTER_SYNTAX', (things) => things.scan({ filter: { b } }).toArray()],
  [
    'a filter with an order',
    'FILTER_SYNTAX',
    (things) => things.scan({ filter: { b: { gte: b } } as never }).toArray(),
  ],
  ['a batch', 'VALUE_CLASS', (things) => things.batch((batch) => void batch.put({ ...key, b }))],
]

test.each(attempts)('%s with them says what is wrong', async (_what, code, attempt) => {
  const { db } = await temporaryDatabase()
  const things = db.table(Things)
  await things.put({ id: 'empty', b: new Uint8Array() })
  await expect(attempt(things)).rejects.toMatchObject({ code, message: expect.stringMatching(/transferred/) })
  expect(await things.get(key)).toBeUndefined()
})

test('bytes of which there are none are bytes', async () => {
  const { db } = await temporaryDatabase()
  const things = db.table(Things)
  await things.put({ ...key, b: new Uint8Array() })
  await things.put({ id: 'part', b: Uint8Array.of(1, 2).subarray(1, 1) })
  expect(await things.scan({ filter: { b: new Uint8Array() } }).count()).toBe(2)
})
