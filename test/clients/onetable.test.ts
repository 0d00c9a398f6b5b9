// biome-ignore-all lint/suspicious/noTemplateCurlyInString: OneTable has templates of its own.
/** OneTable: accounts and their users in a single table that it creates itself, with a global and a local index. */
import {
  DescribeTimeToLiveCommand,
  type DynamoDBClient,
  GetItemCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb'
import { type Entity, type Model, Table } from 'dynamodb-onetable'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ServedDatabase, WAYS_IN } from './ways-in.js'

const SCHEMA = {
  format: 'onetable:1.1.0',
  version: '0.0.1',
  indexes: {
    primary: { hash: 'pk', sort: 'sk' },
    gs1: { hash: 'gs1pk', sort: 'gs1sk', follow: true, project: ['gs1pk', 'gs1sk', 'pk', 'sk', '_type'] },
    ls1: { type: 'local', sort: 'balance' },
  },
  models: {
    Account: {
      pk: { type: String, value: 'account#${id}' },
      sk: { type: String, value: 'account#' },
      id: { type: String, generate: 'ulid', required: true },
      name: { type: String, required: true, unique: true },
      plan: { type: String, enum: ['free', 'paid'], default: 'free' },
    },
    User: {
      pk: { type: String, value: 'account#${accountId}' },
      sk: { type: String, value: 'user#${email}' },
      gs1pk: { type: String, value: 'user#' },
      gs1sk: { type: String, value: 'user#${email}' },
      accountId: { type: String, required: true },
      email: { type: String, required: true, validate: /^[^@]+@[^@]+$/ },
      balance: { type: Number, default: 0 },
      tags: { type: Array, items: { type: String } },
      address: { type: Object, schema: { city: { type: String }, zip: { type: String } } },
      seenAt: { type: Date },
      avatar: { type: 'binary' },
    },
    Session: {
      pk: { type: String, value: 'session#${id}' },
      sk: { type: String, value: 'session#' },
      id: { type: String, required: true },
      expires: { type: Date, ttl: true },
    },
  },
  params: { isoDates: true, timestamps: true },
  queries: {},
} as const

type Account = Entity<typeof SCHEMA.models.Account>
type User = Entity<typeof SCHEMA.models.User>
type Session = Entity<typeof SCHEMA.models.Session>

let served: ServedDatabase

beforeAll(async () => {
  served = await ServedDatabase.start()
})

afterAll(() => served[Symbol.asyncDispose]())

