/** Databases, and servers on them, in one process: what is done to one is seen in no other. */
import { expect, test } from 'vitest'
import { open } from '../../src/index.js'
import { wireRequest } from '../support/wire-fixture.js'

async function send(url: string, operation: string, body: unknown): Promise<Record<string, unknown>> {
  const { headers } = wireRequest(operation, '')
  const response = await fetch(url, {
    method: 'POST',
    headers: headers as Record<string, string>,
    body: JSON.stringify(body),
  })
  return (await response.json()) as Record<string, unknown>
}

const definition = {
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
  KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
}

test('64 of them, with tables of the same name', { timeout: 60_000 }, async () => {
  const workers = await Promise.all(
    Array.from({ length: 64 }, async (_, number) => {
      const db = await open('memory:')
      return { db, number, server: await db.serve({ port: 0 }) }
    }),
  )
  expect(new Set(workers.map(({ server }) => server.port)).size).toBe(64)
  await Promise.all(
    workers.map(async ({ server, number }) => {
      await send(server.url, 'CreateTable', { TableName: 'same', ...definition })
      await send(server.url, 'PutItem', { TableName: 'same', Item: { pk: { S: 'one' }, number: { N: `${number}` } } })
      await send(server.url, 'PutItem', { TableName: 'same', Item: { pk: { S: `only ${number}` } } })
    }),
  )
  for (const { db, number, server } of workers) {
    const { Item } = await send(server.url, 'GetItem', { TableName: 'same', Key: { pk: { S: 'one' } } })
    expect(Item).toEqual({ pk: { S: 'one' }, number: { N: `${number}` } })
    expect((await send(server.url, 'Scan', { TableName: 'same' }))['Count']).toBe(2)
    expect(await db.table('same').get({ pk: `only ${number}` })).toEqual({ pk: `only ${number}` })
  }
  await Promise.all(workers.map(({ db }) => db.close()))
  await expect(send(workers[0]!.server.url, 'ListTables', {})).rejects.toThrow()
})

test('two on one database are two doors to the same', async () => {
  const db = await open('memory:')
  const [first, second] = [await db.serve({ port: 0 }), await db.serve({ port: 0, tableDelayMs: 0 })]
  await send(first.url, 'CreateTable', { TableName: 'abc', ...definition })
  expect(await send(second.url, 'ListTables', {})).toEqual({ TableNames: ['abc'] })
  await first.close()
  expect(await send(second.url, 'ListTables', {})).toEqual({ TableNames: ['abc'] })
  await db.close()
  await expect(db.serve({ port: 0 })).rejects.toThrow('Cannot use the database: it is closed')
})

test('a server with faults meets them, and the other one does not', async () => {
  const db = await open('memory:')
  const [sound, faulty] = [await db.serve({ port: 0 }), await db.serve({ port: 0, faults: { throttle: 1 } })]
  await send(sound.url, 'CreateTable', { TableName: 'abc', ...definition })
  const put = { TableName: 'abc', Item: { pk: { S: 'x' } } }
  expect((await send(faulty.url, 'PutItem', put))['__type']).toMatch(/#ProvisionedThroughputExceededException$/)
  expect(await send(sound.url, 'PutItem', put)).toEqual({})
  await db.close()
})
