/**
 * Writes of many kinds at once, most of which lend what they write: each must find what those before it have left, whether
 * that is written by then or not, and code of the caller's that runs meanwhile must not get its bytes in between.
 */
import { describe, expect, test } from 'vitest'
import { type Change, ConditionalCheckFailedException, ddb, open, table, type } from '../../src/index.js'
import { SeededRandom } from '../support/random.js'
import { temporaryDatabase } from '../support/temporary-database.js'

interface Thing {
  readonly pk: string
  readonly sk: string
  readonly n?: number
  readonly text?: string
  readonly more?: object
}

const Things = table('things', { schema: type<Thing>(), key: ['pk', 'sk'] })
const Others = table('others', { schema: type<Thing>(), key: ['pk', 'sk'] })

type Model = Map<string, Thing>
const nameOf = ({ pk, sk }: Pick<Thing, 'pk' | 'sk'>) => `${pk}/${sk}`

describe.each(['never', 'always'] as const)('with fsync: %s', (fsync) => {
  test('whatever is under way, each write finds what those before it left', async () => {
    const rounds = Number(process.env['ROUNDS'] ?? 25)
    for (let seed = 1; seed <= rounds; seed++) {
      const random = new SeededRandom(seed)
      const { db, reopen } = await temporaryDatabase({ fsync, memtableBytes: 64 * 1024 })
      const tables = [db.table(Things), db.table(Others)] as const
      const models: readonly [Model, Model] = [new Map(), new Map()]
      const told: Change<Thing>[] = []
      const expectedTold: (readonly [type: string, name: string, n: number | undefined])[] = []
      let listener: Disposable | undefined
      const waiting: Promise<unknown>[] = []
      for (let step = 0; step < 300; step++) {
        const which = random.below(2) as 0 | 1
        const [things, model] = [tables[which], models[which]]
        const key = { pk: `p${random.below(3)}`, sk: `s${random.below(4)}` }
        const name = nameOf(key)
        const old = model.get(name)
        const item = { ...key, n: step, text: '.'.repeat(random.pick([0, 10, 300])), more: { step: [step] } }
        const where = `SEED=${seed}, step ${step}, of ${name}`
        const told1 = (type: string, n: number | undefined) => {
          if (listener !== undefined && which === 0) expectedTold.push([type, name, n])
        }
        const choice = random.next()
        if (choice < 0.35) {
          waiting.push(things.put(item))
          model.set(name, item)
          told1('put', step)
        } else if (choice < 0.5) {
          const limit = random.below(300)
          const put = things.put(item, { if: ddb`n < ${limit}` })
          if (old?.n !== undefined && old.n < limit) {
            waiting.push(put)
            model.set(name, item)
            told1('put', step)
          } else waiting.push(expect(put, where).rejects.toThrow(ConditionalCheckFailedException))
        } else if (choice < 0.65) {
          const update = random.pick([{ set: { n: step } }, { add: { n: 1 } }, { set: { text: `t${step}` } }])
          const add = 'add' in update ? (old?.n ?? 0) + 1 : undefined
          const updated = { ...key, ...old, ...('set' in update ? update.set : { n: add! }) }
          const isAsked = random.chance(0.5)
          const answer = isAsked ? things.update(key, update) : things.update(key, update, { return: 'none' })
          waiting.push(expect(answer, where).resolves.toEqual(isAsked ? updated : undefined))
          model.set(name, updated)
          told1('update', updated.n)
        } else if (choice < 0.75) {
          waiting.push(things.delete(key, { return: 'none' }))
          model.delete(name)
          if (old !== undefined) told1('delete', undefined)
        } else if (choice < 0.8) {
          waiting.push(expect(things.delete(key), where).resolves.toEqual(old))
          model.delete(name)
          if (old !== undefined) told1('delete', undefined)
        } else if (choice < 0.85) {
          const batch = things.batch()
          for (let n = 0; n < 3; n++) batch.put({ ...item, sk: `s${n}` })
          waiting.push(batch.flush())
          // A batch asks for room first: what is put meanwhile may be before it.
          await Promise.all(waiting.splice(0))
          for (let n = 0; n < 3; n++) model.set(nameOf({ ...key, sk: `s${n}` }), { ...item, sk: `s${n}` })
          if (listener !== undefined && which === 0) {
            for (let n = 0; n < 3; n++) expectedTold.push(['put', nameOf({ ...key, sk: `s${n}` }), step])
          }
        } else if (choice < 0.88 && listener === undefined) {
          // Everything that is queued is told, too.
          await Promise.all(waiting.splice(0))
          listener = tables[0].on('change', (change) => told.push(change))
        } else if (choice < 0.9) {
          await Promise.all(waiting.splice(0))
          expect(await things.get(key), where).toEqual(old)
        } else if (choice < 0.91) waiting.push(db.compact())
        else if (random.chance(0.5)) await Promise.resolve()
      }
      await Promise.all(waiting)
      for (const [i, model] of models.entries()) {
        const found = await tables[i as 0 | 1].scan().toArray()
        expect(new Map(found.map((item) => [nameOf(item), item])), `SEED=${seed}`).toEqual(model)
      }
      expect(
        told.map((change) => [change.type, nameOf(change.key as Thing), change.new?.n]),
        `SEED=${seed}`,
      ).toEqual(expectedTold)
      expect((await db.verify()).problems).toEqual([])
      await db.close()
      const again = await reopen()
      for (const [i, model] of models.entries()) {
        const found = await again
          .table(i === 0 ? Things : Others)
          .scan()
          .toArray()
        expect(new Map(found.map((item) => [nameOf(item), item])), `SEED=${seed}, opened again`).toEqual(model)
      }
      await again.close()
    }
  })
})

