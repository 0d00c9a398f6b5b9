/** The HTTP server, from the outside: sockets that behave and sockets that don't. */
import { once } from 'node:events'
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http'
import { connect, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { crc32, gunzipSync, gzipSync } from 'node:zlib'
import { afterEach, describe, expect, test } from 'vitest'
import type { Members, Performer } from '../../../src/server/performer.js'
import { type ListeningServer, type ListenOptions, listen } from '../../../src/server/server.js'
import { RecordingPerformer, wireRequest } from '../../support/wire-fixture.js'

const servers: ListeningServer[] = []
const sockets: Socket[] = []

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

async function served(
  performer: Performer = new RecordingPerformer(),
  options: ListenOptions = {},
): Promise<ListeningServer> {
  const server = await listen(performer, { port: 0, ...options })
  servers.push(server)
  return server
}

interface Received {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

function post(
  server: ListeningServer,
  body: string | Uint8Array,
  { headers = {}, agent, operation = 'ListTables' }: { headers?: object; agent?: Agent; operation?: string } = {},
): Promise<Received> {
  return new Promise((resolve, reject) => {
    const sent = { ...wireRequest(operation, '').headers, ...headers }
    const request = httpRequest(server.url, { method: 'POST', headers: sent, ...(agent && { agent }) }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () =>
        resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(chunks) }),
      )
    })
    request.on('error', reject)
    request.end(body)
  })
}

async function socketTo(server: ListeningServer): Promise<Socket & { received: string }> {
  const socket = Object.assign(connect(server.port, '127.0.0.1'), { received: '' })
  sockets.push(socket)
  socket.on('data', (chunk) => {
    socket.received += chunk.toString('latin1')
  })
  socket.on('error', () => {})
  await once(socket, 'connect')
  return socket
}

/** However it was closed. */
const closed = (socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    if (socket.closed) resolve()
    else socket.once('close', () => resolve())
  })

const HEAD = [
  'POST / HTTP/1.1',
  'Host: localhost',
  'Content-Type: application/x-amz-json-1.0',
  'X-Amz-Target: DynamoDB_20120810.ListTables',
  'X-Amz-Date: 20261121T120000Z',
  'Authorization: AWS4-HMAC-SHA256 Credential=a, SignedHeaders=b, Signature=c',
].join('\r\n')

