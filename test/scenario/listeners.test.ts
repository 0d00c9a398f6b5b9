/** Who listens is told of every change after it is committed, in the order of commits, and can do no harm. */
import { expect, onTestFinished, test, vi } from 'vitest'
import { type Change, table, type } from '../../src/index.js'
import { ObservedDatabase } from '../support/observed-database.js'
import { MovableClock, temporaryDatabase } from '../support/temporary-database.js'

interface Thing {
  id: string
  n: number
  tags?: string[]
  until?: number
}
const Things = table('things', { schema: type<Thing>(), key: ['id'], ttl: 'until' })

test('each change comes once, with the old and the new item, in the order of commits', async () => {
  const { db } = await temporaryDatabase()
  const things = db.table(Things)
  const changes: Change<Thing>[] = []
  things.on('change', (change) => changes.push(change))
  await Promise.all([
    things.put({ id: 'a', n: 1 }),
    things.update({ id: 'a' }, { add: { n: 1 } }),
    things.put({ id: 'b', n: 5 }),
    things.delete({ id: 'a' }),
    things.delete({ id: 'nothing' }),
    things.put({ id: 'b', n: 6 }, { if: { n: 99 } }).catch(() => {}),
  ])
  await things.batch((w) => void w.put({ id: 'c', n: 1 }).delete({ id: 'b' }))
  const told = changes.map(({ type, key, old, new: next }) => ({ type, key, old, next }))
  expect(told).toEqual([
    { type: 'put', key: { id: 'a' }, old: undefined, next: { id: 'a', n: 1 } },
    { type: 'update', key: { id: 'a' }, old: { id: 'a', n: 1 }, next: { id: 'a', n: 2 } },
    { type: 'put', key: { id: 'b' }, old: undefined, next: { id: 'b', n: 5 } },
    { type: 'delete', key: { id: 'a' }, old: { id: 'a', n: 2 }, next: undefined },
    { type: 'put', key: { id: 'c' }, old: undefined, next: { id: 'c', n: 1 } },
    { type: 'delete', key: { id: 'b' }, old: { id: 'b', n: 5 }, next: undefined },
  ])
  const numbers = changes.map(({ seq }) => Number(seq))
  expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b))
  for (const { table: name, at } of changes) {
    expect(name).toBe('things')
    expect(Math.abs(at - Date.now())).toBeLessThan(60_000)
  }
})

test('a listener is called after the commit: it reads what was written, and the writer waits for it', async () => {
  const { db } = await temporaryDatabase()
  const things = db.table(Things)
  const seen: unknown[] = []
  things.on('change', ({ key }) => seen.push(things.get({ id: key.id! })))
  await things.put({ id: 'a', n: 1 })
  expect(seen).toHaveLength(1)
  expect(await seen[0]).toEqual({ id: 'a', n: 1 })
})

test('a write that fails is told to nobody', async () => {
  const database = new ObservedDatabase()
  const things = database.table(Things)
  await things.put({ id: 'a', n: 0 })
  const listener = vi.fn()
  things.on('change', listener)
  await things.put({ id: 'a', n: Number.NaN }).catch(() => {})
  await things.put({ id: 'a', n: 1 }, { if: { n: 99 } }).catch(() => {})
  await things.update({ id: 'a' }, { set: { n: 'x' as unknown as number }, add: { n: 1 } }).catch(() => {})
  database.files.failure = 'EIO'
  await expect(things.put({ id: 'a', n: 2 })).rejects.toMatchObject({ code: 'WRITE_FAILED' })
  await expect(things.delete({ id: 'a' })).rejects.toMatchObject({ code: 'WRITE_FAILED' })
  expect(listener).not.toHaveBeenCalled()
  expect(await things.get({ id: 'a' })).toEqual({ id: 'a', n: 0 })
})

