/** Transactions: all or nothing, what they read is still so, and a reason for each call when it is not. */
import { describe, expect, onTestFinished, test } from 'vitest'
import {
  type Database,
  TransactionCanceledException,
  type Tx,
  table,
  type,
  ValidationException,
} from '../../../src/index.js'
import { MovableClock } from '../../support/temporary-database.js'
import { type Driver, has, needing } from '../contract.js'

interface Account {
  id: string
  balance: number
  owner?: string
}
interface Entry {
  account: string
  at: number
  text?: string
}
const Accounts = table('accounts', {
  schema: type<Account>(),
  key: ['id'],
  indexes: { byOwner: { key: ['owner'], unique: true } },
})
const Entries = table('entries', { schema: type<Entry>(), key: ['account', 'at'] })

export function transactions(driver: Driver): void {
  async function filled(): Promise<Database> {
    const { db } = await driver.open()
    await db.table(Accounts).put({ id: 'ada', balance: 100, owner: 'Ada' })
    await db.table(Accounts).put({ id: 'bob', balance: 50, owner: 'Bob' })
    await db.table(Entries).put({ account: 'ada', at: 1, text: 'first' })
    return db
  }

  async function everything(db: Database) {
    return {
      accounts: await db.table(Accounts).scan().toArray(),
      entries: await db.table(Entries).scan().toArray(),
      owners: (await db.table(Accounts).index('byOwner').scan().toArray()).map(({ id }) => id).sort(),
    }
  }

  async function refusal(promise: Promise<unknown>): Promise<TransactionCanceledException> {
    const failure = await promise.then(
      () => new Error('it was not refused'),
      (reason: unknown) => reason,
    )
    expect(failure).toBeInstanceOf(TransactionCanceledException)
    return failure as TransactionCanceledException
  }
  const codes = (failure: TransactionCanceledException) => failure.reasons.map(({ code }) => code)

  describe('what is written', () => {
    test('is written together, over several tables', async () => {
      const db = await filled()
      const changes: string[] = []
      const isHeard = has(driver, 'listeners')
      if (isHeard) {
        db.table(Accounts).on('change', ({ type: kind, key }) => changes.push(`${kind} ${key.id}`))
        db.table(Entries).on('change', ({ type: kind, key }) => changes.push(`${kind} ${key.account}/${key.at}`))
      }
      const answer = await db.transact((tx) => {
        tx.put(Accounts, { id: 'eve', balance: 1, owner: 'Eve' })
          .update(Accounts, { id: 'ada' }, { add: { balance: -10 } }, { if: { balance: { gte: 10 } } })
          .delete(Entries, { account: 'ada', at: 1 })
          .put(Entries, { account: 'ada', at: 2 })
          .check(Accounts, { id: 'bob' }, { balance: 50 })
        return 'done'
      })
      expect(answer).toBe('done')
      expect(changes).toEqual(isHeard ? ['put eve', 'update ada', 'delete ada/1', 'put ada/2'] : [])
      expect(await everything(db)).toMatchObject({
        entries: [{ account: 'ada', at: 2 }],
        owners: ['ada', 'bob', 'eve'],
      })
      expect(await db.table(Accounts).get({ id: 'ada' })).toMatchObject({ balance: 90 })
      expect((await db.verify()).problems).toEqual([])
    })

    test('is nothing when one condition is false, and each call has its reason', async () => {
      const db = await filled()
      const before = await everything(db)
      const failure = await refusal(
        db
          .transact((tx) => {
            tx.put(Entries, { account: 'new', at: 1 })
            tx.update(Accounts, { id: 'ada' }, { set: { balance: 0 } }, { if: { balance: 7 }, return: 'old' })
            tx.check(Accounts, { id: 'bob' }, 'balance > 10')
            tx.delete(Accounts, { id: 'bob' }, {})
          })
          .catch((reason: unknown) => {
            // The fourth call is a second one on the same item.
            expect(reason).toMatchObject({ code: 'TRANSACTION' })
            return db.transact((tx) => {
              tx.put(Entries, { account: 'new', at: 1 })
              tx.update(Accounts, { id: 'ada' }, { set: { balance: 0 } }, { if: { balance: 7 }, return: 'old' })
              tx.check(Accounts, { id: 'bob' }, 'balance > 100')
            })
          }),
      )
      expect(failure.message).toBe(
        'Transaction cancelled, please refer cancellation reasons for specific reasons [None, ConditionalCheckFailed, ConditionalCheckFailed]',
      )
      expect(failure.name).toBe('TransactionCanceledException')
      expect(failure.reasons).toEqual([
        { code: 'None' },
        {
          code: 'ConditionalCheckFailed',
          message: 'The conditional request failed',
          item: { id: 'ada', balance: 100, owner: 'Ada' },
        },
        { code: 'ConditionalCheckFailed', message: 'The conditional request failed' },
      ])
      expect(await everything(db)).toEqual(before)
    })

    test('is nothing when the function throws, or its promise rejects', async () => {
      const db = await filled()
      const before = await everything(db)
      const body = (how: 'now' | 'later') =>
        db.transact((tx) => {
          tx.put(Accounts, { id: 'eve', balance: 1 })
          if (how === 'now') throw new Error('no')
          return Promise.reject(new Error('no'))
        })
      await expect(body('now')).rejects.toThrow('no')
      await expect(body('later')).rejects.toThrow('no')
      expect(await everything(db)).toEqual(before)
    })

    test('teaches nothing when it is refused', async () => {
      const { db } = await driver.open()
      const Things = table('things', {
        schema: type<{ id: string | number; tag?: string | number }>(),
        key: ['id'],
        indexes: { byTag: ['tag'] },
      })
      const failure = await refusal(
        db.transact((tx) => {
          tx.put(Things, { id: 1, tag: 1 })
          tx.put(Things, { id: 2, tag: 'text' })
        }),
      )
      expect(codes(failure)).toEqual(['None', 'ValidationError'])
      // The types of the keys are still to be learned.
      await db.table(Things).put({ id: 'a', tag: 'text' })
      expect(await db.table(Things).scan().count()).toBe(1)
    })

    test('an update that makes an item too big is a reason; a put is refused at once', async () => {
      const { db } = await driver.open()
      await db.table(Entries).put({ account: 'a', at: 1 })
      const text = 'x'.repeat(410_000)
      const failure = await refusal(db.transact((tx) => tx.update(Entries, { account: 'a', at: 1 }, { set: { text } })))
      expect(codes(failure)).toEqual(['ValidationError'])
      await expect(db.transact((tx) => tx.put(Entries, { account: 'b', at: 1, text }))).rejects.toMatchObject({
        code: 'ITEM_TOO_BIG',
      })
    })

    test('meets the unique keys of what is there and of what it writes itself', async () => {
      const db = await filled()
      const taken = await refusal(db.transact((tx) => tx.put(Accounts, { id: 'eve', balance: 1, owner: 'Ada' })))
      expect(taken.reasons[0]).toMatchObject({
        code: 'DuplicateItem',
        cause: { code: 'UNIQUE_CONFLICT', holder: { id: 'ada' } },
      })
      const twice = await refusal(
        db.transact((tx) => {
          tx.put(Accounts, { id: 'x', balance: 1, owner: 'Both' }).put(Accounts, { id: 'y', balance: 1, owner: 'Both' })
        }),
      )
      expect(codes(twice)).toEqual(['None', 'DuplicateItem'])
      await db.transact((tx) =>
        tx.delete(Accounts, { id: 'ada' }).put(Accounts, { id: 'eve', balance: 1, owner: 'Ada' }),
      )
      expect((await everything(db)).owners).toEqual(['bob', 'eve'])
      expect((await db.verify()).problems).toEqual([])
    })
  })

  describe('what is read', () => {
    needing(driver, 'reads in transactions')(
      'is of one moment, and shows what the transaction has written',
      async () => {
        const db = await filled()
        await db.transact(async (tx) => {
          const [before] = [await tx.get(Accounts, { id: 'ada' })]
          expect(before).toMatchObject({ balance: 100 })
          tx.update(Accounts, { id: 'ada' }, { add: { balance: 5 } })
          tx.put(Entries, { account: 'ada', at: 0 })
            .put(Entries, { account: 'ada', at: 3 })
            .delete(Entries, { account: 'ada', at: 1 })
          expect(await tx.get(Accounts, { id: 'ada' }, { select: ['balance'] })).toEqual({ balance: 105 })
          expect(await tx.get(Entries, { account: 'ada', at: 1 })).toBe(undefined)
          expect((await tx.query(Entries, { account: 'ada' })).map(({ at }) => at)).toEqual([0, 3])
          expect(
            (await tx.query(Entries, { account: 'ada' }, { reverse: true, limit: 1 })).map(({ at }) => at),
          ).toEqual([3])
          expect(
            await tx.query(Accounts, { owner: 'Bob' }, { index: 'byOwner' }).catch((failure) => failure),
          ).toMatchObject({
            code: 'TRANSACTION',
          })
        })
        expect(await db.table(Accounts).get({ id: 'ada' })).toMatchObject({ balance: 105 })
      },
    )

    needing(driver, 'reads in transactions').each([
      ['an item', (tx) => tx.get(Accounts, { id: 'ada' }), 'conflict'],
      ['that there is none', (tx) => tx.get(Accounts, { id: 'new' }), 'conflict'],
      ['a range', (tx) => tx.query(Entries, { account: 'ada' }), 'conflict'],
      ['an empty range', (tx) => tx.query(Entries, { account: 'ada', at: { gt: 5 } }), 'conflict'],
      ['an index', (tx) => tx.query(Accounts, { owner: 'Ada' }, { index: 'byOwner' }), 'conflict'],
      ['another item', (tx) => tx.get(Accounts, { id: 'bob' }), 'none'],
      ['another range', (tx) => tx.query(Entries, { account: 'ada', at: { lt: 5 } }), 'none'],
      ['the first of a range', (tx) => tx.query(Entries, { account: 'ada' }, { limit: 1 }), 'none'],
    ] as readonly (readonly [
      string,
      (tx: Parameters<Parameters<Database['transact']>[0]>[0]) => Promise<unknown>,
      string,
    ])[])('is looked at again at the end: %s', async (_what, read, outcome) => {
      const db = await filled()
      const body = db.transact(async (tx) => {
        await read(tx)
        await db.table(Accounts).update({ id: 'ada' }, { add: { balance: 1 } })
        await db.table(Accounts).put({ id: 'new', balance: 1 })
        await db.table(Entries).put({ account: 'ada', at: 9 })
        tx.put(Entries, { account: 'other', at: 1 })
      })
      if (outcome === 'none') await body
      else expect(codes(await refusal(body))).toEqual(['TransactionConflict', 'None'])
      expect(await db.table(Entries).query({ account: 'other' }).count()).toBe(outcome === 'none' ? 1 : 0)
    })

    needing(driver, 'reads in transactions')('what is queued only counts as changed', async () => {
      const db = await filled()
      let other: Promise<unknown> | undefined
      const failure = await refusal(
        db.transact(async (tx) => {
          await tx.query(Entries, { account: 'ada' })
          tx.put(Entries, { account: 'other', at: 1 })
          other = db.table(Entries).put({ account: 'ada', at: 2 })
        }),
      )
      expect(codes(failure)).toEqual(['TransactionConflict', 'None'])
      await other
    })

    needing(driver, 'reads in transactions')('a transaction that only reads never fails', async () => {
      const db = await filled()
      const seen = await db.transact(async (tx) => {
        const first = await tx.get(Accounts, { id: 'ada' })
        await db.table(Accounts).update({ id: 'ada' }, { set: { balance: 0 } })
        return [first?.balance, (await tx.get(Accounts, { id: 'ada' }))?.balance]
      })
      expect(seen).toEqual([100, 100])
    })

    needing(driver, 'reads in transactions')('is done again as often as is asked for', async () => {
      const db = await filled()
      let runs = 0
      const body = (retries: number) =>
        db.transact(
          async (tx) => {
            const ada = await tx.get(Accounts, { id: 'ada' })
            if (runs++ < 2) await db.table(Accounts).update({ id: 'ada' }, { add: { balance: 1 } })
            tx.update(Accounts, { id: 'bob' }, { set: { balance: ada!.balance } })
          },
          { retries },
        )
      await expect(body(1)).rejects.toThrow(TransactionCanceledException)
      runs = 0
      await body(2)
      expect(runs).toBe(3)
      expect(await db.table(Accounts).get({ id: 'bob' })).toMatchObject({ balance: 104 })
    })
  })

  describe('a token', () => {
    needing(driver, 'kept answers')(
      'gets the first answer again, also after reopening, and for ten minutes',
      async () => {
        const clock = new MovableClock()
        const { db, reopen } = await driver.open({ clock })
        let runs = 0
        const deposit = (database: Database, token: string) =>
          database.transact(
            (tx) => {
              runs += 1
              tx.update(Accounts, { id: 'ada' }, { add: { balance: 10 } })
              return { runs, when: 'now' }
            },
            { token },
          )
        expect(await deposit(db, 'one')).toEqual({ runs: 1, when: 'now' })
        expect(await deposit(db, 'one')).toEqual({ runs: 1, when: 'now' })
        const [a, b] = await Promise.all([deposit(db, 'two'), deposit(db, 'two')])
        expect(a).toEqual(b)
        const again = await reopen()
        expect(await deposit(again, 'one')).toEqual({ runs: 1, when: 'now' })
        expect(await again.table(Accounts).get({ id: 'ada' })).toMatchObject({ balance: 20 })
        clock.advance(601)
        await deposit(again, 'one')
        expect(await again.table(Accounts).get({ id: 'ada' })).toMatchObject({ balance: 30 })
        for (let n = 0; n < 30; n++) await deposit(again, `many ${n}`)
        clock.advance(601)
        for (let n = 0; n < 10; n++) await deposit(again, `later ${n}`)
        expect((await again.verify()).problems).toEqual([])
      },
    )

    needing(driver, 'kept answers')(
      'counts for nothing once a table of its transaction is dropped, though another of the name is there',
      async () => {
        const { db, reopen } = await driver.open()
        let runs = 0
        const deposit = (database: Database, more: (tx: Tx) => void) =>
          database.transact(
            (tx) => {
              tx.update(Accounts, { id: 'ada' }, { add: { balance: 10 } })
              more(tx)
              return ++runs
            },
            { token: 'one' },
          )
        const alone = () => {}
        const withEntry = (tx: Tx) => void tx.put(Entries, { account: 'ada', at: 1 })
        db.table(Accounts)
        db.table(Entries)
        expect(await deposit(db, alone)).toBe(1)
        await db.dropTable('entries')
        expect(await deposit(db, alone)).toBe(1)
        await db.dropTable('accounts')
        db.table(Accounts)
        db.table(Entries)
        expect(await deposit(db, withEntry)).toBe(2)
        expect(await deposit(db, withEntry)).toBe(2)
        expect(await db.table(Accounts).get({ id: 'ada' })).toMatchObject({ balance: 10 })
        await db.dropTable('entries')
        const again = await reopen()
        again.table(Entries)
        expect(await deposit(again, withEntry)).toBe(3)
      },
    )

    test.each(['', 'x'.repeat(37), 7 as unknown as string])('%o is none', async (token) => {
      const db = await filled()
      await expect(db.transact(() => 1, { token })).rejects.toMatchObject({ code: 'TRANSACTION' })
    })

    needing(driver, 'kept answers')('keeps only what can be kept', async () => {
      const db = await filled()
      const before = await everything(db)
      const body = db.transact(
        (tx) => {
          tx.put(Entries, { account: 'x', at: 1 })
          return () => 1
        },
        { token: 't' },
      )
      await expect(body).rejects.toMatchObject({ code: 'TRANSACTION' })
      expect(await everything(db)).toEqual(before)
    })
  })

  describe('what is no transaction', () => {
    test('an item twice, a transaction in one, calls after its end, nothing that is a function', async () => {
      const db = await filled()
      const is = (code: string) => expect.objectContaining({ code })
      await expect(
        db.transact((tx) =>
          tx.put(Entries, { account: 'a', at: 1 }).check(Entries, { account: 'a', at: 1 }, 'at == 1'),
        ),
      ).rejects.toThrow('Transaction request cannot include multiple operations on one item')
      await expect(db.transact(() => db.transact(() => 1))).rejects.toThrow(is('TRANSACTION'))
      const later = db.transact(async () => {
        await db.table(Entries).get({ account: 'a', at: 1 })
        await Promise.all([db.table(Entries).scan().count(), db.transact(() => 1)])
      })
      await expect(later).rejects.toThrow(is('TRANSACTION'))
      // Beside each other is not one in the other.
      let begin = () => {}
      const begun = new Promise<void>((resolve) => {
        begin = resolve
      })
      const first = db.transact(async () => begun)
      await db.transact(async (tx) => tx.put(Entries, { account: 'beside', at: 1 }))
      begin()
      await first
      let late: Parameters<Parameters<typeof db.transact>[0]>[0] | undefined
      await db.transact((tx) => {
        late = tx
      })
      expect(() => late!.put(Entries, { account: 'a', at: 1 })).toThrow(is('TRANSACTION'))
      await expect(late!.get(Entries, { account: 'a', at: 1 })).rejects.toThrow(is('TRANSACTION'))
      await expect(db.transact(1 as never)).rejects.toThrow(is('TRANSACTION'))
      await expect(db.transact(() => 1, { retries: -1 })).rejects.toThrow(is('TRANSACTION'))
      await expect(db.transact((tx) => tx.check(Entries, { account: 'a', at: 1 }, undefined as never))).rejects.toThrow(
        is('TRANSACTION'),
      )
      await expect(db.transact((tx) => tx.put(Entries, { account: '', at: 1 }))).rejects.toThrow(ValidationException)
      await expect(db.transact(() => 1, { signal: AbortSignal.abort(new Error('stop')) })).rejects.toThrow('stop')
      const other = await driver.open()
      expect(await db.transact(() => other.db.transact(() => 'another database'))).toBe('another database')
    })

    const many = (database: Database, into: typeof Entries, count: number, text = 'x') =>
      database.transact((tx) => {
        for (let at = 0; at < count; at++) tx.put(into, { account: 'a', at, text })
      })

    test('101 actions, or more than 4 MB', async () => {
      const { db } = await driver.open()
      await many(db, Entries, 100)
      await expect(many(db, Entries, 101)).rejects.toThrow('less than or equal to 100')
      await expect(many(db, Entries, 50, 'x'.repeat(100_000))).rejects.toThrow('size')
    })

    needing(driver, 'large transactions')('unless its tables need not be portable', async () => {
      const { db, reopen } = await driver.open()
      const Own = table('own', { schema: type<Entry>(), key: ['account', 'at'], portable: false })
      await many(db, Own, 5000)
      await expect(many(db, Own, 10_001)).rejects.toThrow('10000')
      const again = await reopen()
      await again.transact((tx) => {
        for (let at = 0; at < 200; at++) tx.delete(Own, { account: 'a', at })
      })
      expect(await again.table(Own).scan().count()).toBe(4800)
      await expect(
        again.transact((tx) => {
          for (let at = 0; at < 200; at++) tx.put(Own, { account: 'b', at })
          tx.put(Entries, { account: 'b', at: 1 })
        }),
      ).rejects.toThrow('less than or equal to 100')
    })

    needing(driver, 'functions')('a condition that writes to the database', async () => {
      const db = await filled()
      const meddle = () => {
        db.table(Entries)
          .put({ account: 'meddled', at: 1 })
          .catch(() => {})
        return true
      }
      await expect(db.transact((tx) => tx.put(Entries, { account: 'a', at: 1 }, { if: meddle }))).rejects.toMatchObject(
        {
          code: 'FILTER_EVALUATION',
        },
      )
      expect(await db.table(Entries).query({ account: 'a' }).count()).toBe(0)
    })

    test('one on a database that is closed meanwhile', async () => {
      const { db } = await driver.open()
      const body = db.transact(async (tx) => {
        await db.close()
        tx.put(Entries, { account: 'a', at: 1 })
      })
      await expect(body).rejects.toMatchObject({ code: 'DATABASE_CLOSED' })
      onTestFinished(() => {})
    })
  })
}
