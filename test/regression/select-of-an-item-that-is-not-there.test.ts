/** What a get selects was looked at only when there was an item: a mistake in it showed on some days and not on others. */
import { expect, test } from 'vitest'
import { open, table, type } from '../../src/index.js'

test('a selection that is none is refused, whether there is an item or not', async () => {
  const db = await open('memory:')
  const Notes = table('notes', { schema: type<{ id: string; text: string }>(), key: ['id'] })
  const notes = db.table(Notes)
  await notes.put({ id: 'here', text: 'x' })
  for (const id of ['here', 'not here']) {
    await expect(notes.get({ id }, { select: [] })).rejects.toMatchObject({ code: 'OPTION' })
    await expect(notes.get({ id }, { select: 'text' as never })).rejects.toMatchObject({ code: 'OPTION' })
    const transaction = db.transact((tx) => tx.get(Notes, { id }, { select: [] }))
    await expect(transaction).rejects.toMatchObject({ code: 'OPTION' })
  }
  const snapshot = db.snapshot()
  await expect(snapshot.table(Notes).get({ id: 'not here' }, { select: [] })).rejects.toMatchObject({
    code: 'OPTION',
  })
  snapshot.release()
  await db.close()
})
