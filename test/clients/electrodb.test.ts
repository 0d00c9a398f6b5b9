/** ElectroDB: a shop's customers, orders and their lines in a single table, with collections over two indexes. */
import { CreateTableCommand, type DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb'
import { createConversions, Entity, type EntityItem, Service } from 'electrodb'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ServedDatabase, WAYS_IN } from './ways-in.js'

const STATUSES = ['open', 'paid', 'sent'] as const

const customers = new Entity({
  model: { entity: 'customer', service: 'shop', version: '1' },
  attributes: {
    customerId: { type: 'string', required: true },
    email: { type: 'string', required: true, validate: /^[^@]+@[^@]+$/ },
    name: { type: 'string', required: true },
    credit: { type: 'number', default: 0 },
    labels: { type: 'set', items: 'string' },
    address: {
      type: 'map',
      properties: { street: { type: 'string' }, city: { type: 'string', required: true } },
    },
    visits: { type: 'list', items: { type: 'string' } },
  },
  indexes: {
    byId: {
      collection: 'account',
      pk: { field: 'pk', composite: ['customerId'] },
      sk: { field: 'sk', composite: [] },
    },
    byEmail: {
      index: 'gsi1',
      pk: { field: 'gsi1pk', composite: ['email'] },
      sk: { field: 'gsi1sk', composite: [] },
    },
  },
})

const orders = new Entity({
  model: { entity: 'order', service: 'shop', version: '1' },
  attributes: {
    customerId: { type: 'string', required: true },
    orderId: { type: 'string', required: true },
    placedAt: { type: 'string', required: true },
    status: { type: STATUSES, required: true, default: 'open' },
    total: { type: 'number', required: true },
    note: { type: 'string' },
    expiresAt: { type: 'number', field: 'ttl' },
    updatedAt: { type: 'number', watch: '*', set: () => 7, readOnly: true },
  },
  indexes: {
    ofCustomer: {
      collection: 'account',
      pk: { field: 'pk', composite: ['customerId'] },
      sk: { field: 'sk', composite: ['orderId'] },
    },
    byStatus: {
      index: 'gsi1',
      pk: { field: 'gsi1pk', composite: ['status'] },
      sk: { field: 'gsi1sk', composite: ['placedAt', 'orderId'] },
    },
    byOrder: {
      collection: 'wholeOrder',
      index: 'gsi2',
      pk: { field: 'gsi2pk', composite: ['orderId'] },
      sk: { field: 'gsi2sk', composite: [] },
    },
  },
})

const lines = new Entity({
  model: { entity: 'line', service: 'shop', version: '1' },
  attributes: {
    orderId: { type: 'string', required: true },
    product: { type: 'string', required: true },
    count: { type: 'number', required: true },
  },
  indexes: {
    byProduct: {
      pk: { field: 'pk', composite: ['product'] },
      sk: { field: 'sk', composite: ['orderId'] },
    },
    byOrder: {
      collection: 'wholeOrder',
      index: 'gsi2',
      pk: { field: 'gsi2pk', composite: ['orderId'] },
      sk: { field: 'gsi2sk', composite: ['product'] },
    },
  },
})

const shop = new Service({ customers, orders, lines })

let served: ServedDatabase

beforeAll(async () => {
  served = await ServedDatabase.start()
})

afterAll(() => served[Symbol.asyncDispose]())