describe('requests', () => {
  test('are answered, with the length and the checksum of what is sent', async () => {
    const server = await served(new RecordingPerformer(() => ({ TableNames: [] })))
    expect(server.url).toBe(`http://127.0.0.1:${server.port}`)
    const { status, headers, body } = await post(server, '{}')
    expect([status, body.toString()]).toEqual([200, '{"TableNames":[]}'])
    expect(headers).toMatchObject({ 'content-length': '17', 'x-amz-crc32': String(crc32(body)) })
  })

  test('share a connection', async () => {
    const server = await served()
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const ports = new Set<unknown>()
    agent.on('free', (socket: Socket) => ports.add(socket.localPort))
    for (let n = 0; n < 5; n++) expect((await post(server, '{}', { agent })).status).toBe(200)
    await delay(10)
    expect(ports.size).toBe(1)
    agent.destroy()
  })

  test('have to look signed', async () => {
    const { status, body } = await post(await served(), '{}', { headers: { authorization: 'x' } })
    expect(status).toBe(400)
    expect(JSON.parse(body.toString()).__type).toMatch(/#MissingAuthenticationTokenException$/)
  })

  test('that come in one packet are answered one by one', async () => {
    const socket = await socketTo(await served())
    socket.write(`${HEAD}\r\nContent-Length: 2\r\n\r\n{}`.repeat(3))
    await expect.poll(() => socket.received.match(/HTTP\/1.1 200 OK/g)?.length).toBe(3)
  })

  test('may come in pieces', async () => {
    const socket = await socketTo(await served())
    for (const character of `${HEAD}\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n`)
      socket.write(character)
    await expect.poll(() => socket.received).toMatch(/^HTTP\/1.1 200 OK/)
  })

  test('may ask whether they may come', async () => {
    const socket = await socketTo(await served())
    socket.write(`${HEAD}\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n`)
    await expect.poll(() => socket.received).toMatch(/^HTTP\/1.1 100 Continue/)
    socket.write('{}')
    await expect.poll(() => socket.received).toMatch(/HTTP\/1.1 200 OK/)
  })
})

test('a body that is announced, and too long, need not come', async () => {
  const socket = await socketTo(await served())
  socket.write(`${HEAD}\r\nContent-Length: ${17 * 1024 * 1024}\r\nExpect: 100-continue\r\n\r\n`)
  await expect.poll(() => socket.received).toMatch(/^HTTP\/1.1 413 [\s\S]*connection: close/i)
  await closed(socket)
})

describe('gzip', () => {
  const long = new RecordingPerformer(() => ({ Items: Array.from({ length: 200 }, () => ({ a: { S: 'text' } })) }))

  test('is taken', async () => {
    const performer = new RecordingPerformer()
    const headers = { 'content-encoding': 'gzip' }
    expect((await post(await served(performer), gzipSync('{"Limit":7}'), { headers })).status).toBe(200)
    expect(performer.performed).toMatchObject([{ input: { Limit: 7 } }])
  })

  test.each([
    ['a bomb', gzipSync(Buffer.alloc(64 * 1024 * 1024)), 'gzip', 413],
    ['half of it', gzipSync('{"Limit":7}').subarray(0, 12), 'gzip', 400],
    ['something else', Buffer.from('{}'), 'gzip', 400],
    ['an encoding that nobody knows', Buffer.from('{}'), 'br', 400],
  ])('%s is not', async (_, body, encoding, status) => {
    const server = await served()
    expect((await post(server, body, { headers: { 'content-encoding': encoding } })).status).toBe(status)
    expect((await post(server, '{}')).status).toBe(200)
  })

  test('is given to who takes it, when it is worth it', async () => {
    const server = await served(long)
    const { headers, body } = await post(server, '{}', { headers: { 'accept-encoding': 'deflate, gzip;q=0.5' } })
    expect(headers).toMatchObject({ 'content-encoding': 'gzip', 'x-amz-crc32': String(crc32(body)) })
    expect(JSON.parse(gunzipSync(body).toString()).Items).toHaveLength(200)
    for (const acceptEncoding of ['identity', 'gzip;q=0', 'br']) {
      const plain = await post(server, '{}', { headers: { 'accept-encoding': acceptEncoding } })
      expect(plain.headers['content-encoding']).toBe(undefined)
    }
    const short = await post(await served(), '{}', { headers: { 'accept-encoding': 'gzip' } })
    expect(short.headers['content-encoding']).toBe(undefined)
  })
})

describe('a body of 16 MiB', () => {
  const LIMIT = 16 * 1024 * 1024

  test('is taken, and one of a byte more is not', async () => {
    const server = await served()
    const body = Buffer.alloc(LIMIT, ' ')
    body.write('{}')
    expect((await post(server, body)).status).toBe(200)
    expect((await post(server, Buffer.concat([body, Buffer.from(' ')]))).status).toBe(413)
  })

  test('is noticed while it comes in chunks, too', async () => {
    const socket = await socketTo(await served())
    socket.write(`${HEAD}\r\nTransfer-Encoding: chunked\r\n\r\n`)
    const chunk = Buffer.alloc(1024 * 1024, ' ')
    for (let sent = 0; sent < 20; sent++)
      socket.write(Buffer.concat([Buffer.from('100000\r\n'), chunk, Buffer.from('\r\n')]))
    socket.write('0\r\n\r\n')
    await expect.poll(() => socket.received).toMatch(/^HTTP\/1.1 413 /)
  })

  test('that never ends is cut off', async () => {
    const socket = await socketTo(await served())
    socket.write(`${HEAD}\r\nTransfer-Encoding: chunked\r\n\r\n`)
    const chunk = Buffer.concat([Buffer.from('100000\r\n'), Buffer.alloc(1024 * 1024, ' '), Buffer.from('\r\n')])
    const pour = async () => {
      while (!socket.destroyed && socket.bytesWritten < 40 * LIMIT) {
        if (!socket.write(chunk)) await delay(1)
      }
    }
    await Promise.race([pour(), closed(socket)])
    await closed(socket)
    expect(socket.bytesWritten).toBeLessThan(20 * LIMIT)
  })
})

describe('the name that a request is for', () => {
  const statusOf = async (host: string, options: ListenOptions) =>
    (await post(await served(undefined, options), '{}', { headers: { host } })).status

  test.each(['localhost', 'LOCALHOST:8000', 'a.localhost:1', '127.0.0.1:8000', '[::1]:8000', '10.0.0.7', 'localhost.'])(
    '%s is no stranger’s',
    async (host) => expect(await statusOf(host, {})).toBe(200),
  )

  test.each([
    'evil.example',
    'evil.example:8000',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    'evil-localhost',
  ])('%s may be a stranger’s, and is refused with what to do about it', async (host) => {
    const performer = new RecordingPerformer()
    const { status, body } = await post(await served(performer), '{}', { headers: { host } })
    expect(status).toBe(400)
    expect(JSON.parse(body.toString())).toMatchObject({
      __type: expect.stringMatching(/#AccessDeniedException$/),
      Message: expect.stringMatching(/allowHosts/),
    })
    expect(performer.performed).toEqual([])
  })

  test('may be any that it was told of', async () => {
    const host = 'host.docker.internal:8000'
    expect(await statusOf(host, { allowHosts: ['other', 'Host.Docker.Internal'] })).toBe(200)
    expect(await statusOf(host, { allowHosts: ['docker.internal'] })).toBe(400)
    expect(await statusOf(host, { allowHosts: '*' })).toBe(200)
  })

  test('is anything where other machines may come in', async () => {
    expect(await statusOf('db.example', { host: '0.0.0.0' })).toBe(200)
  })

  test('is signed where there are keys', async () => {
    const auth = [{ accessKeyId: 'AKID', secretAccessKey: 'secret' }]
    const server = await served(undefined, { auth })
    const { body } = await post(server, '{}', { headers: { host: 'db.example' } })
    expect(JSON.parse(body.toString()).__type).toMatch(/#InvalidSignatureException$/)
  })
})

describe('bodies of all connections together', () => {
  const KIB = 1024
  const half = (server: ListeningServer) =>
    socketTo(server).then((socket) => {
      socket.write(`${HEAD}\r\nContent-Length: ${60 * KIB}\r\n\r\n${' '.repeat(50 * KIB)}`)
      return socket
    })

  test('have a limit, and its room is there again when one is answered or gone', async () => {
    const server = await served(undefined, { maxBodyBytes: 100 * KIB })
    const body = `{}${' '.repeat(60 * KIB)}`
    const first = await half(server)
    await expect.poll(async () => (await post(server, body)).status).toBe(503)
    expect((await post(server, '{}')).status).toBe(200)
    first.write(`{}${' '.repeat(10 * KIB - 2)}`)
    await expect.poll(() => first.received).toMatch(/^HTTP\/1.1 /)
    expect((await post(server, body)).status).toBe(200)
    const gone = await half(server)
    await expect.poll(async () => (await post(server, body)).status).toBe(503)
    gone.resetAndDestroy()
    await expect.poll(async () => (await post(server, body)).status).toBe(200)
  })

  test('count as what they may be when they are unpacked', async () => {
    const server = await served(undefined, { maxBodyBytes: 100 * KIB })
    const headers = { 'content-encoding': 'gzip' }
    expect((await post(server, gzipSync('{}'), { headers })).status).toBe(200)
    expect((await post(server, gzipSync(`{}${' '.repeat(200 * KIB)}`), { headers })).status).toBe(503)
  })

  test('are held until they are answered', async () => {
    let answer: (members: Members) => void = () => {}
    const performer = new RecordingPerformer(({ input }) =>
      input['Limit'] === 1 ? new Promise((resolve) => (answer = resolve)) : {},
    )
    const server = await served(performer, { maxBodyBytes: 100 * KIB })
    const running = post(server, `{"Limit":1}${' '.repeat(60 * KIB)}`)
    await expect.poll(() => performer.performed.length).toBe(1)
    expect((await post(server, `{}${' '.repeat(60 * KIB)}`)).status).toBe(503)
    answer({})
    expect((await running).status).toBe(200)
    expect((await post(server, `{}${' '.repeat(60 * KIB)}`)).status).toBe(200)
  })
})

describe('a socket', () => {
  test.each([
    ['no HTTP', 'hello\r\n\r\n', /^HTTP\/1.1 400 /],
    ['a length twice', `${HEAD}\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}`, /^HTTP\/1.1 400 /],
    ['a length and chunks', `${HEAD}\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}`, /^HTTP\/1.1 400 /],
    ['endless headers', `${HEAD}\r\nX: ${'x'.repeat(64 * 1024)}\r\n\r\n`, /^HTTP\/1.1 431 /],
    ['a method that tunnels', 'CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n', /^$/],
  ])('that says %s is told so and closed', async (_, text, wanted) => {
    const server = await served()
    const socket = await socketTo(server)
    socket.write(text)
    await closed(socket)
    expect(socket.received).toMatch(wanted)
    expect((await post(server, '{}')).status).toBe(200)
  })

  test('that says no HTTP behind a request is not told so in place of the answer', async () => {
    let answer: (members: Members) => void = () => {}
    const performer = new RecordingPerformer(() => new Promise((resolve) => (answer = resolve)))
    const server = await served(performer)
    const socket = await socketTo(server)
    socket.write(`${HEAD}\r\nContent-Length: 2\r\n\r\n{}`)
    await expect.poll(() => performer.performed.length).toBe(1)
    socket.write('hello\r\n\r\n')
    // Whoever else is answered shows that it was read.
    expect((await post(server, 'x', { headers: { 'content-type': 'text/plain' } })).status).toBe(404)
    socket.write('and so on\r\n\r\n')
    answer({ Done: true })
    await closed(socket)
    expect(socket.received).toMatch(/^HTTP\/1.1 200 OK[\s\S]*\{"Done":true\}$/)
  })

  test('that says no HTTP in the middle of a request is told so, and nothing is done', async () => {
    const performer = new RecordingPerformer()
    const socket = await socketTo(await served(performer))
    socket.write(`${HEAD}\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\nhello\r\n\r\n`)
    await closed(socket)
    expect(socket.received).toMatch(/^HTTP\/1.1 400 Bad Request\r\n[\s\S]*\r\n\r\n$/)
    expect(performer.performed).toEqual([])
  })

  test('that is slow with its second request is answered the first, and closed', { timeout: 20_000 }, async () => {
    let answer: (members: Members) => void = () => {}
    const performer = new RecordingPerformer(() => new Promise((resolve) => (answer = resolve)))
    const server = await served(performer, { requestTimeoutMs: 300, headersTimeoutMs: 200 })
    const socket = await socketTo(server)
    socket.write(`${HEAD}\r\nContent-Length: 2\r\n\r\n{}${HEAD.slice(0, 40)}`)
    await expect.poll(() => performer.performed.length).toBe(1)
    // One that came later is told that its time is over, so that of this one is, too.
    const slow = await socketTo(server)
    slow.write(HEAD.slice(0, 40))
    await closed(slow)
    answer({ Done: true })
    await closed(socket)
    expect(socket.received).toMatch(/^HTTP\/1.1 200 OK[\s\S]*\{"Done":true\}$/)
  })

  test('that wants to speak something else is answered as usual', async () => {
    const socket = await socketTo(await served())
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
    await expect.poll(() => socket.received).toMatch(/^HTTP\/1.1 200 OK[\s\S]*healthy: dynamodb/)
  })

  test('that ends its half after its request is answered', async () => {
    const socket = await socketTo(await served(new RecordingPerformer(() => delay(50, { Late: true }))))
    socket.end(`${HEAD}\r\nContent-Length: 2\r\n\r\n{}`)
    await closed(socket)
    expect(socket.received).toMatch(/^HTTP\/1.1 200 OK[\s\S]*\{"Late":true\}$/)
  })

  test.each(['headers', 'body'])('that goes away in the middle of its %s takes nothing with it', async (part) => {
    const performer = new RecordingPerformer()
    const server = await served(performer)
    for (let n = 0; n < 50; n++) {
      const socket = await socketTo(server)
      socket.write(
        part === 'headers' ? HEAD.slice(0, 60 + n) : `${HEAD}\r\nContent-Length: 100\r\n\r\n{${' '.repeat(n)}`,
      )
      if (n % 2 === 0) socket.end()
      else socket.resetAndDestroy()
    }
    await delay(50)
    expect(performer.performed).toEqual([])
    expect((await post(server, '{}')).status).toBe(200)
  })

  test('that goes away before its answer takes nothing with it', async () => {
    const performer = new RecordingPerformer(() => delay(30, { Items: ['x'.repeat(1_000_000)] }))
    const server = await served(performer)
    for (let n = 0; n < 20; n++) {
      const socket = await socketTo(server)
      socket.write(`${HEAD}\r\nContent-Length: 2\r\n\r\n{}`)
      await expect.poll(() => performer.performed.length, { interval: 1 }).toBe(n + 1)
      socket.resetAndDestroy()
    }
    await delay(60)
    expect((await post(server, '{}')).status).toBe(200)
  })

  test.each([
    ['headers', HEAD.slice(0, 40), /^HTTP\/1.1 408 |^$/],
    ['body', `${HEAD}\r\nContent-Length: 100\r\n\r\n{`, /^HTTP\/1.1 408 |^$/],
  ])('that is slow with its %s is closed', { timeout: 20_000 }, async (_, text, wanted) => {
    const server = await served(undefined, { requestTimeoutMs: 300, headersTimeoutMs: 200 })
    const socket = await socketTo(server)
    const drip = setInterval(() => socket.write('x'), 50)
    socket.write(text)
    await closed(socket)
    clearInterval(drip)
    expect(socket.received).toMatch(wanted)
    expect((await post(server, '{}')).status).toBe(200)
  })

  test('that reads nothing of its answers is closed', { timeout: 30_000 }, async () => {
    const server = await served(new RecordingPerformer(() => ({ Long: 'x'.repeat(8_000_000) })), { idleTimeoutMs: 300 })
    const socket = await socketTo(server)
    socket.pause()
    const end = closed(socket)
    socket.write(`${HEAD}\r\nContent-Length: 2\r\n\r\n{}`.repeat(5))
    // The server is in this process: when it answers somebody else, it has had the time to notice.
    for (let waited = 0; waited < 20; waited++) {
      await delay(200)
      await post(server, 'x', { headers: { 'content-type': 'text/plain' } })
    }
    socket.resume()
    await end
    expect(socket.received.length).toBeLessThan(40_000_000)
  })

  test('that waits for an answer longer than it may be idle gets it, and is idle then', async () => {
    const waiting: ((members: Members) => void)[] = []
    const server = await served(new RecordingPerformer(() => new Promise((resolve) => waiting.push(resolve))), {
      idleTimeoutMs: 50,
    })
    const socket = await socketTo(server)
    const end = closed(socket)
    socket.write(`${HEAD}\r\nContent-Length: 2\r\n\r\n{}`)
    await expect.poll(() => waiting.length).toBe(1)
    // Another one is closed again and again meanwhile, so its time has passed.
    for (let n = 0; n < 3; n++) await closed(await socketTo(server))
    waiting[0]!({})
    await expect.poll(() => socket.received).toMatch(/^HTTP\/1.1 200/)
    await end
  })

  test('too many are closed at once, and those there are go on', async () => {
    const server = await served(undefined, { maxConnections: 3 })
    const [first] = await Promise.all([socketTo(server), socketTo(server), socketTo(server)])
    await delay(20)
    const extra = await socketTo(server)
    await closed(extra)
    first.write(`${HEAD}\r\nContent-Length: 2\r\n\r\n{}`)
    await expect.poll(() => first.received).toMatch(/^HTTP\/1.1 200/)
  })
})

test('ten thousand requests over 500 connections are answered', { timeout: 60_000 }, async () => {
  const performer = new RecordingPerformer(({ input }) => input)
  const server = await served(performer)
  const agent = new Agent({ keepAlive: true, maxSockets: 500 })
  const answers = await Promise.all(
    Array.from({ length: 10_000 }, async (_, at) => {
      const { body } = await post(server, `{"Limit":${(at % 100) + 1}}`, { agent })
      return JSON.parse(body.toString()).Limit === (at % 100) + 1
    }),
  )
  expect(answers.every(Boolean)).toBe(true)
  expect(performer.performed).toHaveLength(10_000)
  agent.destroy()
})

describe('closing', () => {
  test('answers what is running, and takes nothing more', async () => {
    const performer = new RecordingPerformer(() => delay(100, { Done: true }))
    const server = await served(performer)
    const agent = new Agent({ keepAlive: true })
    const running = post(server, '{}', { agent })
    await expect.poll(() => performer.performed.length).toBe(1)
    const closing = server.close()
    expect((await running).headers['connection']).toBe('close')
    expect((await running).body.toString()).toBe('{"Done":true}')
    await closing
    await expect(post(server, '{}')).rejects.toThrow(/ECONNREFUSED/)
    agent.destroy()
  })

  test('does not wait for idle connections, nor longer than its time', async () => {
    const hanging = await served(new RecordingPerformer(() => new Promise(() => {})), { closeTimeoutMs: 100 })
    const idle = await socketTo(hanging)
    const busy = await socketTo(hanging)
    busy.write(`${HEAD}\r\nContent-Length: 2\r\n\r\n{}`)
    await delay(20)
    const startedAt = performance.now()
    await hanging.close()
    expect(performance.now() - startedAt).toBeLessThan(2000)
    await Promise.all([closed(idle), closed(busy)])
  })

  test('twice is the same, and disposing is closing', async () => {
    const server = await served()
    await Promise.all([server.close(), server.close(), server[Symbol.asyncDispose]()])
    await expect(post(server, '{}')).rejects.toThrow(/ECONNREFUSED/)
  })

  test('a port that is taken is refused, by name', async () => {
    const { port } = await served()
    await expect(listen(new RecordingPerformer(), { port })).rejects.toThrow(/EADDRINUSE/)
  })
})
