/** Five years after its time was over an item that nobody had removed was there again. */
import { expect, test } from 'vitest'
import { table, type } from '../../src/index.js'
import { temporaryDatabase } from '../support/temporary-database.js'

interface Thing {
  id: string
  at: number
  mail?: string
  until?: number
}
const Things = table('things', {
  schema: type<Thing>(),
  key: ['id', 'at'],
  ttl: 'until',
  indexes: { byMail: { key: ['mail'], unique: true }, byAt: ['id', 'at'] },
})
const YEAR_S = 365 * 86_400
const START_S = 1_800_000_000

test('what is gone stays gone, and what never went stays', async () => {
  const clock = { seconds: START_S, now: () => clock.seconds * 1000 }
  const database = await temporaryDatabase({ clock })
  let things = database.db.table(Things)
  for (let at = 0; at < 50; at++) await things.put({ id: 'a', at, until: START_S + 10, mail: `mail-${at}` })
  await things.put({ id: 'a', at: 99, until: 0, mail: 'never' })
  await things.put({ id: 'a', at: 100, until: START_S - 6 * YEAR_S })
  const gone = { id: 'a', at: 7 }

  for (const years of [0, 4.99, 5, 5.01, 6, 50]) {
    clock.seconds = START_S + 11 + years * YEAR_S
    const label = `after ${years} years`
    expect(await things.get(gone), label).toBeUndefined()
    expect(
      (await things.query({ id: 'a' }).toArray()).map(({ at }) => at),
      label,
    ).toEqual([99, 100])
    expect(await things.index('byAt').query({ id: 'a' }).count(), label).toBe(2)
    expect(await things.index('byMail').query({ mail: 'mail-7' }).count(), label).toBe(0)
    expect(await things.scan({ workers: 2 }).count(), label).toBe(2)
    await expect(things.put({ ...gone, mail: 'x' }, { if: 'exists(mail)' }), label).rejects.toMatchObject({
      code: 'CONDITION_FAILED',
    })
  }
  things = (await database.reopen()).table(Things)
  expect(await things.get(gone)).toBeUndefined()
  expect(await things.scan().count()).toBe(2)
  // Written again, it is there; its unique key was free.
  await things.put({ id: 'b', at: 1, mail: 'mail-7' })
  await things.put({ ...gone, until: clock.seconds + 10 })
  expect(await things.get(gone)).toBeDefined()
})
