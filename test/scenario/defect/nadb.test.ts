/**
 * What went wrong in nadb, one of the five databases this one comes from. Restoring, which dropped its times to live, and
 * incremental backups, which forgot deletions, are not here: there are none yet.
 */
import { describe, expect, test } from 'vitest'
import { table, type } from '../../../src/index.js'
import { ObservedDatabase } from '../../support/observed-database.js'
import { MovableClock, temporaryDatabase } from '../../support/temporary-database.js'

interface Thing {
  id: string
  value?: unknown
  tags?: Set<string> | string[]
  until?: number
}
const Things = table('things', { schema: type<Thing>(), key: ['id'], ttl: 'until' })

describe('nadb: every 1,000th call fails', () => {
  test('none does', async () => {
    const { db } = await temporaryDatabase({ fsync: 'never' })
    const things = db.table(Things)
    for (let n = 0; n < 2500; n++) {
      await things.put({ id: `${n % 50}`, value: n })
      expect((await things.get({ id: `${n % 50}` }))?.value).toBe(n)
    }
  })
})

describe('nadb: timed flush never flushes', () => {
  test('a sync follows within the interval, without anybody asking', async () => {
    const database = new ObservedDatabase({ durability: { kind: 'interval', intervalMs: 5 } })
    const things = database.table(Things)
    for (let round = 0; round < 3; round++) {
      await things.put({ id: 'a', value: round })
      database.files.take()
      await expect.poll(() => database.files.counts.syncs, { interval: 2, timeout: 10_000 }).toBe(1)
    }
  })
})

describe('nadb: TTL of an hour expires at once', () => {
  test('it is there for an hour, and then it is not', async () => {
    const clock = new MovableClock()
    const database = await temporaryDatabase({ clock })
    const things = database.db.table(Things)
    await things.put({ id: 'a', until: clock.seconds + 3600 })
    for (let minute = 0; minute < 60; minute++) {
      expect(await things.get({ id: 'a' })).toBeDefined()
      clock.advance(60)
    }
    expect(await things.get({ id: 'a' })).toBe(undefined)
  })

  test('by the clock of the system too', async () => {
    const { db } = await temporaryDatabase()
    const things = db.table(Things)
    await things.put({ id: 'a', until: Math.floor(Date.now() / 1000) + 3600 })
    await things.put({ id: 'b', until: Math.floor(Date.now() / 1000) - 1 })
    expect(await things.get({ id: 'a' })).toBeDefined()
    expect(await things.get({ id: 'b' })).toBe(undefined)
  })
})

describe('nadb: reads fail during a flush', () => {
  test('they go on, during a flush and during a checkpoint, and see everything', async () => {
    const { db } = await temporaryDatabase({ partitionBytes: 5000, memtableBytes: 1e6 })
    const things = db.table(Things)
    await things.batch((w) => {
      for (let n = 0; n < 2000; n++) w.put({ id: `${n}`, value: 'x'.repeat(1000) })
    })
    let isDone = false
    const flushing = Promise.all([db.flush(), db.checkpoint()]).then(() => (isDone = true))
    let reads = 0
    while (!isDone) {
      expect(await things.get({ id: `${reads % 2000}` })).toBeDefined()
      if (reads % 10 === 0) expect(await things.scan().count()).toBe(2000)
      reads += 1
      await new Promise((resolve) => setImmediate(resolve))
    }
    await flushing
    expect(reads).toBeGreaterThan(3)
  })
})

describe('nadb: value beginning with `CMP:` can’t be read back; a tag with a comma splits', () => {
  test.each(['none', 'deflate'] as const)(
    'compression %s: framing is by length and type, never by content',
    async (compression) => {
      const database = await temporaryDatabase({ compression })
      const things = database.db.table(Things)
      const values = [
        'CMP:',
        'CMP:eJwDAAAAAAE=',
        'CMP:\0',
        Uint8Array.from(Buffer.from('CMP:x')),
        Uint8Array.of(0x78, 0x9c, 3, 0),
      ]
      const texts = [
        'a,b',
        ',',
        '',
        'a\0b',
        '"',
        '\n',
        '{"a":1}',
        'undefined',
        '__proto__',
        'DYNAFILE',
        '\\',
        '%2C',
        '\ufeff',
      ]
      for (const [n, value] of [...values, ...texts].entries()) await things.put({ id: `CMP:${n},`, value })
      await things.put({ id: 'tags', tags: new Set(texts) })
      const look = async () => {
        for (const [n, value] of [...values, ...texts].entries()) {
          expect(await things.get({ id: `CMP:${n},` })).toEqual({ id: `CMP:${n},`, value })
        }
        expect((await things.get({ id: 'tags' }))?.tags).toEqual(new Set(texts))
        expect(await things.scan({ filter: { tags: { contains: 'a,b' } } as never }).count()).toBe(1)
        expect(await things.scan({ filter: { tags: { contains: 'a' } } as never }).count()).toBe(0)
      }
      await look()
      await database.db.checkpoint()
      await look()
    },
  )
})