test('one that throws harms neither the write nor the others', async () => {
  const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
  onTestFinished(() => warned.mockRestore())
  const { db } = await temporaryDatabase()
  const things = db.table(Things)
  const seen: unknown[] = []
  things.on('change', () => {
    throw new Error('a broken listener')
  })
  things.on('change', ({ new: next }) => seen.push(next?.n))
  for (let n = 0; n < 3; n++) await things.put({ id: 'a', n })
  expect(seen).toEqual([0, 1, 2])
  expect((await things.get({ id: 'a' }))?.n).toBe(2)
  expect(warned).toHaveBeenCalledTimes(3)
  expect(String(warned.mock.calls[0]![0])).toContain('a broken listener')
})

test('what one does to the items of a change harms nobody', async () => {
  const { db } = await temporaryDatabase()
  const things = db.table(Things)
  const vandal = (change: Change<Thing>) => {
    for (const item of [change.old, change.new]) {
      if (item === undefined) continue
      item.n = -1
      item.tags?.push('vandalised')
      ;(item as { id?: string }).id = 'other'
    }
    Object.assign(change.key, { id: 'other' })
  }
  const seen: Change<Thing>[] = []
  things.on('change', vandal)
  things.on('change', (change) => seen.push(change))
  things.on('change', vandal)
  const tags = ['a']
  await things.put({ id: 'a', n: 1, tags })
  const updated = await things.update({ id: 'a' }, { append: { tags: ['b'] } })
  expect(updated).toEqual({ id: 'a', n: 1, tags: ['a', 'b'] })
  expect(await things.get({ id: 'a' })).toEqual(updated)
  expect(tags).toEqual(['a'])
  expect(seen.map(({ key }) => key)).toEqual([{ id: 'a' }, { id: 'a' }])
})

test('one may write, listen and stop listening while it is told', async () => {
  const { db } = await temporaryDatabase()
  const things = db.table(Things)
  const writes: Promise<unknown>[] = []
  const late = vi.fn()
  const first = things.on('change', ({ new: next }) => {
    if (next!.n < 5) writes.push(things.put({ id: next!.id, n: next!.n + 1 }))
    else first[Symbol.dispose]()
    if (next!.n === 3) things.on('change', late)
  })
  await things.put({ id: 'a', n: 0 })
  while (writes.length > 0) await writes.shift()
  expect((await things.get({ id: 'a' }))?.n).toBe(5)
  expect(late.mock.calls.map(([{ new: next }]) => (next as Thing).n)).toEqual([4, 5])
  await things.put({ id: 'a', n: 0 })
  expect(writes).toEqual([])
})

test('who stopped listening hears nothing more, and the same function may listen twice', async () => {
  const { db } = await temporaryDatabase()
  const things = db.table(Things)
  const listener = vi.fn()
  const first = things.on('change', listener)
  const second = things.on('change', listener)
  await things.put({ id: 'a', n: 1 })
  first[Symbol.dispose]()
  first[Symbol.dispose]()
  await things.put({ id: 'a', n: 2 })
  second[Symbol.dispose]()
  await things.put({ id: 'a', n: 3 })
  expect(listener).toHaveBeenCalledTimes(3)
  expect(() => things.on('changes' as 'change', listener)).toThrow(expect.objectContaining({ code: 'OPTION' }))
})

test('an item whose time was over is no old item', async () => {
  const clock = new MovableClock()
  const { db } = await temporaryDatabase({ clock })
  const things = db.table(Things)
  const changes: Change<Thing>[] = []
  things.on('change', (change) => changes.push(change))
  await things.put({ id: 'a', n: 1, until: clock.seconds + 10 })
  await things.put({ id: 'b', n: 1, until: clock.seconds + 10 })
  clock.advance(10)
  await things.put({ id: 'a', n: 2 })
  await things.delete({ id: 'b' })
  expect(changes.map(({ type, old }) => [type, old])).toEqual([
    ['put', undefined],
    ['put', undefined],
    ['put', undefined],
  ])
})
