/** A batch that was refused because the disk was full had learned the types of keys, and nobody ever stored them. */
import { expect, test } from 'vitest'
import { table, type, UnprocessedItemsError } from '../../src/index.js'
import { Storage } from '../../src/storage/storage.js'
import { temporaryDatabase } from '../support/temporary-database.js'

test('the types of keys are stored with the first batch that is', async () => {
  const database = await temporaryDatabase()
  const things = database.db.table(table('things', { schema: type<{ id: string }>(), key: ['id'] }))
  const { checkWritable } = Storage.prototype
  Storage.prototype.checkWritable = () => {
    throw new Error('the disk is full')
  }
  try {
    const refused = things.batch((writer) => void writer.put({ id: 'a' }))
    await expect(refused).rejects.toThrow(UnprocessedItemsError)
    await expect(refused).rejects.toMatchObject({ unprocessed: [{ put: { id: 'a' } }] })
  } finally {
    Storage.prototype.checkWritable = checkWritable
  }
  await things.batch((writer) => void writer.put({ id: 'a' }))
  const db = await database.reopen()
  expect(db.tables()).toMatchObject([{ name: 'things', keyTypes: ['S'] }])
})
