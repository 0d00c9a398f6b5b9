/**
 * A test that fakes timers fakes those of the database, too. A write of that time waited for one that was then taken away,
 * and so did all after it, and the end of the database.
 */
import { expect, onTestFinished, test, vi } from 'vitest'
import { table, type } from '../../src/index.js'
import { temporaryDatabase } from '../support/temporary-database.js'

const pause = () => new Promise((resolve) => setTimeout(resolve, 20))

test('writes go on after timers were faked', async () => {
  const { db } = await temporaryDatabase()
  const things = db.table(table('things', { schema: type<{ id: string }>(), key: ['id'] }))
  await things.put({ id: 'before' })
  await pause()
  onTestFinished(() => void vi.useRealTimers())
  vi.useFakeTimers()
  await things.put({ id: 'meanwhile' })
  vi.useRealTimers()
  await pause()
  await things.put({ id: 'afterwards' })
  expect(await things.scan().count()).toBe(3)
})

test('a batch of several parts is stored while timers are faked', async () => {
  const { db } = await temporaryDatabase()
  const things = db.table(table('things', { schema: type<{ id: string }>(), key: ['id'] }))
  onTestFinished(() => void vi.useRealTimers())
  vi.useFakeTimers()
  await things.batch((writer) => {
    for (let n = 0; n < 600; n++) writer.put({ id: `${n}` })
  })
  expect(await things.scan().count()).toBe(600)
})