describe.each(WAYS_IN)('through %s', (way) => {
  const table = `shop-${way.replace(/ /g, '-')}`
  let client: DynamoDBClient

  beforeAll(async () => {
    client = served.client(way)
    await client.send(new CreateTableCommand(singleTable(table)))
    for (const entity of [customers, orders, lines]) {
      entity.setTableName(table)
      entity.setClient(client)
    }
    shop.setTableName(table)
    shop.setClient(client)
  })

  test('creates, and refuses to create twice', async () => {
    const ada = {
      ...{ customerId: 'ada', email: 'ada@example.org', name: 'Ada', labels: ['vip', 'early'] },
      ...{ address: { city: 'London', street: 'St James' }, visits: ['first'] },
    }
    const { data } = await customers.create(ada).go()
    expect(data).toMatchObject({ ...ada, credit: 0 })
    const { data: found } = await customers.get({ customerId: 'ada' }).go()
    expect(found).toEqual({ ...ada, credit: 0, labels: expect.arrayContaining(['vip', 'early']) })
    await expect(customers.create(ada).go()).rejects.toThrow(/The conditional request failed/)
    await expect(customers.create({ ...ada, email: 'nobody' }).go()).rejects.toThrow(/email/)
    expect((await customers.get({ customerId: 'nobody' }).go()).data).toBeNull()
  })

  test('updates in all of its ways', async () => {
    const { data: updated } = await customers
      .patch({ customerId: 'ada' })
      .set({ name: 'Ada L.' })
      .add({ credit: 20 })
      .append({ visits: ['second'] })
      .delete({ labels: ['early'] })
      .data(({ address }, { set }) => set(address.city, 'Paris'))
      .where(({ credit }, { lt }) => lt(credit, 10))
      .go({ response: 'all_new' })
    expect(updated).toMatchObject({
      ...{ name: 'Ada L.', credit: 20, visits: ['first', 'second'] },
      address: { city: 'Paris', street: 'St James' },
    })
    expect(updated.labels).toEqual(['vip'])
    const { data: labelled } = await customers
      .patch({ customerId: 'ada' })
      .add({ labels: ['new'] })
      .go({ response: 'all_new' })
    expect([...labelled.labels!].sort()).toEqual(['new', 'vip'])
    const tooRich = customers
      .patch({ customerId: 'ada' })
      .subtract({ credit: 5 })
      .where(({ credit }, { lt }) => lt(credit, 10))
    await expect(tooRich.go()).rejects.toThrow(/The conditional request failed/)
    const { data: removed } = await customers
      .update({ customerId: 'ada' })
      .remove(['address'])
      .go({ response: 'all_old' })
    expect(removed).toMatchObject({ address: { city: 'Paris' } })
    await expect(customers.patch({ customerId: 'nobody' }).set({ name: 'N' }).go()).rejects.toThrow(/conditional/)
    const { data: upserted } = await customers
      .upsert({ customerId: 'bob', email: 'bob@example.org', name: 'Bob' })
      .add({ credit: 1 })
      .go({ response: 'all_new' })
    expect(upserted).toMatchObject({ customerId: 'bob', credit: 1 })
  })

  test('writes batches, and queries them by status and time', async () => {
    const many = Array.from({ length: 60 }, (_, i) => order(i))
    const { unprocessed } = await orders.put(many).go({ concurrency: 3 })
    expect(unprocessed).toEqual([])
    const { data: open } = await orders.query.byStatus({ status: 'open' }).go({ pages: 'all' })
    expect(idsOf(open)).toEqual(idsOf(inOrderOfTime(many.filter(({ status }) => status === 'open'))))
    // An upper end that is a part of a sort key ends before the keys that it begins: ElectroDB sends it as it is.
    const { data: between } = await orders.query
      .byStatus({ status: 'paid' })
      .between({ placedAt: '2026-01-10' }, { placedAt: '2026-01-20' })
      .go()
    const wanted = many.filter((o) => o.status === 'paid' && o.placedAt >= '2026-01-10' && o.placedAt < '2026-01-20')
    expect(idsOf(between)).toEqual(idsOf(inOrderOfTime(wanted)))
    const { data: since } = await orders.query
      .byStatus({ status: 'sent' })
      .gte({ placedAt: '2026-01-25' })
      .where(({ total, note }, { gt, notExists }) => `${gt(total, 300)} AND ${notExists(note)}`)
      .go({ order: 'desc', attributes: ['orderId', 'total'] })
    const late = many.filter((o) => o.status === 'sent' && o.placedAt >= '2026-01-25' && o.total > 300 && !o.note)
    expect(since).toEqual(
      inOrderOfTime(late)
        .reverse()
        .map(({ orderId, total }) => ({ orderId, total })),
    )
    expect(late).toHaveLength(2)
    const { data: some, unprocessed: missed } = await orders
      .get([many[0]!, many[59]!, { customerId: 'ada', orderId: 'nothing' }])
      .go({ preserveBatchOrder: true })
    expect([missed, some.map((o) => o?.orderId)]).toEqual([[], ['o000', 'o059', undefined]])
  })

  test('goes from page to page by cursors', async () => {
    const seen: string[] = []
    let cursor: string | null = null
    let pages = 0
    do {
      const page: { data: EntityItem<typeof orders>[]; cursor: string | null } = await orders.query
        .ofCustomer({ customerId: 'ada' })
        .go({ cursor, limit: 25 })
      seen.push(...idsOf(page.data))
      cursor = page.cursor
      pages++
    } while (cursor !== null)
    expect(seen).toEqual(Array.from({ length: 60 }, (_, i) => order(i).orderId))
    expect(pages).toBe(3)
    const { data: counted } = await orders.query.ofCustomer({ customerId: 'ada' }).go({ count: 30 })
    expect(counted).toHaveLength(30)
  })

  test('finds by what it is given, and scans', async () => {
    const { data: byIndex } = await orders.find({ status: 'open', placedAt: '2026-01-01' }).go()
    expect(byIndex.every(({ status }) => status === 'open')).toBe(true)
    const { data: matched } = await orders.match({ customerId: 'ada', note: 'gift' }).go({ pages: 'all' })
    expect(matched).toHaveLength(12)
    const { data: scanned } = await orders.scan
      .where(({ total }, { between }) => between(total, 100, 120))
      .go({ pages: 'all' })
    expect(idsOf(scanned).sort()).toEqual(['o010', 'o011', 'o012'])
  })

  test('reads collections of several entities', async () => {
    await lines.put(['tea', 'cup', 'pot'].map((product, i) => ({ orderId: 'o007', product, count: i + 1 }))).go()
    const { data: whole } = await shop.collections.wholeOrder({ orderId: 'o007' }).go()
    expect(whole.orders.map(({ orderId }) => orderId)).toEqual(['o007'])
    expect(whole.lines.map(({ product, count }) => [product, count])).toEqual([
      ['cup', 2],
      ['pot', 3],
      ['tea', 1],
    ])
    const { data: account } = await shop.collections.account({ customerId: 'ada' }).go({ pages: 'all' })
    expect(account.customers.map(({ name }) => name)).toEqual(['Ada L.'])
    expect(account.orders).toHaveLength(60)
  })

  test('performs transactions, and tells which of their members failed', async () => {
    const written = await shop.transaction
      .write(({ customers: c, orders: o, lines: l }) => [
        c
          .patch({ customerId: 'ada' })
          .subtract({ credit: 20 })
          .where(({ credit }, { gte }) => gte(credit, 20))
          .commit(),
        o.create({ customerId: 'ada', orderId: 'tx1', placedAt: '2026-02-01', total: 20 }).commit(),
        l.put({ orderId: 'tx1', product: 'tea', count: 1 }).commit(),
        l.delete({ orderId: 'o007', product: 'pot' }).commit(),
      ])
      .go()
    expect(written.canceled).toBe(false)
    const again = await shop.transaction
      .write(({ customers: c, orders: o }) => [
        c
          .check({ customerId: 'ada' })
          .where(({ credit }, { gte }) => gte(credit, 20))
          .commit({ response: 'all_old' }),
        o.put({ customerId: 'ada', orderId: 'tx2', placedAt: '2026-02-02', total: 20 }).commit(),
      ])
      .go()
    expect(again.canceled).toBe(true)
    expect(again.data.map(({ rejected, code }) => [rejected, code])).toEqual([
      [true, 'ConditionalCheckFailed'],
      [false, 'None'],
    ])
    expect(again.data[0]!.item).toMatchObject({ customerId: 'ada', credit: 0 })
    const { data: read } = await shop.transaction
      .get(({ customers: c, orders: o }) => [
        c.get({ customerId: 'ada' }).commit(),
        o.get({ customerId: 'ada', orderId: 'tx1' }).commit(),
        o.get({ customerId: 'ada', orderId: 'tx2' }).commit(),
      ])
      .go()
    expect(read.map(({ item }) => item)).toMatchObject([{ credit: 0 }, { orderId: 'tx1', status: 'open' }, null])
  })

  test('moves an order in the index when its status changes, and removes', async () => {
    await orders
      .patch({ customerId: 'ada', orderId: 'tx1' })
      .composite({ placedAt: '2026-02-01' })
      .set({ status: 'sent' })
      .go()
    const { data: sent } = await orders.query.byStatus({ status: 'sent' }).gte({ placedAt: '2026-02' }).go()
    expect(idsOf(sent)).toEqual(['tx1'])
    const { data: gone } = await orders.remove({ customerId: 'ada', orderId: 'tx1' }).go({ response: 'all_old' })
    expect(gone).toMatchObject({ orderId: 'tx1', status: 'sent' })
    await expect(orders.remove({ customerId: 'ada', orderId: 'tx1' }).go()).rejects.toThrow(/conditional/)
    expect((await orders.delete(Array.from({ length: 60 }, (_, i) => order(i))).go()).unprocessed).toEqual([])
    expect((await orders.query.ofCustomer({ customerId: 'ada' }).go()).data).toEqual([])
  })

  test('leaves on the table what it says that it would', async () => {
    const { Items } = await client.send(new ScanCommand({ TableName: table }))
    expect(Items!.map(({ pk, sk }) => `${pk!.S} ${sk!.S}`).sort()).toEqual([
      ...['$shop#customerid_ada $account#customer_1', '$shop#customerid_bob $account#customer_1'],
      ...['$shop#product_cup $line_1#orderid_o007', '$shop#product_tea $line_1#orderid_o007'],
      '$shop#product_tea $line_1#orderid_tx1',
    ])
    const { fromComposite } = createConversions(customers)
    expect(fromComposite.toKeys({ customerId: 'bob' })).toMatchObject({ pk: '$shop#customerid_bob' })
  })
})

