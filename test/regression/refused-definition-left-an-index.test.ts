/**
 * A definition that was refused for its second index had already added its first: in memory, without filling it, and
 * with the number of a tree that the next table was given as well after opening again.
 */
import { expect, test } from 'vitest'
import { table, type, ValidationException } from '../../src/index.js'
import { temporaryDatabase } from '../support/temporary-database.js'

interface Thing {
  id: string
  colour?: string
  size?: number
}

test('a definition that is refused changes nothing', async () => {
  const database = await temporaryDatabase()
  const before = table('things', { schema: type<Thing>(), key: ['id'], indexes: { byColour: ['colour'] } })
  const refused = table('things', {
    schema: type<Thing>(),
    key: ['id'],
    indexes: { bySize: ['size'], byColour: ['size'] },
  })
  const things = database.db.table(before)
  await things.put({ id: 'a', colour: 'red', size: 1 })
  expect(() => database.db.table(refused)).toThrow(ValidationException)
  expect(database.db.tables()[0]?.indexes.map(({ name }) => name)).toEqual(['byColour'])

  // The index is not there for readers or writers, and its tree is not given to two.
  await things.put({ id: 'b', colour: 'blue', size: 2 })
  const db = await database.reopen()
  const others = db.table(table('others', { schema: type<Thing>(), key: ['id'] }))
  await others.put({ id: 'x' })
  expect(await others.scan().toArray()).toEqual([{ id: 'x' }])
})
