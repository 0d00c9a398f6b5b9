/** The door as a function from `Request` to `Response`. */
import { gunzipSync, gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { fetchHandler } from '../../../src/server/fetch-handler.js'
import { protocolTo, RecordingPerformer, SIGNED } from '../../support/wire-fixture.js'

const HEADERS = {
  'content-type': 'application/x-amz-json-1.0',
  'x-amz-target': 'DynamoDB_20120810.ListTables',
  'x-amz-date': '20261121T120000Z',
  authorization: SIGNED,
}

function request(body: string | Uint8Array | ReadableStream | null, headers: object = {}, method = 'POST'): Request {
  const init = { method, headers: { ...HEADERS, ...headers }, body, duplex: 'half' }
  return new Request('http://example.org/', init as RequestInit)
}

test('a request is answered', async () => {
  const performer = new RecordingPerformer(() => ({ TableNames: [] }))
  const response = await fetchHandler(protocolTo(performer))(request('{"Limit":7}'))
  expect(performer.performed).toEqual([{ operation: 'ListTables', input: { Limit: 7 } }])
  expect([response.status, await response.json()]).toEqual([200, { TableNames: [] }])
  expect(response.headers.get('x-amzn-requestid')).toMatch(/^\w{52}$/)
})

test('a refusal is an answer', async () => {
  const handle = fetchHandler(protocolTo(new RecordingPerformer()))
  expect((await handle(request('{'))).status).toBe(400)
  expect((await handle(request(null))).status).toBe(400)
  expect((await handle(request('{}', { 'content-type': 'text/plain' }))).status).toBe(404)
  expect(await (await handle(request(null, {}, 'GET'))).text()).toMatch(/^healthy: dynamodb/)
  expect(await (await handle(request(null, {}, 'HEAD'))).text()).toBe('')
})

test('gzip goes in and out', async () => {
  const performer = new RecordingPerformer(() => ({ Long: 'x'.repeat(5000) }))
  const headers = { 'content-encoding': 'gzip', 'accept-encoding': 'gzip' }
  const response = await fetchHandler(protocolTo(performer))(request(gzipSync('{"Limit":7}'), headers))
  expect(performer.performed).toMatchObject([{ input: { Limit: 7 } }])
  expect(response.headers.get('content-encoding')).toBe('gzip')
  expect(JSON.parse(gunzipSync(await response.arrayBuffer()).toString()).Long).toHaveLength(5000)
})

test('a body that never ends is not waited for', async () => {
  let pulled = 0
  const endless = new ReadableStream({
    pull(controller) {
      pulled++
      controller.enqueue(new Uint8Array(1024 * 1024))
    },
  })
  expect((await fetchHandler(protocolTo(new RecordingPerformer()))(request(endless))).status).toBe(413)
  expect(pulled).toBeLessThan(20)
})
