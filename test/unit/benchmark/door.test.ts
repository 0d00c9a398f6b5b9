import { expect, test } from 'vitest'
import { parseArguments } from '../../benchmark/arguments.js'
import { AnswerReader } from '../../benchmark/door/answer-reader.js'
import {
  type DoorColumn,
  type DoorRow,
  RATE_ROWS,
  SDK_CLIENT_ROWS,
  START_ROWS,
} from '../../benchmark/door/door-rows.js'
import { judgeDoor } from '../../benchmark/door/door-table.js'
import { answerLengths, areEqual, inDynamoJson, MEASURED, requestBytes } from '../../benchmark/door/requests.js'
import { publish } from '../../benchmark/report.js'
import { makeItem } from '../../benchmark/store/store.js'
import { Keys } from '../../benchmark/workload/keys.js'
import { recordOf } from './records.js'

const door = { kind: 'door', items: 20_000 } as const

function markOf(rows: readonly DoorRow[], id: string, figures: Partial<Record<DoorColumn, number>>) {
  return judgeDoor(rows.find((row) => row.id === id)!, (column) => figures[column])
}

test('requests have a floor at one and a half times what dynalite answers, and their goal at the bare server', () => {
  const mark = (dynafile: number) => markOf(RATE_ROWS, 'get, 32', { dynafile, dynalite: 10, 'node:http': 40 })
  expect([14, 15, 23, 24].map(mark)).toEqual(['below', 'floor', 'floor', 'goal'])
})

test('the plugin is compared with HTTP, and a start with that of the bare server', () => {
  const plugin = (awsPlugin: number) => markOf(SDK_CLIENT_ROWS, 'sdk client, put', { http: 600, awsPlugin })
  expect([201, 200, 100].map(plugin)).toEqual(['below', 'floor', 'goal'])
  const start = (dynafile: number) => markOf(START_ROWS, 'start', { dynafile, 'node:http': 80 })
  expect([280, 281].map(start)).toEqual(['goal', 'below'])
})

test('what was not measured is not judged', () => {
  expect(markOf(RATE_ROWS, 'get, 32', { dynafile: 20 })).toBe(undefined)
  expect(markOf(RATE_ROWS, 'get, 32', {})).toBe(undefined)
  expect(markOf(RATE_ROWS, 'scan 100, 32', { dynafile: 20, dynalite: 1, 'node:http': 1 })).toBe(undefined)
})

test('the page has a part for the door, of medians over the rounds', () => {
  const rate = { ...door, row: 'get, 32', unit: 'requests/s' } as const
  const page = publish(
    undefined,
    [
      recordOf({ ...rate, value: 1000 }),
      recordOf({ ...rate, value: 9000, round: 2 }),
      recordOf({ ...rate, value: 2000, round: 3 }),
      recordOf({ ...rate, store: 'dynalite', value: 1000 }),
      recordOf({ ...rate, store: 'node:http', value: 3000 }),
    ],
    'chart.svg',
  )
  expect(page).toContain('## Over the wire')
  expect(page).toContain(
    '| GetItem | 2,000 | 1,000 | 3,000 | 2.00x | 0.67x | 1.5x dynalite | 0.6x node:http | ✓ goal |',
  )
  expect(page).not.toContain('## Against others')
})

test('an answer is whole when its last byte is there, wherever it is cut', () => {
  const body = 'x'.repeat(20)
  const bytes = Buffer.from(`HTTP/1.1 404 Not Found\r\nContent-Length: ${body.length}\r\nx-y: z\r\n\r\n${body}`)
  for (let cut = 1; cut < bytes.length; cut++) {
    const reader = new AnswerReader()
    reader.begin()
    expect(reader.add(bytes.subarray(0, cut))).toBe(false)
    expect(reader.add(bytes.subarray(cut))).toBe(true)
    expect([reader.status, reader.body()]).toEqual([404, body])
  }
})

test('one reader reads one answer after the other', () => {
  const reader = new AnswerReader()
  for (const body of ['{}', '', '{"Count":1}']) {
    reader.begin()
    expect(reader.add(Buffer.from(`HTTP/1.1 200 OK\r\ncontent-length:${body.length}\r\n\r\n${body}`))).toBe(true)
    expect(reader.body()).toBe(body)
  }
})

test('an answer without a length is refused, for there is no telling where it ends', () => {
  const reader = new AnswerReader()
  reader.begin()
  expect(() => reader.add(Buffer.from('HTTP/1.1 200 OK\r\n\r\n'))).toThrow('how long')
})

test('requests say how long they are, and answers of the wrong items are not right', () => {
  const keys = new Keys(20_000)
  for (const exchangeOf of Object.values(MEASURED)) {
    const exchange = exchangeOf(keys)
    const [head, body] = requestBytes(exchange).toString().split('\r\n\r\n')
    expect(head).toContain(`Content-Length: ${Buffer.byteLength(body!)}`)
    expect(JSON.parse(body!)).toEqual(exchange.input)
    expect(exchange.isRight(exchange.example)).toBe(true)
    expect(exchange.isRight({ Item: inDynamoJson(makeItem(0, 0)), Items: [], Count: 0 })).toBe(false)
  }
  expect(answerLengths()['PutItem']).toBe(2)
  expect(answerLengths()['GetItem']).toBeGreaterThan(300)
})

test('JSON is equal whatever the order of its members, and not when one is missing', () => {
  expect(areEqual({ a: 1, b: [{ c: 'd' }] }, { b: [{ c: 'd' }], a: 1 })).toBe(true)
  for (const other of [{ a: 1 }, { a: 1, b: 2, c: 3 }, { a: '1', b: 2 }, null, [1, 2], { a: 1, c: 2 }]) {
    expect(areEqual({ a: 1, b: 2 }, other)).toBe(false)
  }
  expect(areEqual([], {})).toBe(false)
})

test('parts can run alone', () => {
  expect(parseArguments([], 'results').only).toEqual(['stores', 'growth', 'door'])
  expect(parseArguments(['--only', 'door,stores'], 'results').only).toEqual(['stores', 'door'])
  expect(() => parseArguments(['--only', 'window'], 'results')).toThrow('No part is called "window"')
})
