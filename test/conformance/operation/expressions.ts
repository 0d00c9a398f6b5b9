/** DynamoDB's expressions through the public API: wherever a filter, a condition, a key condition or an update is taken. */
import { describe, expect, test } from 'vitest'
import { Decimal, ddb, type RawExpression, table, type } from '../../../src/index.js'
import type { Driver } from '../contract.js'

interface Order {
  customer: string
  placedAt: string
  status?: 'open' | 'paid'
  total?: number
  lines?: { sku: string; count: number }[]
  tags?: Set<string>
  address?: { city: string; zip?: string }
}
const Orders = table('orders', {
  schema: type<Order>(),
  key: ['customer', 'placedAt'],
  indexes: { byStatus: ['status', 'placedAt'] },
})

const ORDERS: Order[] = [
  {
    customer: 'ada',
    placedAt: '2026-01',
    status: 'open',
    total: 10,
    tags: new Set(['a', 'b']),
    address: { city: 'Oslo' },
  },
  { customer: 'ada', placedAt: '2026-02', status: 'paid', total: 30, lines: [{ sku: 'x', count: 2 }] },
  { customer: 'ada', placedAt: '2026-03', total: 50 },
  { customer: 'bob', placedAt: '2026-01', status: 'open', total: 20 },
]

export function expressions(driver: Driver): void {
  async function withOrders() {
    const { db } = await driver.open()
    const orders = db.table(Orders)
    for (const order of ORDERS) await orders.put(order)
    return { db, orders }
  }

  describe('a query', () => {
    test('takes a key condition, of a table and of an index', async () => {
      const { orders } = await withOrders()
      const months = async (where: Parameters<typeof orders.query>[0]) =>
        (await orders.query(where).toArray()).map(({ placedAt }) => placedAt.slice(5))
      expect(await months(ddb`customer = ${'ada'}`)).toEqual(['01', '02', '03'])
      expect(await months(ddb`customer = ${'ada'} AND placedAt > ${'2026-01'}`)).toEqual(['02', '03'])
      expect(await months(ddb`placedAt BETWEEN ${'2026-01'} AND ${'2026-02'} AND customer = ${'ada'}`)).toEqual([
        '01',
        '02',
      ])
      expect(await months(ddb`customer = ${'ada'} AND begins_with(placedAt, ${'2026-0'})`)).toEqual(['01', '02', '03'])
      const raw = {
        expression: '#c = :c AND placedAt < :p',
        names: { '#c': 'customer' },
        values: { ':c': 'ada', ':p': '2026-02' },
      }
      expect(await months(raw)).toEqual(['01'])
      expect(await orders.index('byStatus').query(ddb`status = ${'open'} AND placedAt = ${'2026-01'}`).count()).toBe(2)
    })

    test('goes on from a cursor, and back to front', async () => {
      const { orders } = await withOrders()
      const where = ddb`customer = ${'ada'}`
      const { cursor, items } = await orders.query(where, { limit: 1, reverse: true }).page()
      expect(items[0]?.placedAt).toBe('2026-03')
      expect(await orders.query(where, { reverse: true, cursor }).count()).toBe(2)
      // The same question, written otherwise.
      expect(await orders.query({ customer: 'ada' }, { reverse: true, cursor }).count()).toBe(2)
    })

    test('refuses what no query can use', async () => {
      const { orders } = await withOrders()
      const refused = (where: RawExpression) =>
        orders
          .query(where)
          .toArray()
          .catch(({ message }) => message)
      const values = { ':v': 'ada' }
      expect(await refused({ expression: 'placedAt = :v', values })).toBe(
        'Query condition missed key schema element: customer',
      )
      expect(await refused({ expression: 'customer > :v', values })).toBe('Query key condition not supported')
      expect(await refused({ expression: 'customer = :v AND total = :v', values })).toMatch(/reserved keyword: total/)
      expect(await refused({ expression: 'customer = :v', values: { ':v': 1 } })).toMatch(
        /Type mismatch for key customer/,
      )
      expect(await refused({ expression: 'customer = :v AND placedAt < :n', values: { ...values, ':n': 1 } })).toMatch(
        /Condition parameter type does not match schema type/,
      )
    })

    test('of a table whose key is called "expression" is not taken for one', async () => {
      const { db } = await driver.open()
      const things = db.table(table('things', { schema: type<{ expression: string }>(), key: ['expression'] }))
      await things.put({ expression: 'x = y' })
      expect(await things.query({ expression: 'x = y' }).count()).toBe(1)
      expect(await things.query(ddb`expression = ${'x = y'}`).count()).toBe(1)
    })
  })

  describe('a filter', () => {
    const FILTERS: readonly (readonly [unknown, number])[] = [
      [ddb`total > ${20}`, 2],
      [ddb`status = ${'open'} AND (contains(tags, ${'a'}) OR total = ${20})`, 2],
      [ddb`attribute_exists(lines[0].sku) OR address.city = ${'Oslo'}`, 2],
      [ddb`size(tags) = ${2}`, 1],
      [ddb`NOT attribute_exists(status)`, 1],
      [ddb`total IN (${10}, ${Decimal.from('30')}, ${50n})`, 3],
      [{ expression: '#t BETWEEN :a AND :b', names: { '#t': 'total' }, values: { ':a': 10, ':b': 20 } }, 2],
      [{ expression: 'attribute_not_exists(address)' }, 3],
    ]
    test.each(FILTERS)('%o', async (filter, count) => {
      const { db, orders } = await withOrders()
      const wanted = filter as RawExpression
      expect(await orders.scan({ filter: wanted }).count()).toBe(count)
      expect((await orders.scan({ filter: wanted, select: ['customer'] }).toArray()).length).toBe(count)
      await db.checkpoint()
    })

    test('with a binary, a set and a Decimal reaches the workers', async () => {
      const { db } = await driver.open()
      const things = db.table(table('things', { schema: type<{ id: number; v?: unknown }>(), key: ['id'] }))
      const values = [Uint8Array.of(1), new Set(['x']), Decimal.from('1.5'), 10n ** 30n, { a: [null, true] }]
      for (const [id, v] of values.entries()) await things.put({ id, v })
      await db.checkpoint()
      for (const v of values) expect(await things.scan({ filter: ddb`v = ${v}`, workers: 2 }).count()).toBe(1)
      const filter = { expression: '#v = :v', names: { '#v': 'v' }, values: { ':v': Decimal.from('1.50') } }
      expect(await things.scan({ filter, workers: 2 }).count()).toBe(1)
    })
  })

  describe('a condition', () => {
    const key = { customer: 'ada', placedAt: '2026-01' }
    test('of a put, an update and a delete', async () => {
      const { orders } = await withOrders()
      const wrong = ddb`status = ${'paid'}`
      const failed = { name: 'ConditionalCheckFailedException', message: 'The conditional request failed' }
      await expect(orders.put({ ...key, total: 1 }, { if: wrong })).rejects.toMatchObject(failed)
      await expect(orders.update(key, { set: { total: 1 } }, { if: wrong })).rejects.toMatchObject(failed)
      await expect(orders.delete(key, { if: wrong })).rejects.toMatchObject(failed)
      expect((await orders.get(key))?.total).toBe(10)
      await orders.update(key, { set: { total: 11 } }, { if: ddb`status = ${'open'} AND total < ${11}` })
      await orders.put({ ...key, total: 12 }, { if: { expression: 'size(tags) = :n', values: { ':n': 2 } } })
      await orders.delete(key, { if: ddb`total = ${12}` })
      expect(await orders.get(key)).toBeUndefined()
    })

    test('attribute_exists of a key that is not there fails: no item comes from nothing', async () => {
      const { orders } = await withOrders()
      const nobody = { customer: 'eve', placedAt: '2026' }
      const exists = ddb`attribute_exists(customer)`
      await expect(orders.update(nobody, ddb`SET total = ${1}`, { if: exists })).rejects.toThrow(
        'The conditional request failed',
      )
      expect(await orders.get(nobody)).toBeUndefined()
      await orders.put({ ...nobody, total: 1 }, { if: ddb`attribute_not_exists(customer)` })
      await expect(orders.put(nobody, { if: ddb`attribute_not_exists(customer)` })).rejects.toThrow(
        'The conditional request',
      )
    })

    test('that is false can hand over the old item', async () => {
      const { orders } = await withOrders()
      const failure = await orders
        .update(key, ddb`SET total = ${1}`, { if: ddb`total = ${0}`, return: 'old' })
        .catch((error) => error)
      expect(failure.item).toEqual(ORDERS[0])
      const silent = await orders.update(key, ddb`SET total = ${1}`, { if: ddb`total = ${0}` }).catch((error) => error)
      expect(silent.item).toBeUndefined()
    })

    test('is named in messages by what it is', async () => {
      const { orders } = await withOrders()
      await expect(orders.delete(key, { if: { expression: 'a =' } })).rejects.toThrow(
        /^Invalid ConditionExpression: Syntax error/,
      )
      await expect(orders.scan({ filter: { expression: 'a =' } }).count()).rejects.toThrow(
        /^Invalid FilterExpression: Syntax error/,
      )
    })
  })

  describe('an update', () => {
    const key = { customer: 'ada', placedAt: '2026-02' }
    test('changes nested places, lists and sets', async () => {
      const { orders } = await withOrders()
      const lines = [{ sku: 'y', count: 1 }]
      expect(
        await orders
          .update(
            key,
            ddb`SET total = total + ${1}, lines[0].count = lines[0].count - ${1}, lines = list_append(lines, ${lines})`,
          )
          .catch(({ message }) => message),
      ).toMatch(/Two document paths overlap/)
      expect(
        await orders.update(
          key,
          ddb`SET total = total + ${0.5}, lines[0].count = ${7}, lines[9] = ${lines[0]} ADD tags ${new Set(['n'])} REMOVE status`,
        ),
      ).toEqual({
        ...key,
        total: 30.5,
        lines: [
          { sku: 'x', count: 7 },
          { sku: 'y', count: 1 },
        ],
        tags: new Set(['n']),
      })
      expect(await orders.update(key, ddb`DELETE tags ${new Set(['n'])} REMOVE lines[0]`)).toEqual({
        ...key,
        total: 30.5,
        lines,
      })
    })

    test('keeps indexes in step', async () => {
      const { db, orders } = await withOrders()
      await orders.update(key, ddb`SET status = ${'open'}`)
      expect(await orders.index('byStatus').query({ status: 'open' }).count()).toBe(3)
      await orders.update(key, ddb`REMOVE status`)
      expect(await orders.index('byStatus').query({ status: 'open' }).count()).toBe(2)
      expect((await db.verify()).problems).toEqual([])
    })

    test('makes an item from its key', async () => {
      const { orders } = await withOrders()
      const fresh = { customer: 'eve', placedAt: '2026' }
      expect(await orders.update(fresh, ddb`SET total = if_not_exists(total, ${0}) + ${1}`)).toEqual({
        ...fresh,
        total: 1,
      })
      await expect(orders.update({ ...fresh, placedAt: '2027' }, ddb`SET total = total + ${1}`)).rejects.toThrow(
        'The provided expression refers to an attribute that does not exist in the item',
      )
      expect(await orders.get({ ...fresh, placedAt: '2027' })).toBeUndefined()
    })

    test('without anything in it creates the bare item', async () => {
      const { orders } = await withOrders()
      expect(await orders.update({ customer: 'eve', placedAt: '1' }, {})).toEqual({ customer: 'eve', placedAt: '1' })
    })

    test('does not touch keys, and says so before it looks at the condition', async () => {
      const { orders } = await withOrders()
      const options = { if: ddb`total = ${-1}` }
      await expect(orders.update(key, ddb`SET placedAt = ${'x'}`, options)).rejects.toThrow(
        'One or more parameter values were invalid: Cannot update attribute placedAt. This attribute is part of the key',
      )
    })

    test('that makes an item too big is refused, measured to the byte', async () => {
      const { db } = await driver.open()
      const things = db.table(table('things', { schema: type<{ id: string; a?: string; b?: string }>(), key: ['id'] }))
      const sentence = 'Item size to update has exceeded the maximum allowed size'
      // id + a: 2 + 1 + 1 bytes of names and key.
      const room = 409_600 - 4
      await things.update({ id: 'x' }, ddb`SET a = ${'a'.repeat(room)}`)
      await expect(things.update({ id: 'x' }, ddb`SET a = ${'a'.repeat(room + 1)}`)).rejects.toThrow(sentence)
      await expect(things.update({ id: 'x' }, { set: { b: '' } })).rejects.toThrow(sentence)
      await things.update({ id: 'x' }, ddb`SET b = a REMOVE a`)
    })

    test('hands over the schema’s word', async () => {
      const { orders } = await withOrders()
      await expect(orders.update(key, ddb`SET total = ${new Date(0)}`)).rejects.toMatchObject({ code: 'VALUE_CLASS' })
    })
  })

  describe('what an update returns', () => {
    const key = { customer: 'ada', placedAt: '2026-01' }
    const change = ddb`SET total = ${99}, address.zip = ${'0150'} REMOVE status`
    test.each([
      ['new', { ...ORDERS[0], total: 99, address: { city: 'Oslo', zip: '0150' }, status: undefined }],
      ['old', ORDERS[0]],
      ['updatedNew', { total: 99, address: { zip: '0150' } }],
      ['updatedOld', { total: 10, status: 'open' }],
      ['none', undefined],
    ] as const)('%s', async (wanted, expected) => {
      const { orders } = await withOrders()
      const returned = await orders.update(key, change, { return: wanted })
      expect(returned).toEqual(expected)
      expect((await orders.get(key))?.total).toBe(99)
    })

    test('is the caller’s own', async () => {
      const { orders } = await withOrders()
      const tags = new Set(['mine'])
      const part = await orders.update(key, ddb`SET tags = ${tags}, lines = ${[{ sku: 'x', count: 1 }]}`, {
        return: 'updatedNew',
      })
      part?.tags?.add('changed')
      part?.lines?.pop()
      tags.add('later')
      expect(await orders.get(key)).toMatchObject({ tags: new Set(['mine']), lines: [{ sku: 'x', count: 1 }] })
    })

    test('of an object', async () => {
      const { orders } = await withOrders()
      expect(await orders.update(key, { set: { total: 5 }, remove: ['status'] }, { return: 'updatedOld' })).toEqual({
        total: 10,
        status: 'open',
      })
      expect(await orders.update(key, { remove: ['total'] }, { return: 'updatedNew' })).toBeUndefined()
    })

    test('nothing else', async () => {
      const { orders } = await withOrders()
      await expect(orders.update(key, { set: { total: 5 } }, { return: 'all' as 'new' })).rejects.toMatchObject({
        code: 'OPTION',
      })
    })
  })
}
