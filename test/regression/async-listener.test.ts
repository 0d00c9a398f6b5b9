/** A listener that is an async function and fails was an unhandled rejection, which ends the process. */
import { expect, onTestFinished, test, vi } from 'vitest'
import { table, type } from '../../src/index.js'
import { temporaryDatabase } from '../support/temporary-database.js'

test('an async listener that fails is reported, and harms nobody', async () => {
  const unhandled = vi.fn()
  process.on('unhandledRejection', unhandled)
  onTestFinished(() => void process.off('unhandledRejection', unhandled))
  const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
  onTestFinished(() => warned.mockRestore())

  const { db } = await temporaryDatabase()
  const things = db.table(table('things', { schema: type<{ id: string }>(), key: ['id'] }))
  things.on('change', async () => {
    await Promise.resolve()
    throw new Error('late trouble')
  })
  await things.put({ id: 'a' })
  await new Promise((resolve) => setTimeout(resolve, 10))
  expect(unhandled).not.toHaveBeenCalled()
  expect(String(warned.mock.calls[0]?.[0])).toMatch(/late trouble/)
})
