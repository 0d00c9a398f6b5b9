/** What HTTP lets a client write in several ways was understood in one of them only. */
import { request } from 'node:http'
import { expect, test } from 'vitest'
import { temporaryDatabase } from '../support/temporary-database.js'
import { wireRequest } from '../support/wire-fixture.js'

interface Sent {
  readonly method: string
  readonly path: string
  readonly headers?: Record<string, string>
}

async function answerTo({ method, path, headers = {} }: Sent): Promise<string> {
  const { db } = await temporaryDatabase()
  const { port } = await db.serve({ port: 0 })
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, method, path, headers: { ...headers, connection: 'close' } })
    sent.on('error', reject)
    sent.on('response', (response) => {
      let text = ''
      response.on('data', (chunk) => (text += String(chunk)))
      response.on('end', () => resolve(text))
    })
    sent.end(method === 'POST' ? '{}' : undefined)
  })
}

const { host: _, ...headers } = wireRequest('ListTables', {}).headers as Record<string, string>

test.each(['/', 'http://localhost/', 'HTTP://127.0.0.1:8000', 'http://localhost:8000/'])('GET %s', async (path) => {
  expect(await answerTo({ method: 'GET', path })).toMatch(/^healthy/)
})

test('GET of another page of a whole address finds nothing', async () => {
  expect(await answerTo({ method: 'GET', path: 'http://localhost/shell' })).toMatch(/UnknownOperation/)
})

test.each(['application/x-amz-json-1.0', 'Application/X-AMZ-JSON-1.0', 'application/JSON; charset=UTF-8'])(
  'POST of type %s',
  async (type) => {
    const sent = { method: 'POST', path: 'http://localhost/', headers: { ...headers, 'content-type': type } }
    expect(await answerTo(sent)).toBe('{"TableNames":[]}')
  },
)