describe('code of the caller’s that writes while a write is read', () => {
  const ITEM = { pk: 'p', sk: 's', n: 1, text: 'the one that is meant' }

  /** An object whose property runs code when it is read. */
  function computed<T extends object>(plain: T, name: keyof T, run: () => void): T {
    const value = plain[name]
    return Object.defineProperty({ ...plain }, name, {
      enumerable: true,
      get() {
        run()
        return value
      },
    })
  }

  async function opened(clock?: { now(): number }) {
    const db = await open('memory:', clock === undefined ? {} : { clock })
    const [things, others] = [db.table(Things), db.table(Others)]
    for (const each of [things, others]) await each.put({ ...ITEM, sk: 'before', n: 0 })
    let count = 0
    const intrude = () => {
      count += 1
      const sk = `intruder ${count}`
      void others.put({ ...ITEM, sk, text: 'an intruder, and a long one '.repeat(9) })
      void others.update({ pk: 'p', sk: 'before' }, { set: { n: count } })
      void others.get({ pk: 'p', sk: 'x'.repeat(50) })
    }
    return { db, things, others, intrude, intruders: () => count }
  }

  test.each<[string, (at: Awaited<ReturnType<typeof opened>>) => Promise<unknown>]>([
    ['a getter of the item', ({ things, intrude }) => things.put(computed(ITEM, 'text', intrude))],
    ['a getter of its key', ({ things, intrude }) => things.put(computed(ITEM, 'sk', intrude))],
    [
      'a getter inside of it',
      async ({ things, intrude }) => {
        await things.put({ ...ITEM, more: computed({ a: 1 }, 'a', intrude) })
        await things.update({ pk: 'p', sk: 's' }, ddb`REMOVE more`)
      },
    ],
    [
      'a value of a condition',
      ({ things, intrude }) =>
        things.put(ITEM, { if: { expression: 'sk <> :x', values: computed({ ':x': 'no' }, ':x', intrude) } }),
    ],
    [
      'a value of an update',
      async ({ things, intrude }) => {
        await things.put({ ...ITEM, n: 0 })
        await things.update({ pk: 'p', sk: 's' }, { set: computed({ n: 1 }, 'n', intrude) }, { return: 'none' })
      },
    ],
    [
      'the key of an update',
      async ({ things, intrude }) => {
        await things.put({ ...ITEM, n: 0 })
        const key = computed({ pk: 'p', sk: 's' }, 'pk', intrude)
        expect(await things.update(key, { add: { n: 1 } })).toEqual(ITEM)
      },
    ],
    [
      'the key of a delete',
      async ({ things, intrude }) => {
        await things.put(ITEM)
        await things.put({ ...ITEM, sk: 'gone' })
        await things.delete(computed({ pk: 'p', sk: 'gone' }, 'sk', intrude), { return: 'none' })
      },
    ],
  ])('%s', async (_name, write) => {
    const at = await opened()
    await write(at)
    expect(at.intruders()).toBeGreaterThan(0)
    expect(await at.things.scan().toArray()).toEqual([{ ...ITEM, sk: 'before', n: 0 }, ITEM])
    expect(await at.others.scan().count()).toBe(1 + at.intruders())
    expect((await at.db.verify()).problems).toEqual([])
    await at.db.close()
  })

  test('the clock', async () => {
    let isRinging = false
    let ring = () => {}
    const at = await opened({
      now() {
        if (isRinging) {
          isRinging = false
          ring()
        }
        return 1_800_000_000_000
      },
    })
    ring = at.intrude
    const again = async (write: () => Promise<unknown>) => {
      isRinging = true
      await write()
      expect(isRinging).toBe(false)
    }
    await again(() => at.things.put({ ...ITEM, n: 0 }))
    await again(() => at.things.update({ pk: 'p', sk: 's' }, { add: { n: 1 } }, { return: 'none' }))
    await again(() => at.things.put(ITEM, { if: ddb`n = ${1}` }))
    await again(() => at.things.delete({ pk: 'p', sk: 'before' }, { return: 'none' }))
    expect(await at.things.scan().toArray()).toEqual([ITEM])
    expect(await at.others.scan().count()).toBe(1 + at.intruders())
    await at.db.close()
  })

  test('an item that drops its table is refused, and one that adds a listener is told of', async () => {
    const at = await opened()
    const dropping = computed(ITEM, 'text', () => void at.db.dropTable('things'))
    await expect(at.things.put(dropping)).rejects.toThrow(/things/)
    const told: string[] = []
    const listening = computed({ ...ITEM, more: {} }, 'more', () => {
      at.others.on('change', ({ type, key }) => told.push(`${type} ${(key as Thing).sk}`))
    })
    await at.others.put(listening)
    await at.others.delete({ pk: 'p', sk: 's' }, { return: 'none' })
    expect(told).toEqual(['put s', 'delete s'])
    await at.db.close()
  })
})
