/** A database that is served: what its server says of itself. */
import { afterEach, expect, test } from 'vitest'
import { type Database, open, type ServeOptions } from '../../../src/index.js'
import { wireRequest } from '../../support/wire-fixture.js'

const databases: Database[] = []

afterEach(() => Promise.all(databases.splice(0).map((database) => database.close())))

async function served(options: ServeOptions = {}) {
  const database = await open('memory:')
  databases.push(database)
  return database.serve({ port: 0, ...options })
}

test('clients that ask for endpoints are led to where it listens', async () => {
  const server = await served()
  const { headers } = wireRequest('DescribeEndpoints', {})
  const { host, ...sent } = headers as Record<string, string>
  const response = await fetch(server.url, { method: 'POST', headers: sent, body: '{}' })
  expect(await response.json()).toEqual({
    Endpoints: [{ Address: `127.0.0.1:${server.port}`, CachePeriodInMinutes: 1440 }],
  })
})

test('GET / says which region it is', async () => {
  const textAt = async (options: ServeOptions) => (await fetch((await served(options)).url)).text()
  expect(await textAt({ region: 'eu-west-3' })).toBe('healthy: dynamodb.eu-west-3.amazonaws.com ')
  expect(await textAt({})).toBe('healthy: dynamodb.us-east-1.amazonaws.com ')
})
