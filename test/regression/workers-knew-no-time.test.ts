/**
 * A filter that asks `now()` was refused where a scan has workers, "there is no clock here", though each of them was told
 * the time: the scan read the filter once more without a clock, only to see whether it is one.
 */
import { expect, test, vi } from 'vitest'
import { open, table, type } from '../../src/index.js'
import { MovableClock, temporaryDatabase } from '../support/temporary-database.js'

vi.mock('../../src/engine/scan/worker-file.js', async () => {
  const { builtWorker } = await import('../support/built-worker.js')
  return { workerFile: await builtWorker('engine/scan/scan-worker') }
})

interface Task {
  id: string
  due: number
  isOpen: boolean
}
const Tasks = table('tasks', { schema: type<Task>(), key: ['id'] })
const FILTER = 'due < now()'

/** Half of them due before the clock's time, which is years ahead of the system's. */
const tasks = (clock: MovableClock): Task[] =>
  Array.from({ length: 400 }, (_, n) => ({
    id: `task ${n}`,
    due: clock.seconds + (n % 2 === 0 ? -10 : 10),
    isOpen: n % 4 === 0,
  }))

for (const place of ['a folder', 'memory:']) {
  test(`workers go by the clock of the database, in ${place}`, async () => {
    const clock = new MovableClock(4_000_000_000_000)
    const db = place === 'memory:' ? await open(place, { clock }) : (await temporaryDatabase({ clock })).db
    const things = db.table(Tasks)
    await things.batch((writer) => {
      for (const task of tasks(clock)) writer.put(task)
    })
    await db.checkpoint()
    // Some in memory, too.
    await things.put({ id: 'late', due: clock.seconds - 1, isOpen: true })
    for (const workers of [1, 3]) {
      const due = things.scan({ filter: FILTER, workers })
      expect(await due.count()).toBe(201)
      expect(await due.toArray()).toHaveLength(201)
      expect((await due.first())!.due).toBeLessThan(clock.seconds)
      expect(await things.scan({ workers }).where(FILTER).where({ isOpen: true }).count()).toBe(101)
      expect(await things.scan({ workers }).where('isOpen').where('not (due < now())').count()).toBe(0)
      expect(await due.orderBy('id').toArray()).toHaveLength(201)
    }
    const snapshot = db.snapshot()
    clock.advance(60)
    expect(await things.scan({ filter: FILTER, workers: 2 }).count()).toBe(401)
    // A snapshot is of its own moment, in whichever thread it is read.
    expect(await snapshot.table(Tasks).scan({ filter: FILTER, workers: 2 }).count()).toBe(201)
    snapshot.release()
    if (place === 'memory:') await db.close()
  })
}

for (const place of ['a folder', 'memory:']) {
  test(`all of a scan is of one moment, in ${place}`, async () => {
    // A second later each time that somebody looks.
    let now = 4_000_000_000_000
    const clock = { now: () => (now += 1000) }
    const db = place === 'memory:' ? await open(place, { clock }) : (await temporaryDatabase({ clock })).db
    const things = db.table(Tasks)
    // More than a page of them, each with a second of its own.
    const count = 15_000
    await things.batch((writer) => {
      for (let n = 0; n < count; n++) writer.put({ id: `task ${n}`, due: n, isOpen: true })
    })
    await db.checkpoint()
    now = (count / 2) * 1000
    const found = await things.scan({ filter: FILTER, workers: 2 }).toArray()
    const latest = found.reduce((most, { due }) => Math.max(most, due), 0)
    expect(latest).toBeLessThan(count - 1)
    expect(found).toHaveLength(latest + 1)
    if (place === 'memory:') await db.close()
  })
}

test('what is no filter is refused with workers as without', async () => {
  const { db } = await temporaryDatabase()
  const things = db.table(Tasks)
  const refused = (workers: number | undefined) =>
    things
      .scan({ filter: 'due < never()', ...(workers !== undefined && { workers }) })
      .count()
      .catch(({ code, message }) => ({ code, message }))
  expect(await refused(2)).toMatchObject({ code: 'FILTER_SYNTAX' })
  expect(await refused(2)).toEqual(await refused(undefined))
})
