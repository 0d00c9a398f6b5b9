/** The cursor of a page over an index whose keys were all as long as allowed was refused as too long. */
import { expect, test } from 'vitest'
import { table, type } from '../../src/index.js'
import { temporaryDatabase } from '../support/temporary-database.js'

test('a cursor works for the longest keys there are', async () => {
  const { db } = await temporaryDatabase()
  interface Thing {
    pk: Uint8Array
    sk: Uint8Array
    group: Uint8Array
    order: Uint8Array
  }
  const definition = table('things', {
    schema: type<Thing>(),
    key: ['pk', 'sk'],
    indexes: { byGroup: ['group', 'order'] },
  })
  const things = db.table(definition)
  // Zeros take two bytes each in a key.
  const zeros = (byteLength: number, last: number) =>
    Uint8Array.from({ length: byteLength }, (_, i) => (i === byteLength - 1 ? last : 0))
  const group = zeros(2048, 0)
  for (let n = 0; n < 3; n++) await things.put({ pk: zeros(2048, n), sk: zeros(1024, n), group, order: zeros(1024, n) })
  const query = things.index('byGroup').query({ group }, { limit: 1 })
  const { cursor } = await query.page()
  expect((await things.index('byGroup').query({ group }, { cursor }).toArray()).map(({ pk }) => pk.at(-1))).toEqual([
    1, 2,
  ])
})
