/**
 * What must compile and what must not: nothing here runs, `tsc --noEmit` is the test. Each `@ts-expect-error` is a
 * mistake that the compiler has to find; should it ever let one pass, that line becomes an error itself.
 */
import { z } from 'zod'
import {
  type Change,
  type Database,
  Decimal,
  ddb,
  type Item,
  type Results,
  type Snapshot,
  type TableIndex,
  table,
  translate,
  type,
} from '../../src/index.js'
import { expectType } from './expect-type.js'

interface Order {
  customer: string
  placedAt: string
  id: string
  status: 'open' | 'paid'
  total: number
  note?: string
  tags?: Set<string>
  lines?: { product: string; count: number }[]
  expiresAt?: number
  due?: bigint
  price?: Decimal
  thumbnail?: Uint8Array
  address?: { city: string; zip?: string }
}

const Orders = table('orders', {
  schema: type<Order>(),
  key: ['customer', 'placedAt'],
  indexes: { byStatus: ['status', 'placedAt'], byDue: ['due'], byPrice: ['price', 'thumbnail'] },
  ttl: 'expiresAt',
})
const Users = table('users', { schema: z.object({ id: z.string(), age: z.number().default(0) }), key: ['id'] })
const Measurements = table('measurements', {
  schema: type<{ sensor: Decimal; at: number; raw: Uint8Array }>(),
  key: ['sensor', 'at'],
  indexes: { byRaw: ['raw', 'sensor'] },
})

export async function allowed(db: Database): Promise<void> {
  const orders = db.table(Orders)
  const key = { customer: 'ada', placedAt: '2026' }
  expectType<Item<typeof Orders>>()({} as Order)
  expectType<Order | undefined>()(await orders.get(key))
  expectType<Pick<Order, 'total' | 'note'> | undefined>()(await orders.get(key, { select: ['total', 'note'] }))
  expectType<Order | undefined>()(await orders.put({ ...key, id: '1', status: 'open', total: 1 }, { return: 'old' }))
  expectType<Order>()(await orders.update(key, { set: { status: 'paid' } }))
  expectType<Order | undefined>()(await orders.delete(key, { if: { status: 'open' } }))
  expectType<undefined>()(await orders.delete(key, { return: 'none' }))
  // @ts-expect-error
  await orders.delete(key, { return: 'new' })
  expectType<Results<Order>>()(orders.query({ customer: 'ada' }))
  expectType<Results<Pick<Order, 'id'>>>()(orders.query({ customer: 'ada' }, { select: ['id'] }))
  expectType<Order[]>()(await orders.scan({ segment: 0, totalSegments: 2 }).toArray())

  for (const condition of [
    'a',
    { eq: 'a' },
    { lt: 'a' },
    { lte: 'a' },
    { gt: 'a' },
    { gte: 'a' },
    { beginsWith: 'a' },
  ]) {
    orders.query({ customer: 'ada', placedAt: condition as { beginsWith: string } })
  }
  orders.query({ customer: 'ada', placedAt: { between: ['a', 'b'] } }, { reverse: true, limit: 5, cursor: undefined })
  orders.index('byStatus').query({ status: 'open', placedAt: { gte: '2026' } })
  orders.index('byDue').query({ due: 5n })
  orders.index('byPrice').query({ price: Decimal.from('1.10'), thumbnail: { lt: Uint8Array.of(1) } })

  orders.scan({ filter: 'total > 20' })
  orders.scan({ filter: (order) => order.total > 20 && order.note?.startsWith('a') === true })
  orders.scan({ filter: { total: { gt: 20, lte: 50 }, status: { in: ['open', 'paid'] }, note: { exists: false } } })
  orders.scan({ filter: { or: [{ total: 1 }, { not: { note: { beginsWith: 'a' } } }], tags: { contains: 'x' } } })
  orders.scan({ filter: { tags: { size: { gt: 2 } }, address: { city: 'Oslo' }, note: { matches: '^a' } } })

  // A chain of calls knows the attributes, and what is left of them.
  const open = orders.scan().where({ status: 'open' }).where('total > 1').where(ddb`total > ${1}`).limit(3)
  expectType<Results<Order>>()(open)
  expectType<Results<Order>>()(
    open
      .where((order) => order.total > 20)
      .orderBy('total', 'descending')
      .orderBy('note'),
  )
  expectType<Results<Pick<Order, 'id' | 'total'>>>()(open.orderBy('placedAt').select('id', 'total'))
  expectType<Pick<Order, 'id'> | undefined>()(await open.select('id').first())
  expectType<number>()(await orders.index('byStatus').query({ status: 'open' }).orderBy('total').count())
  expectType<{ status: 'open' | 'paid' }[]>()(await orders.index('byStatus').distinct().toArray())
  expectType<{ due: bigint } | undefined>()(await orders.index('byDue').distinct().first())

  await orders.update(key, { set: { note: 'x' }, add: { total: 1, due: 1n }, remove: ['tags'], append: { lines: [] } })
  // DynamoDB's expressions, wherever they can stand.
  orders.scan({ filter: ddb`total > ${20}` })
  orders.scan({ filter: { expression: 'size(tags) > :n', values: { ':n': 1 } } })
  expectType<Results<Order>>()(orders.query(ddb`customer = ${'ada'} AND placedAt > ${'2026'}`))
  orders.index('byStatus').query({ expression: '#s = :s', names: { '#s': 'status' }, values: { ':s': 'open' } })
  await orders.put({ ...key, id: '1', status: 'open', total: 1 }, { if: ddb`attribute_not_exists(customer)` })
  expectType<Order>()(await orders.update(key, ddb`SET total = total + ${1}`))
  expectType<Order>()(await orders.update(key, { expression: 'REMOVE note' }, { return: 'new' }))
  expectType<Order | undefined>()(await orders.update(key, ddb`REMOVE note`, { return: 'old' }))
  expectType<Partial<Order> | undefined>()(await orders.update(key, ddb`REMOVE note`, { return: 'updatedOld' }))
  expectType<Partial<Order> | undefined>()(await orders.update(key, { remove: ['note'] }, { return: 'updatedNew' }))
  expectType<undefined>()(await orders.update(key, ddb`REMOVE note`, { return: 'none' }))
  expectType<string>()(translate('total > 20').expression)
  orders.scan({ filter: ddb`${ddb.attribute('odd name')} = ${1}` })

  await orders.batch((writer) => {
    writer.put({ ...key, id: '1', status: 'open', total: 1 }).delete(key)
  })
  const { items } = await orders.batchGet([key], { select: ['id'] })
  expectType<(Pick<Order, 'id'> | undefined)[]>()(items)
  const subscription = orders.on('change', (change) => expectType<Change<Order>>()(change))
  subscription[Symbol.dispose]()

  // With a validator, what is put and what is got may differ.
  await db.table(Users).put({ id: 'a' })
  expectType<{ id: string; age: number } | undefined>()(await db.table(Users).get({ id: 'a' }))
  await db.table(Measurements).get({ sensor: Decimal.from('1.5'), at: 5 })

  // A snapshot's tables read as the others do.
  const snapshot = db.snapshot()
  expectType<Snapshot>()(snapshot)
  expectType<Order | undefined>()(await snapshot.table(Orders).get(key))
  expectType<Pick<Order, 'id'>[]>()(
    await snapshot
      .table(Orders)
      .query({ customer: 'a' }, { select: ['id'] })
      .toArray(),
  )
  expectType<TableIndex<Order, readonly ['customer', 'placedAt'], readonly ['status', 'placedAt']>>()(
    snapshot.table(Orders).index('byStatus'),
  )
  await snapshot.table('whatever').get({ any: 1 })

  expectType<number | undefined>()(db.stats().operations.queryPage.p99Us)
  expectType<string>()(db.stats().tables[0]!.indexes[0]!.name)

  // By its name alone nothing is known, and everything compiles.
  const unknown = db.table('whatever')
  await unknown.put({ any: 1 })
  await unknown.get({ any: 1 })
}

