/**
 * The cursor of a table that was dropped was taken by the next table of its name; through an index with another key it
 * ended as damage that there was not.
 */
import { expect, it } from 'vitest'
import { open, table, type } from '../../src/index.js'

interface Row {
  id: string
  tag: string
}

const Rows = table('rows', { schema: type<Row>(), key: ['id'], indexes: { byTag: ['tag', 'id'] } })

it('a cursor of a dropped table, or of a dropped index, is refused', async () => {
  const db = await open('memory:')
  let rows = db.table(Rows)
  const fill = async () => {
    for (const id of ['a', 'b', 'c']) await rows.put({ id, tag: 'x' })
  }
  await fill()
  const ofTable = await rows.scan({ limit: 1 }).page()
  const ofIndex = await rows.index('byTag').query({ tag: 'x' }, { limit: 1 }).page()
  await db.dropIndex('rows', 'byTag')
  rows = db.table(Rows)
  await rows.index('byTag').ready()
  const again = (cursor: string | undefined) =>
    rows.index('byTag').query({ tag: 'x' }, { limit: 1, cursor: cursor! }).page()
  await expect(again(ofIndex.cursor)).rejects.toMatchObject({ code: 'CURSOR' })
  expect((await rows.scan({ limit: 1, cursor: ofTable.cursor! }).page()).items).toHaveLength(1)

  const ofNewIndex = await rows.index('byTag').query({ tag: 'x' }, { limit: 1 }).page()
  await db.dropTable('rows')
  rows = db.table(Rows)
  await fill()
  await expect(rows.scan({ limit: 1, cursor: ofTable.cursor! }).page()).rejects.toMatchObject({ code: 'CURSOR' })
  await expect(again(ofNewIndex.cursor)).rejects.toMatchObject({ code: 'CURSOR' })
  await db.close()
})
