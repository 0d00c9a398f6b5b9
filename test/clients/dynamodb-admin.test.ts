/** dynamodb-admin, the pages to look at tables with, in front of `dynafile serve`: its pages are fetched and its forms sent. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freePort, Program, serveCommand } from './child-process.js'

const ADMIN = 'test/clients/node_modules/dynamodb-admin/dist/dynamodb-admin.js'

let folder: string
let database: Program
let admin: Program
let site: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'dynafile-admin-'))
  const { program, url } = await serveCommand(join(folder, 'data'))
  database = program
  const port = await freePort()
  site = `http://127.0.0.1:${port}`
  admin = new Program(process.execPath, [
    ADMIN,
    '--host',
    '127.0.0.1',
    '--port',
    String(port),
    '--dynamo-endpoint',
    url,
  ])
  await admin.said(/listening on/)
})

afterAll(async () => {
  await admin.stop()
  expect(await database.stop()).toBe(0)
  rmSync(folder, { recursive: true, force: true })
})

async function page(path: string): Promise<string> {
  const response = await fetch(site + path)
  expect([path, response.status]).toEqual([path, 200])
  return response.text()
}

async function send(method: string, path: string, body?: unknown): Promise<Response> {
  const headers = { 'content-type': 'application/json' }
  return fetch(site + path, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })
}

async function items(search: Readonly<Record<string, unknown>> = {}) {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(search)) {
    query.set(name, typeof value === 'string' ? value : JSON.stringify(value))
  }
  const { Items, nextKey } = JSON.parse(await page(`/tables/birds/items?${query}`))
  return { names: Items.map(({ name }: { name: string }) => name), nextKey }
}

test('makes a table by its form', async () => {
  expect(await page('/create-table')).toContain('HashAttributeName')
  const TableDefinition = {
    ...{ TableName: 'birds', HashAttributeName: 'family', HashAttributeType: 'S' },
    ...{ RangeAttributeName: 'number', RangeAttributeType: 'N', ReadCapacityUnits: 3, WriteCapacityUnits: 3 },
  }
  const SecondaryIndexes = [
    {
      ...{ IndexName: 'byName', IndexType: 'global', HashAttributeName: 'name', HashAttributeType: 'S' },
      ...{ ReadCapacityUnits: 3, WriteCapacityUnits: 3 },
    },
  ]
  const created = await send('POST', '/create-table', { TableDefinition, SecondaryIndexes })
  expect([created.status, await created.text()]).toEqual([204, ''])
  expect(JSON.parse(await page('/api/tables'))).toMatchObject([{ TableName: 'birds', TableStatus: 'ACTIVE' }])
  expect(await page('/')).toContain('birds')
})

test('makes items, shows them and changes them', async () => {
  expect(await page('/tables/birds/add-item')).toContain('family')
  for (let number = 1; number <= 30; number++) {
    const answer = await send('PUT', '/tables/birds/add-item', {
      ...{ family: number <= 12 ? 'owls' : 'gulls', number, name: `bird ${number}`, seen: [true, { where: 'here' }] },
    })
    expect([answer.status, await answer.json()]).toEqual([200, { family: number <= 12 ? 'owls' : 'gulls', number }])
  }
  const shown = await page('/tables/birds/items/owls%2C7')
  expect(shown).toContain('bird 7')
  const changed = await send('PUT', '/tables/birds/items/owls%2C7', { family: 'owls', number: 7, name: 'barn owl' })
  expect(await changed.json()).toEqual({ family: 'owls', number: 7, name: 'barn owl' })
  expect((await send('DELETE', '/tables/birds/items/owls%2C8')).status).toBe(204)
  expect((await fetch(`${site}/tables/birds/items/owls%2C8`)).status).toBe(404)
})

test('looks through a table: pages, filters, a query of an index', async () => {
  expect(await page('/tables/birds')).toContain('birds')
  const first = await items({ pageSize: '20' })
  expect(first.names).toHaveLength(20)
  const second = await items({ pageSize: '20', startKey: decodeURIComponent(first.nextKey) })
  expect(new Set([...first.names, ...second.names]).size).toBe(29)
  const filtered = await items({ filters: { name: { operator: 'begins_with', type: 'S', value: 'bird 2' } } })
  expect(filtered.names.sort()).toEqual(['bird 2', ...Array.from({ length: 10 }, (_, i) => `bird ${20 + i}`)])
  const owls = await items({
    operationType: 'query',
    filters: {
      family: { operator: '=', type: 'S', value: 'owls' },
      number: { operator: '>=', type: 'N', value: '10' },
    },
  })
  expect(owls.names).toEqual(['bird 10', 'bird 11', 'bird 12'])
  const byName = await items({
    ...{ operationType: 'query', queryableSelection: 'byName' },
    filters: { name: { operator: '=', type: 'S', value: 'barn owl' } },
  })
  expect(byName.names).toEqual(['barn owl'])
})

test('shows what else there is of a table', async () => {
  expect(await page('/tables/birds/meta')).toContain('arn:aws:dynamodb')
  expect(await page('/tables/birds/ttl')).toContain('DISABLED')
  expect(await page('/tables/birds/get')).toContain('number')
})

test('empties a table, and removes it', async () => {
  expect((await send('DELETE', '/tables/birds/all')).status).toBe(200)
  expect((await items()).names).toEqual([])
  expect((await send('DELETE', '/tables/birds')).status).toBe(204)
  expect(JSON.parse(await page('/api/tables'))).toEqual([])
})
