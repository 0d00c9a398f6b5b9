/**
 * Whether a commit told listeners was decided when it was queued: who subscribed while one was on its way, and then read, neither
 * found it nor was told of it. And who came while nobody else listened could hear of a change before it and of
 * one behind it, and not of that one.
 */
import { expect, test } from 'vitest'
import { type Change, open, table, type } from '../../src/index.js'
import { temporaryFolder } from '../support/temporary-database.js'

interface Thing {
  id: number
  v?: number
  until?: number
}
const Things = table('things', { schema: type<Thing>(), key: ['id'], ttl: 'until' })
const Indexed = table('indexed', { schema: type<Thing>(), key: ['id'], indexes: { byV: { key: ['v'] } } })

const said = ({ type, key, old, new: next }: Change<Thing>) => [type, key.id, old?.v, next?.v]

for (const where of ['memory:', 'a folder']) {
  for (const definition of [Things, Indexed]) {
    test(`what is queued is heard of: ${definition.name} in ${where}`, async () => {
      const db = await open(where === 'memory:' ? where : temporaryFolder())
      const things = db.table(definition)
      await things.put({ id: 1, v: 1 })
      await things.put({ id: 2, v: 1 })
      const queued = [
        things.put({ id: 1, v: 2 }),
        things.update({ id: 1 }, { set: { v: 3 } }),
        things.delete({ id: 2 }),
        things.delete({ id: 99 }),
        things.put({ id: 3, v: 1 }, { if: { id: { exists: false } } }),
        db.transact((tx) => {
          tx.put(definition, { id: 4, v: 1 })
          tx.put(definition, { id: 1, v: 4 })
        }),
      ]
      const heard: Change<Thing>[] = []
      const subscription = things.on('change', (change) => heard.push(change))
      expect((await things.scan().toArray()).map(({ v }) => v)).toEqual([1, 1])
      queued.push(things.put({ id: 1, v: 5 }))
      await Promise.all(queued)
      const of1 = heard.filter(({ key }) => key.id === 1).map(said)
      const chain = [1, 2, 3, 4, 5]
      expect(of1).toEqual(chain.slice(1).map((v, i) => [i === 1 ? 'update' : 'put', 1, chain[i], v]))
      const others = heard.filter(({ key }) => key.id !== 1).map(said)
      expect(others).toEqual([
        ['delete', 2, 1, undefined],
        ['put', 3, undefined, 1],
        ['put', 4, undefined, 1],
      ])
      const numbers = heard.map(({ seq }) => Number(seq))
      expect(numbers).toEqual(numbers.toSorted((a, b) => a - b))
      expect(new Set(numbers).size).toBe(numbers.length)
      subscription[Symbol.dispose]()
      await db.close()
    })
  }
}

test('so is what was put together in a batch, and what is stored of it is the same', async () => {
  const db = await open(temporaryFolder())
  const things = db.table(Things)
  await things.batch((w) => {
    for (let id = 0; id < 10; id++) w.put({ id, v: 0 })
  })
  const heard: Change<Thing>[] = []
  const writer = things.batch()
  for (let id = 0; id < 200; id++) writer.put({ id, v: 1 })
  for (let id = 5; id < 15; id++) writer.delete({ id })
  const flushed = writer.flush()
  // All of it is queued then, and not acknowledged before the disk has it.
  for (let i = 0; i < 5; i++) await undefined
  things.on('change', (change) => heard.push(change))
  const seen = new Map((await things.scan().toArray()).map(({ id, v }) => [id, v]))
  expect(seen.size).toBe(10)
  await flushed
  expect(heard).toHaveLength(210)
  const first = Number(heard[0]!.seq)
  expect(heard.map(({ seq }) => Number(seq))).toEqual(heard.map((_, i) => first + i))
  for (const { at } of heard) expect(Math.abs(Date.now() - at)).toBeLessThan(60_000)
  for (const { key, old, new: next } of heard) {
    const id = key.id as number
    expect(old?.v).toBe(seen.get(id))
    if (next === undefined) seen.delete(id)
    else seen.set(id, next.v)
  }
  const stored = new Map((await things.scan().toArray()).map(({ id, v }) => [id, v]))
  expect(seen).toEqual(stored)
  expect(stored.size).toBe(190)
  await db.close()
})

