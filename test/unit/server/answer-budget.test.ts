/** Readers that don't read: how much is held for them, who is closed for it, and that everybody else is answered. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { AnswerBudget, type Reader } from '../../../src/server/answer-budget.js'
import { type ListeningServer, type ListenOptions, listen } from '../../../src/server/server.js'
import { RecordingPerformer, wireRequest } from '../../support/wire-fixture.js'

const MIB = 1024 * 1024

class FakeReader implements Reader {
  isClosed = false
  readonly #listeners: (() => void)[] = []

  destroy(): void {
    this.isClosed = true
    for (const listener of this.#listeners.splice(0)) listener()
  }

  once(_event: 'close', listener: () => void): void {
    this.#listeners.push(listener)
  }

  get listenerCount(): number {
    return this.#listeners.length
  }
}

describe('a budget', () => {
  function budgetOf(byteLimit: number) {
    const clock = { now: 0 }
    return { clock, budget: new AnswerBudget(byteLimit, () => clock.now), reader: () => new FakeReader() }
  }

  test('holds what is taken until it is given back, or its reader is gone', () => {
    const { budget, reader } = budgetOf(100)
    const [one, other] = [reader(), reader()]
    expect([budget.take(one, 60), budget.take(other, 40), budget.hasRoom()]).toEqual([true, true, false])
    budget.give(one, 60)
    expect(budget.heldByteLength).toBe(40)
    other.destroy()
    expect(budget.heldByteLength).toBe(0)
    // What is given back afterwards is nobody's.
    budget.give(other, 40)
    expect(budget.heldByteLength).toBe(0)
    expect(budget.take(one, 100)).toBe(true)
  })

  test('has room for any one answer', () => {
    const { budget, reader } = budgetOf(100)
    expect(budget.take(reader(), 1000)).toBe(true)
    expect(budget.take(reader(), 1)).toBe(false)
  })

  test('closes the one that has taken nothing for the longest time, after a second', () => {
    const { budget, clock, reader } = budgetOf(100)
    const [reads, sleeps, late] = [reader(), reader(), reader()]
    budget.take(reads, 20)
    budget.take(reads, 20)
    clock.now = 10
    budget.take(sleeps, 40)
    clock.now = 900
    budget.give(reads, 20)
    budget.take(reads, 20)
    clock.now = 1000
    expect(budget.take(late, 30)).toBe(false)
    clock.now = 1010
    expect(budget.take(late, 30)).toBe(true)
    expect([reads, sleeps, late].map(({ isClosed }) => isClosed)).toEqual([false, true, false])
    expect(budget.heldByteLength).toBe(70)
  })

  test('listens once to each reader, however many answers it has', () => {
    const { budget, reader } = budgetOf(1000)
    const one = reader()
    for (let n = 0; n < 100; n++) {
      budget.take(one, 10)
      budget.give(one, 10)
    }
    expect(one.listenerCount).toBe(1)
    expect(budget.heldByteLength).toBe(0)
  })
})

describe('a server', () => {
  const LONG = 'x'.repeat(16 * MIB)

  async function served(options: ListenOptions): Promise<{ server: ListeningServer; performed: () => number }> {
    let count = 0
    const performer = new RecordingPerformer(({ operation }) => {
      count += 1
      return operation === 'ListTables' ? { TableNames: [] } : { Table: { TableName: LONG } }
    })
    const server = await listen(performer, { port: 0, ...options })
    onTestFinished(() => server.close())
    return { server, performed: () => count }
  }

  async function ask(server: ListeningServer, operation: string): Promise<{ status: number; length: number }> {
    const headers = { ...wireRequest(operation, '').headers, 'accept-encoding': 'identity' }
    const body = operation === 'ListTables' ? '{}' : '{"TableName":"things"}'
    const response = await fetch(server.url, { method: 'POST', headers: headers as Record<string, string>, body })
    return { status: response.status, length: (await response.text()).length }
  }

  /** One that asks, and reads nothing of the answer. */
  async function sleeper(server: ListeningServer, requests = 1): Promise<Socket> {
    const socket = connect({ port: server.port, host: '127.0.0.1' })
    onTestFinished(() => void socket.destroy())
    socket.on('error', () => {})
    socket.pause()
    await once(socket, 'connect')
    const { headers } = wireRequest('DescribeTable', '')
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
    const body = '{"TableName":"things"}'
    const head = ['POST / HTTP/1.1', 'Host: localhost', ...lines, `Content-Length: ${body.length}`].join('\r\n')
    socket.write(`${head}\r\n\r\n${body}`.repeat(requests))
    return socket
  }

  test('holds no more than it may for those who do not read, and answers the others', async () => {
    const { server, performed } = await served({ maxAnswerBytes: 40 * MIB, closeTimeoutMs: 10 })
    const sleepers = await Promise.all(Array.from({ length: 12 }, () => sleeper(server)))
    await expect.poll(performed, { timeout: 10_000 }).toBeGreaterThan(1)
    // What is short has room, and so has the next long one, for which somebody who sleeps is closed.
    expect(await ask(server, 'ListTables')).toMatchObject({ status: 200 })
    const length = async () => (await ask(server, 'DescribeTable')).length
    await expect.poll(length, { timeout: 10_000, interval: 200 }).toBeGreaterThan(16 * MIB)
    const seen = await Promise.all(sleepers.map(outcome))
    // Of 16 MB each two have room in 40. Whoever else had begun to get one was closed for somebody, or found no room.
    const isHeld = seen.map(({ status, isClosed }) => status === '200' && !isClosed)
    expect(isHeld.filter((is) => is).length).toBeLessThan(3)
    expect(seen.some(({ status, isClosed }) => status === '200' && isClosed)).toBe(true)
  })

  test('refuses with something to try again, before anything is done', async () => {
    const { server, performed } = await served({ maxAnswerBytes: MIB, closeTimeoutMs: 10 })
    await sleeper(server)
    await expect.poll(performed, { timeout: 10_000 }).toBe(1)
    await delay(100)
    const refused = await ask(server, 'DescribeTable')
    expect(refused).toEqual({ status: 503, length: 0 })
    expect(performed()).toBe(1)
    const answered = async () => (await ask(server, 'DescribeTable')).status
    await expect.poll(answered, { timeout: 10_000, interval: 200 }).toBe(200)
    // Who reads gives everything back.
    for (let n = 0; n < 5; n++) expect((await ask(server, 'DescribeTable')).length).toBeGreaterThan(16 * MIB)
  })

  test('holds as little for one who sends many requests in a row', async () => {
    const { server } = await served({ maxAnswerBytes: 20 * MIB, closeTimeoutMs: 10 })
    const socket = await sleeper(server, 4)
    const answered = async () => (await ask(server, 'DescribeTable')).status
    await expect.poll(answered, { timeout: 10_000, interval: 200 }).toBe(503)
    await expect.poll(answered, { timeout: 10_000, interval: 200 }).toBe(200)
    expect(await outcome(socket)).toEqual({ status: '200', isClosed: true })
    for (let n = 0; n < 3; n++) expect((await ask(server, 'DescribeTable')).status).toBe(200)
  })

  /** What the first answer is, and whether the other side has closed the connection: seen by who reads what there is. */
  async function outcome(socket: Socket): Promise<{ status: string; isClosed: boolean }> {
    let received = ''
    let byteLength = 0
    let isClosed = false
    socket.once('close', () => {
      isClosed = true
    })
    socket.on('data', (chunk: Buffer) => {
      if (received.length < 100) received += chunk.toString('latin1')
      byteLength += chunk.length
    })
    socket.resume()
    const status = () => received.slice('HTTP/1.1 '.length, 'HTTP/1.1 200'.length)
    for (let n = 0; n < 300 && !isClosed && byteLength < 16 * MIB && status() !== '503'; n++) await delay(10)
    return { status: status(), isClosed }
  }
})