describe.each(WAYS_IN)('through %s', (way) => {
  const name = `accounts-${way.replace(/ /g, '-')}`
  let client: DynamoDBClient
  let table: Table
  let Accounts: Model<Account>
  let Users: Model<User>
  let Sessions: Model<Session>
  let account: Account

  beforeAll(async () => {
    client = served.client(way)
    table = new Table({ client, name, schema: SCHEMA, partial: true, logger: false })
    Accounts = table.getModel<Account>('Account')
    Users = table.getModel<User>('User')
    Sessions = table.getModel<Session>('Session')
    await table.createTable()
  })

  test('creates its table', async () => {
    expect(await table.exists()).toBe(true)
    const { Table: description } = (await table.describeTable()) as { Table: Record<string, unknown> }
    expect(description).toMatchObject({
      ...{ TableName: name, TableStatus: 'ACTIVE', BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' } },
      GlobalSecondaryIndexes: [{ IndexName: 'gs1', IndexStatus: 'ACTIVE', Projection: { ProjectionType: 'INCLUDE' } }],
      LocalSecondaryIndexes: [{ IndexName: 'ls1', Projection: { ProjectionType: 'ALL' } }],
    })
    expect(await table.getKeys()).toMatchObject({
      primary: { hash: 'pk', sort: 'sk' },
      gs1: { hash: 'gs1pk', sort: 'gs1sk' },
    })
    expect(await table.listTables()).toContain(name)
  })

  test('creates, with attributes that only one item may have', async () => {
    account = await Accounts.create({ name: 'Acme' })
    expect(account).toMatchObject({ name: 'Acme', plan: 'free', id: expect.stringMatching(/^[0-9A-Z]{26}$/) })
    expect(await Accounts.get({ id: account.id })).toMatchObject({ name: 'Acme', plan: 'free' })
    await expect(Accounts.create({ name: 'Acme' })).rejects.toThrow(/unique/)
    await Accounts.update({ id: account.id, name: 'Apex' })
    const second = await Accounts.create({ name: 'Acme' })
    await Accounts.remove({ id: second.id })
    expect((await Accounts.create({ name: 'Acme' })).name).toBe('Acme')
  })

  test('finds users, a page at a time, in both directions', async () => {
    const batch = {}
    for (let i = 0; i < 12; i++) await Users.create(user(i), { batch })
    await table.batchWrite(batch)
    const first = await Users.find({ accountId: account.id }, { limit: 5 })
    expect(first.map(({ email }) => email)).toEqual(['u00@x', 'u01@x', 'u02@x', 'u03@x', 'u04@x'])
    const second = await Users.find({ accountId: account.id }, { limit: 5, next: first.next! })
    expect(second.map(({ email }) => email)).toEqual(['u05@x', 'u06@x', 'u07@x', 'u08@x', 'u09@x'])
    const back = await Users.find({ accountId: account.id }, { limit: 5, prev: second.prev! })
    expect(back.map(({ email }) => email)).toEqual(first.map(({ email }) => email))
    const last = await Users.find({ accountId: account.id }, { reverse: true, limit: 1 })
    expect(last.map(({ email }) => email)).toEqual(['u11@x'])
    const rich = await Users.find(
      { accountId: account.id },
      { where: '${balance} >= {90} and contains(${tags}, {odd})' },
    )
    expect(rich.map(({ balance }) => balance)).toEqual([90, 110])
    expect((await Users.find({ accountId: account.id }, { count: true })).count).toBe(12)
    const byBalance = await Users.find({ accountId: account.id, balance: { between: [25, 55] } }, { index: 'ls1' })
    expect(byBalance.map(({ balance }) => balance)).toEqual([30, 40, 50])
    const begins = await Users.find({ accountId: account.id, sk: { begins: 'user#u1' } } as never, { hidden: false })
    expect(begins.map(({ email }) => email)).toEqual(['u10@x', 'u11@x'])
  })

  test('follows an index that has the keys alone', async () => {
    const found = await Users.get({ email: 'u03@x' } as never, { index: 'gs1', follow: true })
    expect(found).toMatchObject({ email: 'u03@x', balance: 30, address: { city: 'Rome' } })
    const scanned = await Users.scan({}, { where: '${address.city} = {Rome}', fields: ['email'] })
    expect(scanned).toHaveLength(12)
    const halves = await Promise.all([0, 1].map((segment) => Users.scan({}, { segments: 2, segment })))
    expect(halves.flat()).toHaveLength(12)
  })

  test('updates: add, delete, push, remove, set, and parts of maps', async () => {
    const key = { accountId: account.id!, email: 'u01@x' }
    const seenAt = new Date('2026-01-02T03:04:05.000Z')
    expect(await Users.update({ ...key, seenAt, address: { zip: '00100' } })).toMatchObject({
      ...{ seenAt, address: { city: 'Rome', zip: '00100' } },
    })
    expect(await Users.update(key, { add: { balance: 7 }, push: { tags: ['new'] } })).toMatchObject({
      ...{ balance: 17, tags: ['odd', 'new'] },
    })
    expect(await Users.update(key, { set: { 'address.city': 'Milan', balance: '${balance} - {2}' } })).toMatchObject({
      ...{ balance: 15, address: { city: 'Milan', zip: '00100' } },
    })
    const removed = await Users.update(key, { remove: ['address.zip', 'tags'] })
    expect(removed).toMatchObject({ address: { city: 'Milan' } })
    expect(removed).not.toHaveProperty('tags')
    await Users.update({ ...key, avatar: new Uint8Array([1, 2, 3]) } as never)
    const { Item } = await client.send(
      new GetItemCommand({ TableName: name, Key: { pk: { S: `account#${account.id}` }, sk: { S: 'user#u01@x' } } }),
    )
    expect(Item).toMatchObject({ avatar: { B: new Uint8Array([1, 2, 3]) }, seenAt: { S: seenAt.toISOString() } })
    await expect(Users.update(key, { where: '${balance} > {1000}', set: { balance: 0 } })).rejects.toThrow(
      /Conditional|condition/,
    )
    await expect(Users.update({ ...key, email: 'missing@x', balance: 1 })).rejects.toThrow()
    expect(await Users.upsert({ ...key, email: 'new@x', balance: 1 })).toMatchObject({ email: 'new@x', balance: 1 })
  })

  test('batches and transactions', async () => {
    const batch = {}
    await Users.get({ accountId: account.id!, email: 'u01@x' }, { batch })
    await Accounts.get({ id: account.id! }, { batch })
    const got = await table.batchGet<{ name?: string; email?: string }>(batch, { parse: true })
    expect(got.map(({ name, email }) => name ?? email).sort()).toEqual(['Apex', 'u01@x'])
    const transaction = {}
    await Accounts.update({ id: account.id!, plan: 'paid' }, { transaction })
    await Users.update({ accountId: account.id!, email: 'u02@x' }, { transaction, add: { balance: 100 } })
    await Users.remove({ accountId: account.id!, email: 'u00@x' }, { transaction })
    await table.transact('write', transaction)
    const reading = {}
    await Accounts.get({ id: account.id! }, { transaction: reading })
    await Users.get({ accountId: account.id!, email: 'u02@x' }, { transaction: reading })
    const read = await table.transact('get', reading, { parse: true, hidden: true })
    expect(read).toMatchObject([{ plan: 'paid' }, { balance: 120 }])
    const failing = {}
    await Accounts.update({ id: account.id!, plan: 'free' }, { transaction: failing })
    await Users.update(
      { accountId: account.id!, email: 'u02@x', balance: 0 },
      { transaction: failing, where: '${balance} < {0}' },
    )
    await expect(table.transact('write', failing)).rejects.toMatchObject({ code: 'TransactionCanceledException' })
    expect(await Accounts.get({ id: account.id! })).toMatchObject({ plan: 'paid' })
  })

  test('collections of several models', async () => {
    const { Account: accounts, User: users } = await table.fetch(['Account', 'User'], { pk: `account#${account.id}` })
    expect([accounts!.length, users!.length]).toEqual([1, 12])
  })

  test('items with a time to live', async () => {
    const ttl = { TableName: name, TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true } }
    await client.send(new UpdateTimeToLiveCommand(ttl))
    const { TimeToLiveDescription } = await client.send(new DescribeTimeToLiveCommand({ TableName: name }))
    expect(TimeToLiveDescription).toEqual({ AttributeName: 'expires', TimeToLiveStatus: 'ENABLED' })
    const expires = new Date(Math.ceil(Date.now() / 1000) * 1000 + 3_600_000)
    await Sessions.create({ id: 's1', expires })
    expect(await Sessions.get({ id: 's1' })).toMatchObject({ expires })
    const { Item } = await client.send(
      new GetItemCommand({ TableName: name, Key: { pk: { S: 'session#s1' }, sk: { S: 'session#' } } }),
    )
    expect(Item!['expires']).toEqual({ N: String(expires.getTime() / 1000) })
  })

  test('keeps its schema in the table, and removes everything', async () => {
    await table.saveSchema()
    expect(await table.readSchema()).toMatchObject({ version: '0.0.1' })
    await Users.remove({ accountId: account.id! } as never, { many: true })
    expect(await Users.find({ accountId: account.id! })).toHaveLength(0)
    await table.updateTable({ remove: { name: 'gs1' } })
    const { Table: description } = (await table.describeTable()) as { Table: Record<string, unknown> }
    expect(description).not.toHaveProperty('GlobalSecondaryIndexes')
    await table.deleteTable('DeleteTableForever')
    expect(await table.exists()).toBe(false)
  })

  function user(i: number) {
    return {
      ...{ accountId: account.id!, email: `u${String(i).padStart(2, '0')}@x`, balance: i * 10 },
      ...{ tags: [i % 2 === 0 ? 'even' : 'odd'], address: { city: 'Rome' } },
    }
  }
})