test('who comes while nobody listens misses nothing between two changes', async () => {
  const db = await open('memory:')
  const things = db.table(Things)
  const a = things.on('change', () => {})
  const queued = [things.put({ id: 1, v: 1 })]
  a[Symbol.dispose]()
  queued.push(things.put({ id: 1, v: 2 }))
  const heard: Change<Thing>[] = []
  things.on('change', (change) => heard.push(change))
  queued.push(things.put({ id: 1, v: 3 }))
  await Promise.all(queued)
  expect(heard.map(said)).toEqual([
    ['put', 1, undefined, 1],
    ['put', 1, 1, 2],
    ['put', 1, 2, 3],
  ])
  await db.close()
})

test('who comes when a change is told is not told of what it sees already', async () => {
  const db = await open('memory:')
  const things = db.table(Things)
  const others = db.table(table('others', { schema: type<Thing>(), key: ['id'] }))
  const heard: Change<Thing>[] = []
  let seen: Promise<Thing | undefined> | undefined
  others.on('change', () => {
    things.on('change', (change) => heard.push(change))
    seen = things.get({ id: 1 })
  })
  await Promise.all([others.put({ id: 1 }), things.put({ id: 1, v: 7 })])
  expect(await seen).toEqual({ id: 1, v: 7 })
  expect(heard).toEqual([])
  await db.close()
})

test('nor is a second one, of what is visible by then', async () => {
  const db = await open('memory:')
  const things = db.table(Things)
  const heard: Change<Thing>[] = []
  let seen: Promise<Thing[]> | undefined
  things.on('change', () => {
    if (seen !== undefined) return
    things.on('change', (change) => heard.push(change))
    seen = things.scan().toArray()
  })
  await Promise.all([1, 2, 3].map((id) => things.put({ id })))
  expect(await seen).toHaveLength(3)
  expect(heard).toEqual([])
  await things.put({ id: 4 })
  expect(heard.map(said)).toEqual([['put', 4, undefined, undefined]])
  await db.close()
})

test('who comes from code that a write runs is told what was there before it', async () => {
  type Run = (things: ReturnType<typeof tableOf>, listen: () => boolean) => Promise<unknown>
  const tableOf = (db: Awaited<ReturnType<typeof open>>) => db.table(Things)
  const nested = (listen: () => boolean) => ({
    get y() {
      listen()
      return 2
    },
  })
  const runs: Run[] = [
    (things, listen) => things.put({ id: 1, v: 2 }, { if: () => listen() }),
    (things, listen) => things.update({ id: 1 }, { set: { v: 2, x: nested(listen) } as never }),
    (things, listen) => things.put({ id: 1, v: 2, x: nested(listen) } as never),
  ]
  for (const run of runs) {
    const db = await open('memory:')
    const things = tableOf(db)
    await things.put({ id: 1, v: 1 })
    const heard: Change<Thing>[] = []
    let isListening = false
    const listen = () => {
      if (!isListening) things.on('change', (change) => heard.push(change))
      isListening = true
      return true
    }
    await run(things, listen)
    expect(heard.map(({ old, new: next }) => [old?.v, next?.v])).toEqual([[1, 2]])
    await db.close()
  }
  const db = await open('memory:')
  await db.table(Things).put({ id: 1, v: 1 })
  const heard: Change<Thing>[] = []
  await db.transact((tx) => {
    tx.put(Things, { id: 1, v: 2 })
    const listen = () => {
      if (heard.length === 0) db.table(Things).on('change', (change) => heard.push(change))
      return true
    }
    tx.put(Things, { id: 2, v: 2 }, { if: listen })
  })
  expect(heard.find(({ key }) => key.id === 1)?.old).toEqual({ id: 1, v: 1 })
  await db.close()
})
