/**
 * What one process asks of one server: it fills the table, looks whether the answers are right, and then how fast they
 * come, over one connection and over many.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { Keys } from '../workload/keys.js'
import type { Tell } from '../workload/workload.js'
import type { AnswerReader } from './answer-reader.js'
import { CONNECTION_COUNTS, rowId, type ServerName } from './door-rows.js'
import {
  CREATE_TABLE,
  DESCRIBE_TABLE,
  type Exchange,
  getOf,
  ITEM_COUNT,
  loadingExchanges,
  MEASURED,
  putOf,
  requestBytes,
} from './requests.js'
import { processorMicrosOf, residentMbOf } from './server-process.js'
import { WireConnection } from './wire-connection.js'

export interface WireLoadOptions {
  readonly server: ServerName
  readonly port: number
  /** Of the server. */
  readonly pid: number
  /** How long it is measured, as a share of the usual. */
  readonly effort: number
}

const LOADING_CONNECTIONS = 4
const VERIFIED = 100
/** Different requests of one kind; then they come again. */
const REQUEST_COUNT = 500
const WARM_UP_MS = 200
const SLICE_MS = 100
const SLICES = 5

export async function loadOverWire({ server, port, pid, effort }: WireLoadOptions, tell: Tell): Promise<void> {
  const tellMemory = (row: string) => {
    const resident = residentMbOf(pid)
    if (resident !== undefined) tell(row, [resident])
  }
  tellMemory('memory start')
  const most = Math.max(...CONNECTION_COUNTS)
  const connections = await Promise.all(Array.from({ length: most }, () => WireConnection.open(port)))
  const [first] = connections
  // It answers as many bytes, and nothing that could be right.
  if (server !== 'node:http') {
    await createTable(first!)
    await fillTable(connections.slice(0, LOADING_CONNECTIONS))
    await verify(first!)
    tellMemory('memory loaded')
  }
  const keys = new Keys(ITEM_COUNT)
  for (const [measured, exchangeOf] of Object.entries(MEASURED)) {
    const requests = Array.from({ length: REQUEST_COUNT }, () => requestBytes(exchangeOf(keys)))
    for (const count of CONNECTION_COUNTS) {
      const used = connections.slice(0, count)
      const row = rowId(measured, count)
      await drive(used, requests, WARM_UP_MS * effort)
      const slices: Slice[] = []
      const processorBefore = processorMicrosOf(pid)
      for (let i = 0; i < SLICES; i++) slices.push(await drive(used, requests, SLICE_MS * effort))
      const processorAfter = processorMicrosOf(pid)
      const total = slices.reduce((sum, slice) => sum + slice.count, 0)
      const figures = slices.map((slice) =>
        count === 1 ? slice.micros / slice.count : (slice.count / slice.micros) * 1e6,
      )
      tell(row, figures)
      if (count > 1 && processorBefore !== undefined && processorAfter !== undefined) {
        tell(`${row}, processor`, [(processorAfter - processorBefore) / total])
      }
    }
  }
  for (const connection of connections) connection.close()
}

interface Slice {
  readonly count: number
  readonly micros: number
}

/** Each connection asks again as soon as it is answered, until the time is up. */
function drive(
  connections: readonly WireConnection[],
  requests: readonly Buffer[],
  durationMs: number,
): Promise<Slice> {
  return new Promise((resolve, reject) => {
    const started = performance.now()
    const end = started + durationMs
    let [count, running, next] = [0, connections.length, 0]
    for (const connection of connections) {
      const ask = () => connection.send(requests[next++ % requests.length]!, onAnswer, reject)
      const onAnswer = (status: number, reader: AnswerReader) => {
        if (status !== 200) return reject(new Error(`Refused: ${status} ${reader.body()}`))
        count += 1
        const now = performance.now()
        if (now < end) return ask()
        running -= 1
        if (running === 0) resolve({ count, micros: (now - started) * 1000 })
      }
      ask()
    }
  })
}

async function createTable(connection: WireConnection): Promise<void> {
  await expectRight(connection, CREATE_TABLE)
  while (!DESCRIBE_TABLE.isRight((await ask(connection, DESCRIBE_TABLE)).answer)) await sleep(50)
}

async function fillTable(connections: readonly WireConnection[]): Promise<void> {
  const exchanges = loadingExchanges()
  await Promise.all(
    connections.map(async (connection) => {
      for (const exchange of exchanges) await expectRight(connection, exchange)
    }),
  )
}

/** Everything that will be measured, and that what was put can be got. Whole answers: nobody is fast by being wrong. */
async function verify(connection: WireConnection): Promise<void> {
  const keys = new Keys(ITEM_COUNT)
  for (const measured of ['get', 'query 10', 'scan 100'] as const) {
    for (let i = 0; i < VERIFIED; i++) await expectRight(connection, MEASURED[measured](keys))
  }
  for (let i = 0; i < VERIFIED; i++) {
    const item = keys.changedItem()
    await expectRight(connection, putOf(item))
    await expectRight(connection, getOf(item))
  }
  for (let i = 0; i < VERIFIED; i++) await expectRight(connection, MEASURED['batch 25'](keys))
}

async function expectRight(connection: WireConnection, exchange: Exchange): Promise<void> {
  const { status, text, answer } = await ask(connection, exchange)
  if (status === 200 && exchange.isRight(answer)) return
  throw new Error(`${exchange.operation} was answered wrongly: ${status} ${text.slice(0, 1000)}`)
}

async function ask(connection: WireConnection, exchange: Exchange) {
  const { status, body } = await connection.ask(requestBytes(exchange))
  return { status, text: body, answer: JSON.parse(body) as Record<string, unknown> }
}
