/** A batch while the disk fails: everything is stored or handed back. */
import { expect, test } from 'vitest'
import { table, type, UnprocessedItemsError } from '../../src/index.js'
import { ObservedDatabase } from '../support/observed-database.js'

interface Line {
  page: string
  line: number
}
const Lines = table('lines', { schema: type<Line>(), key: ['page', 'line'] })

test('when the disk fails, all that was not stored is handed back, ready to be tried again', async () => {
  const database = new ObservedDatabase()
  const lines = database.table(Lines)
  await lines.put({ page: 'a', line: 0 })
  database.files.failure = 'EIO'
  const failing = lines.batch((writer) => {
    for (let n = 1; n <= 5; n++) writer.put({ page: 'a', line: n })
    writer.delete({ page: 'a', line: 0 })
  })
  const failure = (await failing.catch((thrown: unknown) => thrown)) as UnprocessedItemsError
  expect(failure).toBeInstanceOf(UnprocessedItemsError)
  expect(failure.unprocessed).toEqual([
    ...[1, 2, 3, 4, 5].map((line) => ({ put: { page: 'a', line } })),
    { delete: { page: 'a', line: 0 } },
  ])
  expect(failure.cause).toMatchObject({ code: 'WRITE_FAILED' })

  // The disk works again, but nothing is written before the database was opened again.
  database.files.failure = undefined
  const later = (await lines
    .batch((w) => void w.put({ page: 'a', line: 9 }))
    .catch((thrown: unknown) => thrown)) as UnprocessedItemsError
  expect(later.unprocessed).toEqual([{ put: { page: 'a', line: 9 } }])
  expect(later.cause).toMatchObject({ outcome: 'not written' })
  expect(await lines.scan().toArray()).toEqual([{ page: 'a', line: 0 }])
})