export async function mistakes(db: Database): Promise<void> {
  const orders = db.table(Orders)
  const key = { customer: 'a', placedAt: 'b' }
  // @ts-expect-error missing sort key
  await orders.get({ customer: 'ada' })
  // @ts-expect-error an attribute that orders do not have
  orders.scan().orderBy('totl')
  // @ts-expect-error no direction
  orders.scan().orderBy('total', 'up')
  // @ts-expect-error an attribute that is not selected any more
  orders.scan().select('id').orderBy('total')
  // @ts-expect-error a filter on what orders do not have
  orders.scan().where({ totl: 1 })
  // @ts-expect-error a value of a wrong type
  orders.scan().where({ total: { gt: '1' } })
  // @ts-expect-error an attribute to select that orders do not have
  orders.scan().select('totl')
  // @ts-expect-error wrong key type
  await orders.get({ customer: 1, placedAt: 'x' })
  // @ts-expect-error an attribute that is not part of the key
  await orders.get({ customer: 'ada', placedAt: 'x', total: 1 })
  // @ts-expect-error missing sort key
  await orders.delete({ customer: 'ada' })
  // @ts-expect-error missing sort key in one of the keys
  await orders.batchGet([{ customer: 'ada' }])
  // @ts-expect-error an attribute that is not there can't be selected
  await orders.get(key, { select: ['totl'] })
  // @ts-expect-error no operator on the partition key
  orders.query({ customer: { beginsWith: 'a' } })
  // @ts-expect-error the partition key is needed
  orders.query({ placedAt: 'a' })
  // @ts-expect-error unknown operator
  orders.query({ customer: 'a', placedAt: { startsWith: 'a' } })
  // @ts-expect-error between takes two values
  orders.query({ customer: 'a', placedAt: { between: ['a'] } })
  // @ts-expect-error an attribute that is not part of the key belongs into the filter
  orders.query({ customer: 'a', total: 5 })
  // @ts-expect-error a limit is a number
  orders.query({ customer: 'a' }, { limit: '5' })
  // @ts-expect-error numbers do not begin with one another
  db.table(Measurements).query({ sensor: Decimal.from(1), at: { beginsWith: '1' } })
  // @ts-expect-error unknown index
  orders.index('byTotal')
  // @ts-expect-error a table without indexes has none
  db.table(Users).index('byAge')
  // @ts-expect-error the index's own key is needed
  orders.index('byStatus').query({ customer: 'ada' })
  // @ts-expect-error bad enum value on the index key
  orders.index('byStatus').query({ status: 'opne' })
  // @ts-expect-error unknown attribute in a typed filter
  orders.query({ customer: 'a' }, { filter: { totl: { gt: 1 } } })
  // @ts-expect-error wrong operand type
  orders.query({ customer: 'a' }, { filter: { total: { gt: '1' } } })
  // @ts-expect-error an operator that numbers do not have
  orders.query({ customer: 'a' }, { filter: { total: { beginsWith: '1' } } })
  // @ts-expect-error an operator that does not exist
  orders.query({ customer: 'a' }, { filter: { total: { greaterThan: 1 } } })
  // @ts-expect-error a value that the attribute can't have
  await orders.delete(key, { if: { status: 'closed' } })
  // @ts-expect-error an attribute that is not there, in a function
  orders.scan({ filter: (order) => order.totl > 1 })
  // @ts-expect-error keys cannot be updated
  await orders.update(key, { set: { customer: 'x' } })
  // @ts-expect-error ADD only on numbers
  await orders.update(key, { add: { status: 1 } })
  // @ts-expect-error only numbers can be added
  await orders.update(key, { add: { total: '1' } })
  // @ts-expect-error a required attribute cannot be removed
  await orders.update(key, { remove: ['total'] })
  // @ts-expect-error only lists can be appended to
  await orders.update(key, { append: { note: ['x'] } })
  // @ts-expect-error elements of another type
  await orders.update(key, { append: { lines: [{ product: 5, count: 1 }] } })
  // @ts-expect-error unknown attribute
  await orders.update(key, { set: { totl: 1 } })
  // @ts-expect-error unknown section
  await orders.update(key, { put: { total: 1 } })
  // @ts-expect-error required attribute missing
  await orders.put({ customer: 'a', placedAt: 'b', id: 'c', status: 'open' })
  // @ts-expect-error wrong type of an attribute
  await orders.put({ customer: 'a', placedAt: 'b', id: 'c', status: 'open', total: '1' })
  // @ts-expect-error the same in a batch
  await orders.batch((writer) => void writer.put({ customer: 'a' }))
  // @ts-expect-error nothing can be written through a snapshot
  db.snapshot().table(Orders).put
  // @ts-expect-error missing sort key
  await db.snapshot().table(Orders).get({ customer: 'ada' })
  // @ts-expect-error there is one event
  orders.on('changed', () => {})
  // @ts-expect-error a key must be string, number or binary
  table('one', { schema: type<{ id: string; f: boolean }>(), key: ['f'] })
  // @ts-expect-error an optional attribute cannot be the table's key
  table('one', { schema: type<{ id?: string; f: boolean }>(), key: ['id'] })
  // @ts-expect-error a key has one or two attributes
  table('one', { schema: type<{ a: string; b: string; c: string }>(), key: ['a', 'b', 'c'] })
  // @ts-expect-error an index's key must be string, number or binary
  table('one', { schema: type<{ id: string; f?: boolean }>(), key: ['id'], indexes: { byF: ['f'] } })
  // @ts-expect-error ttl must be a number attribute
  table('one', { schema: type<{ id: string; t: string }>(), key: ['id'], ttl: 't' })
  // @ts-expect-error a table needs a schema, if only of types
  table('one', { key: ['id'] })
  const got = await db.transact(async (tx) => {
    tx.put(Orders, { customer: 'a', placedAt: 'b', id: 'c', status: 'open', total: 1 }, { if: { status: 'paid' } })
      .update(Orders, { customer: 'a', placedAt: 'c' }, { add: { total: 1 } })
      .check(Users, { id: 'u' }, { age: { gte: 18 } })
    const part: { total: number } | undefined = await tx.get(
      Orders,
      { customer: 'a', placedAt: 'b' },
      { select: ['total'] },
    )
    const found: Order[] = await tx.query(Orders, { customer: 'a', placedAt: { beginsWith: '2026' } })
    return [part?.total, found.length] as const
  })
  const [, count]: readonly [number | undefined, number] = got
  void count
  await db.transact((tx) => {
    // @ts-expect-error missing sort key
    tx.delete(Orders, { customer: 'a' })
    // @ts-expect-error required attribute missing
    tx.put(Orders, { customer: 'a', placedAt: 'b' })
    // @ts-expect-error a key attribute can't be updated
    tx.update(Orders, { customer: 'a', placedAt: 'b' }, { set: { customer: 'b' } })
    // @ts-expect-error a check needs a condition
    tx.check(Users, { id: 'u' })
    // @ts-expect-error unknown attribute
    tx.check(Users, { id: 'u' }, { agee: 1 })
  })
}
