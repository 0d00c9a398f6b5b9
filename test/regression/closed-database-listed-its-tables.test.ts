/**
 * Requests in the process whose answers need nothing of the storage, as ListTables and DescribeLimits, were answered when the
 * database was closed; all others were refused.
 */
import { expect, test } from 'vitest'
import { openBackend } from '../../src/database.js'
import { open } from '../../src/index.js'
import { OPERATIONS } from '../../src/server/operations.js'
import { createService } from '../../src/server/service.js'
import { wireRequest } from '../support/wire-fixture.js'

const IS_CLOSED = 'Cannot use the database: it is closed'

test('every operation of a closed database is refused for that', async () => {
  const { backend, release } = await openBackend('memory:')
  const service = createService(backend)
  expect(await service.perform('ListTables', {})).toEqual({ TableNames: [] })
  await backend.close()
  await release()
  for (const operation of OPERATIONS.keys()) {
    await expect(service.perform(operation, {}), operation).rejects.toMatchObject({ message: IS_CLOSED })
  }
})

test.each(['ListTables', 'DescribeLimits'])('%s is, when a client asks for it', async (operation) => {
  const db = await open('memory:')
  const { requestHandler } = db.awsConfig()
  const ask = async () => {
    const { response } = await requestHandler.handle(wireRequest(operation, {}))
    return [response.statusCode, JSON.parse(Buffer.from(response.body).toString())]
  }
  expect(await ask()).toEqual([200, expect.any(Object)])
  await db.close()
  expect(await ask()).toEqual([500, expect.objectContaining({ message: IS_CLOSED })])
})

test('nor does the database itself say which there are', async () => {
  const db = await open('memory:')
  expect(db.tables()).toEqual([])
  await db.close()
  expect(() => db.tables()).toThrow(IS_CLOSED)
})
