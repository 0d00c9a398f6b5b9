/**
 * A request behind which its sender wrote something that is no HTTP, in the same packet, was done, and answered with 400:
 * what follows is parsed, and refused, before anybody has looked at the request. Who was told so wrote again.
 */
import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { open, table, type } from '../../src/index.js'
import { SIGNED } from '../support/wire-fixture.js'

const Things = table('things', { schema: type<{ id: string }>(), key: ['id'] })

function putOf(id: string): string {
  const body = JSON.stringify({ TableName: 'things', Item: { id: { S: id } } })
  return [
    'POST / HTTP/1.1',
    'Host: localhost',
    'Content-Type: application/x-amz-json-1.0',
    'X-Amz-Target: DynamoDB_20120810.PutItem',
    'X-Amz-Date: 20261121T120000Z',
    `Authorization: ${SIGNED}`,
    `Content-Length: ${body.length}`,
    '',
    body,
  ].join('\r\n')
}

test.each([
  ['a line', 'hello\r\n\r\n'],
  ['a body that is longer than it was said to be', '{}'],
  ['headers that never end', `GET / HTTP/1.1\r\nX: ${'x'.repeat(20_000)}`],
  ['a request that is not whole', 'POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nhello\r\n'],
])('behind %s requests are answered as what became of them, and the socket is closed', async (_, tail) => {
  const db = await open('memory:')
  const things = db.table(Things)
  const server = await db.serve({ port: 0 })
  const socket = connect(server.port, '127.0.0.1')
  let received = ''
  socket.on('data', (chunk) => {
    received += chunk.toString('latin1')
  })
  socket.write(putOf('a') + putOf('b') + tail)
  await once(socket, 'close')
  expect(received.match(/HTTP\/1.1 [^\r]*/g)).toEqual(['HTTP/1.1 200 OK', 'HTTP/1.1 200 OK'])
  expect(await things.get({ id: 'a' })).toEqual({ id: 'a' })
  expect(await things.get({ id: 'b' })).toEqual({ id: 'b' })
  await db.close()
})
