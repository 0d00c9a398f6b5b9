/** Unique keys in a transaction: what counts is who has which after all of it, in whatever order it is written down. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Database, TransactionCanceledException, table, type } from '../../../src/index.js'
import { type Driver, rounds } from '../contract.js'

interface Person {
  id: string
  name?: string
  phones?: string[]
  seat?: number
}
const People = table('people', {
  schema: type<Person>(),
  key: ['id'],
  indexes: {
    byName: { key: ['name'], unique: true },
    byPhone: { key: ['phones'], multi: 'phones', unique: true },
    bySeat: ['seat'],
  },
})

export function uniqueExchange(driver: Driver): void {
  async function filled(...people: Person[]): Promise<Database> {
    const { db } = await driver.open()
    for (const person of people) await db.table(People).put(person)
    return db
  }

  /** The ids by their names, as the index has them. */
  async function names(db: Database): Promise<Record<string, string>> {
    expect((await db.verify()).problems).toEqual([])
    const people = await db.table(People).index('byName').scan().toArray()
    return Object.fromEntries(people.map(({ id, name }) => [name, id]))
  }

  describe('in one transaction', () => {
    test('two items exchange their keys', async () => {
      const db = await filled({ id: '1', name: 'Ada' }, { id: '2', name: 'Bob' })
      await db.transact((tx) => tx.put(People, { id: '1', name: 'Bob' }).put(People, { id: '2', name: 'Ada' }))
      expect(await names(db)).toEqual({ Ada: '2', Bob: '1' })
      await db.transact((tx) => {
        tx.update(People, { id: '1' }, { set: { name: 'Ada' } }).update(People, { id: '2' }, { set: { name: 'Bob' } })
      })
      expect(await names(db)).toEqual({ Ada: '1', Bob: '2' })
      await expect(db.table(People).put({ id: '3', name: 'Ada' })).rejects.toMatchObject({ holder: { id: '1' } })
    })

    test('three rotate them', async () => {
      const db = await filled({ id: '1', name: 'a' }, { id: '2', name: 'b' }, { id: '3', name: 'c' })
      await db.transact((tx) => {
        tx.put(People, { id: '1', name: 'b' }).put(People, { id: '2', name: 'c' }).put(People, { id: '3', name: 'a' })
      })
      expect(await names(db)).toEqual({ a: '3', b: '1', c: '2' })
    })

    test('a chain moves up, whichever is written first', async () => {
      for (const isForwards of [true, false]) {
        const db = await filled(...[1, 2, 3, 4].map((n) => ({ id: String(n), name: `n${n}` })))
        await db.transact((tx) => {
          const ids = isForwards ? [1, 2, 3, 4] : [4, 3, 2, 1]
          for (const n of ids) tx.update(People, { id: String(n) }, { set: { name: `n${n + 1}` } })
        })
        expect(await names(db)).toEqual({ n2: '1', n3: '2', n4: '3', n5: '4' })
      }
    })

    test('an item takes the key of one that goes, or that gives it up', async () => {
      const db = await filled({ id: '1', name: 'a' }, { id: '2', name: 'b' })
      await db.transact((tx) => tx.put(People, { id: '3', name: 'a' }).delete(People, { id: '1' }))
      await db.transact((tx) =>
        tx.put(People, { id: '4', name: 'b' }).update(People, { id: '2' }, { remove: ['name'] }),
      )
      expect(await names(db)).toEqual({ a: '3', b: '4' })
    })

    test('elements of lists pass from one item to the other', async () => {
      const db = await filled({ id: '1', phones: ['x', 'y'] }, { id: '2', phones: ['z'] })
      await db.transact((tx) => tx.put(People, { id: '1', phones: ['z', 'y'] }).put(People, { id: '2', phones: ['x'] }))
      const holder = async (phone: string) =>
        (await db.table(People).index('byPhone').query({ phones: phone }).first())?.id
      expect([await holder('x'), await holder('y'), await holder('z')]).toEqual(['2', '1', '1'])
      expect((await db.verify()).problems).toEqual([])
    })

    test('but no key has two holders at its end', async () => {
      const db = await filled({ id: '1', name: 'a' }, { id: '2', name: 'b' })
      const both = db.transact((tx) => {
        tx.put(People, { id: '1', name: 'c' }).put(People, { id: '3', name: 'a' }).put(People, { id: '4', name: 'a' })
      })
      await expect(both).rejects.toThrow('[None, None, DuplicateItem]')
      const onesided = db.transact((tx) => tx.put(People, { id: '1', name: 'b' }).put(People, { id: '3', name: 'a' }))
      await expect(onesided).rejects.toThrow('[DuplicateItem, None]')
      // A check leaves its item as it is.
      const checked = db.transact((tx) => {
        tx.put(People, { id: '3', name: 'a' }).check(People, { id: '1' }, { name: 'a' })
      })
      await expect(checked).rejects.toThrow('[DuplicateItem, None]')
      expect(await names(db)).toEqual({ a: '1', b: '2' })
    })
  })

  test('any transaction is done exactly when no two items have one key at its end', { timeout: 120_000 }, async () => {
    const ids = ['1', '2', '3', '4', '5']
    const person = fc.record(
      {
        name: fc.constantFrom('a', 'b', 'c', 'd'),
        phones: fc.uniqueArray(fc.constantFrom('x', 'y', 'z'), { maxLength: 2 }),
      },
      { requiredKeys: [] },
    )
    const actions = fc.uniqueArray(fc.tuple(fc.constantFrom(...ids), fc.option(person)), {
      minLength: 1,
      selector: ([id]) => id,
    })
    const db = await filled()
    await fc.assert(
      fc.asyncProperty(fc.array(actions, { minLength: 1, maxLength: 8 }), async (transactions) => {
        const expected = new Map<string, Person>()
        for (const id of ids) await db.table(People).delete({ id })
        for (const transaction of transactions) {
          const after = new Map(expected)
          for (const [id, attributes] of transaction) {
            if (attributes === null) after.delete(id)
            else after.set(id, { id, ...attributes } as Person)
          }
          const isPossible = isUnique(after)
          const outcome = await db
            .transact((tx) => {
              for (const [id, attributes] of transaction) {
                if (attributes === null) tx.delete(People, { id })
                else tx.put(People, { id, ...attributes } as Person)
              }
            })
            .then(
              () => true,
              (failure) => {
                expect(failure).toBeInstanceOf(TransactionCanceledException)
                return false
              },
            )
          expect(outcome).toBe(isPossible)
          if (!isPossible) continue
          expected.clear()
          for (const [id, found] of after) expected.set(id, found)
        }
        const found = await db.table(People).scan().orderBy('id').toArray()
        expect(found).toEqual([...expected.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1)))
        expect((await db.verify()).problems).toEqual([])
      }),
      { numRuns: rounds(driver, Number(process.env['ROUNDS'] ?? 100)) },
    )
  })

  function isUnique(people: ReadonlyMap<string, Person>): boolean {
    const all = [...people.values()]
    const keys = all.flatMap(({ name, phones = [] }) => [...(name === undefined ? [] : [`n${name}`]), ...phones])
    return new Set(keys).size === keys.length
  }
}