function order(i: number) {
  return {
    ...{ customerId: 'ada', orderId: `o${String(i).padStart(3, '0')}` },
    ...{ placedAt: `2026-01-${String((i % 31) + 1).padStart(2, '0')}`, status: STATUSES[i % 3]!, total: i * 10 },
    ...(i % 5 === 0 ? { note: 'gift' } : {}),
  }
}

function idsOf(found: readonly { readonly orderId: string }[]): string[] {
  return found.map(({ orderId }) => orderId)
}

/** That of the index of statuses: by time, then by number. */
function inOrderOfTime<O extends { readonly orderId: string; readonly placedAt: string }>(found: readonly O[]): O[] {
  const place = (o: O) => `${o.placedAt} ${o.orderId}`
  return [...found].sort((a, b) => (place(a) < place(b) ? -1 : 1))
}

function singleTable(TableName: string) {
  const index = (name: string) => ({
    IndexName: name,
    KeySchema: [
      { AttributeName: `${name}pk`, KeyType: 'HASH' as const },
      { AttributeName: `${name}sk`, KeyType: 'RANGE' as const },
    ],
    Projection: { ProjectionType: 'ALL' as const },
  })
  return {
    TableName,
    BillingMode: 'PAY_PER_REQUEST' as const,
    AttributeDefinitions: ['pk', 'sk', 'gsi1pk', 'gsi1sk', 'gsi2pk', 'gsi2sk'].map((AttributeName) => ({
      AttributeName,
      AttributeType: 'S' as const,
    })),
    KeySchema: [
      { AttributeName: 'pk', KeyType: 'HASH' as const },
      { AttributeName: 'sk', KeyType: 'RANGE' as const },
    ],
    GlobalSecondaryIndexes: [index('gsi1'), index('gsi2')],
  }
}
