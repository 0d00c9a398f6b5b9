/**
 * A filter that writes to the transaction in which it is asked changed what the query was walking over: items came twice or
 * not at all, and where a run of them was split, it met a place that was none.
 */
import { expect, test } from 'vitest'
import { table, type } from '../../src/index.js'
import { temporaryDatabase } from '../support/temporary-database.js'

test.each([false, true])('a query shows each item once, whatever its filter writes (reverse: %s)', async (reverse) => {
  const Things = table('things', { schema: type<{ pk: string; sk: string }>(), key: ['pk', 'sk'], portable: false })
  const { db } = await temporaryDatabase()
  db.table(Things)
  const names = Array.from({ length: 128 }, (_, i) => `k${String(i).padStart(4, '0')}`)
  const found = await db.transact(async (tx) => {
    for (const sk of names) tx.put(Things, { pk: 'p', sk })
    let asked = 0
    const filter = (item: { sk: string }) => {
      asked += 1
      if (asked % 5 === 0) tx.put(Things, { pk: 'p', sk: `${item.sk}, and one more` })
      return true
    }
    return await tx.query(Things, { pk: 'p' }, { filter, reverse })
  })
  expect(found.map(({ sk }) => sk)).toEqual(reverse ? names.toReversed() : names)
})
