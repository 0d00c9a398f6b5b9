/**
 * A batch took writes after its function had ended, and nobody stored them: `forEach(async …)` in a batch lost its items without
 * a word.
 */
import { expect, test } from 'vitest'
import { open, table, type } from '../../src/index.js'

test('a batch whose function has ended takes nothing more', async () => {
  const db = await open('memory:')
  const items = db.table(table('items', { schema: type<{ id: string }>(), key: ['id'] }))
  const late: Promise<unknown>[] = []
  const put = async (writer: { put(item: { id: string }): unknown }, id: string) => {
    await new Promise((resolve) => setTimeout(resolve, 5))
    writer.put({ id })
  }
  await items.batch((writer) => {
    writer.put({ id: 'first' })
    for (const id of ['a', 'b']) late.push(put(writer, id).catch((failure: unknown) => failure))
  })
  for (const failure of await Promise.all(late)) {
    expect(failure).toMatchObject({ name: 'ValidationException', code: 'BATCH' })
  }
  let held: { delete(key: { id: string }): unknown } | undefined
  const failing = items.batch((writer) => {
    held = writer
    throw new Error('no')
  })
  await expect(failing).rejects.toThrow('no')
  expect(() => held!.delete({ id: 'first' })).toThrow('its function has ended')
  expect(await items.scan().toArray()).toEqual([{ id: 'first' }])
  await db.close()
})
