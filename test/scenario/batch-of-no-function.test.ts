/** What is handed to a batch where no compiler looks. */
import { expect, test } from 'vitest'
import { open, table, type } from '../../src/index.js'

test('a batch of what is no function is refused, and stores nothing', async () => {
  const db = await open('memory:')
  const lines = db.table(table('lines', { schema: type<{ id: string }>(), key: ['id'] }))
  for (const wrong of [5, null, 'x', { put: () => {} }, [{ id: 'a' }]]) {
    await expect(lines.batch(wrong as never)).rejects.toMatchObject({ code: 'BATCH' })
  }
  expect(await lines.scan().toArray()).toEqual([])
  await db.close()
})
