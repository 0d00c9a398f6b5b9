/** `verify` of a database that was closed, or was closed while it ran, reported damage. */
import { expect, test } from 'vitest'
import { DatabaseClosedError, table, type } from '../../src/index.js'
import { temporaryDatabase } from '../support/temporary-database.js'

test('a closed database is not a damaged one', async () => {
  const { db } = await temporaryDatabase()
  const things = db.table(table('things', { schema: type<{ id: string }>(), key: ['id'] }))
  await things.batch((w) => {
    for (let n = 0; n < 3000; n++) w.put({ id: `${n}` })
  })
  const verifying = db.verify()
  const outcome = verifying.catch((failure: unknown) => failure)
  await db.close()
  // It was done before, or it says why it was not.
  const report = await outcome
  if (!(report instanceof DatabaseClosedError)) expect(report).toMatchObject({ problems: [] })
  await expect(db.verify()).rejects.toThrow(DatabaseClosedError)
})
