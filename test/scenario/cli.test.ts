/** The whole command line against a folder: what it prints, what it stores, and the exit code that a script sees. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable, Writable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { run } from '../../src/cli/run.js'
import { open } from '../../src/database.js'
import { Decimal, table, type } from '../../src/index.js'
import { equalValues } from '../../src/model/item/equality.js'
import type { Item } from '../../src/model/item/item.js'

let root: string
let folder: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'dynafile-cli-'))
  folder = join(root, 'data')
})

afterEach(async () => {
  // Whatever a test did, the database is whole.
  if (existsSync(join(folder, 'FORMAT'))) expect((await cli('verify', folder)).stdout).toContain('no problems')
  rmSync(root, { recursive: true, force: true })
})

interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

function cli(...argv: string[]): Promise<Outcome> {
  return cliWith('', ...argv)
}

async function cliWith(input: string | Buffer, ...argv: string[]): Promise<Outcome> {
  const out = collector()
  const err = collector()
  const stdin = Readable.from([Buffer.from(input)])
  const code = await run(argv, { stdin, stdout: out.stream, stderr: err.stream })
  return { code, stdout: out.text(), stderr: err.text() }
}

function collector(): { stream: Writable; text: () => string } {
  const chunks: Buffer[] = []
  const stream = new Writable({
    write(chunk: Buffer, _, done) {
      chunks.push(chunk)
      setImmediate(done)
    },
  })
  return { stream, text: () => Buffer.concat(chunks).toString() }
}

function file(name: string, content: string): string {
  writeFileSync(join(root, name), content)
  return join(root, name)
}

async function storedItems(table: string, path = folder): Promise<Item[]> {
  const database = await open(path)
  try {
    return await database.table(table).scan().toArray()
  } finally {
    await database.close()
  }
}

const lines = (text: string): string[] => text.split('\n').filter((line) => line !== '')
const line = (item: object): string => `${JSON.stringify(item)}\n`
const order = (customer: string, placedAt: string, total: number, more: object = {}) =>
  line({ customer, placedAt, total, ...more })

async function withOrders(): Promise<void> {
  const input = order('ada', '2026-11-01', 5) + order('ada', '2026-11-02', 50) + order('bob', '2026-12-01', 500)
  const options = ['--key', 'customer,placedAt', '--index', 'byTotal=customer,total']
  expect((await cliWith(input, 'import', folder, 'orders', '-', ...options)).code).toBe(0)
}

describe('one item', () => {
  test('is put, found, changed and removed', async () => {
    const item = '{"customer":"ada","placedAt":"2026-11-02","total":12.5}'
    const options = ['--key', 'customer,placedAt', '--index', 'byTotal=customer,total', '--ttl', 'gone']
    expect(await cli('put', folder, 'orders', item, ...options)).toEqual({ code: 0, stdout: '', stderr: 'stored\n' })
    const found = await cli('get', folder, 'orders', 'ada', '2026-11-02', '--json')
    expect(found).toEqual({ code: 0, stdout: `${item}\n`, stderr: '' })
    const selected = await cli('get', folder, 'orders', 'ada', '2026-11-02', '--select', 'total')
    expect(selected.stdout).toBe('total  12.5\n')
    expect((await cli('rm', folder, 'orders', 'ada', '2026-11-02')).stderr).toBe('removed\n')
    expect(await cli('rm', folder, 'orders', 'ada', '2026-11-02')).toMatchObject({ code: 0 })
    const missing = await cli('get', folder, 'orders', 'ada', '2026-11-02')
    expect(missing).toEqual({ code: 1, stdout: '', stderr: 'dynafile: there is no such item in "orders"\n' })
  })

  test('comes from standard input', async () => {
    await cliWith('{"id":1}', 'put', folder, 'things', '--key', 'id')
    await cliWith('{"id":2}', 'put', folder, 'things', '-')
    expect((await cli('scan', folder, 'things', '--count')).stdout).toBe('2\n')
  })

  test('is stored only under the condition', async () => {
    await cli('put', folder, 'things', '{"id":"a","n":1}', '--key', 'id')
    const refused = await cli('put', folder, 'things', '{"id":"a","n":2}', '--if', 'n > 1')
    expect(refused).toMatchObject({ code: 1, stderr: 'dynafile: The conditional request failed\n' })
    expect((await cli('rm', folder, 'things', 'a', '--if', 'n > 1')).code).toBe(1)
    expect((await cli('rm', folder, 'things', 'a', '--if', 'n == 1')).code).toBe(0)
  })

  test('is named by keys of every type', async () => {
    await cli('put', folder, 'numbers', '{"id":12345678901234567890123,"at":-1.5}', '--key', 'id,at')
    expect((await cli('get', folder, 'numbers', '12345678901234567890123', '-1.5', '--json')).stdout).toBe(
      '{"id":12345678901234567890123,"at":-1.5}\n',
    )
    await cli('put', folder, 'bytes', '{"id":{"$binary":"AQID"}}', '--key', 'id')
    expect((await cli('get', folder, 'bytes', 'AQID', '--json')).code).toBe(0)
    expect((await cli('get', folder, 'numbers', 'x', '1')).code).toBe(2)
  })
})

describe('tables', () => {
  test('are listed and described', async () => {
    await withOrders()
    const listed = await cli('ls', folder, '--count')
    expect(lines(listed.stdout)[0]).toMatch(/^name +key +indexes +ttl +partitions +size +items$/)
    expect(lines(listed.stdout)[2]).toMatch(/^orders +customer, placedAt +byTotal .* 3$/)
    expect(JSON.parse((await cli('ls', folder, '--json')).stdout)).toMatchObject({ tables: [{ name: 'orders' }] })
    const described = await cli('describe', folder, 'orders')
    expect(described.stdout).toContain('customer (S), placedAt (S)')
    expect(described.stdout).toMatch(/byTotal +customer, total +ACTIVE/)
    expect(JSON.parse((await cli('describe', folder, 'orders', '--json', '--count')).stdout)).toMatchObject({
      key: ['customer', 'placedAt'],
      keyTypes: ['S', 'S'],
      items: 3,
    })
  })

  test('are described with what is particular about their indexes', async () => {
    const db = await open(folder)
    const indexes = {
      byMail: { key: ['mail'], unique: true },
      feed: { key: [['a', 'b'], 'at'], covering: true },
    } as const
    db.table(table('notes', { schema: type<Item>(), key: ['id'] as never, indexes: indexes as never }))
    await db.close()
    const { stdout } = await cli('describe', folder, 'notes')
    expect(stdout).toMatch(/byMail +mail \(unique\) +ACTIVE/)
    expect(stdout).toMatch(/feed +\[a, b\], at \(covering\) +ACTIVE/)
    const described = JSON.parse((await cli('describe', folder, 'notes', '--json')).stdout) as { indexes: unknown[] }
    expect(described.indexes).toMatchObject([{ covering: false }, { covering: true }])
  })

  test('that are not there are named with those that are', async () => {
    await withOrders()
    const { code, stderr } = await cli('describe', folder, 'nope')
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'dynafile: Cannot find the table "nope": there are: orders\n',
    })
  })
})

describe('queries', () => {
  beforeEach(withOrders)

  const json = async (...argv: string[]) => lines((await cli(...argv, '--json')).stdout).map((text) => JSON.parse(text))
  const totals = async (...argv: string[]) => (await json('query', folder, 'orders', ...argv)).map(({ total }) => total)

  test('take every sort condition', async () => {
    expect(await totals('ada')).toEqual([5, 50])
    expect(await totals('ada', '--reverse')).toEqual([50, 5])
    expect(await totals('ada', '--eq', '2026-11-01')).toEqual([5])
    expect(await totals('ada', '--lt', '2026-11-02')).toEqual([5])
    expect(await totals('ada', '--lte', '2026-11-02')).toEqual([5, 50])
    expect(await totals('ada', '--gt', '2026-11-01')).toEqual([50])
    expect(await totals('ada', '--gte', '2026-11-01')).toEqual([5, 50])
    expect(await totals('ada', '--between', '2026-11-02', '2026-11-09')).toEqual([50])
    expect(await totals('ada', '--begins-with', '2026-11')).toEqual([5, 50])
  })

  test('read an index by numbers', async () => {
    expect(await totals('ada', '--index', 'byTotal', '--gte', '6')).toEqual([50])
    expect(await totals('ada', '--index', 'byTotal', '--between', '-5', '10')).toEqual([5])
    expect((await cli('query', folder, 'orders', 'ada', '--index', 'nope')).stderr).toContain('it has: byTotal')
  })

  test('filter, select, count and go on', async () => {
    expect(await json('query', folder, 'orders', 'ada', '--filter', 'total > 6', '--select', 'total')).toEqual([
      { total: 50 },
    ])
    expect((await cli('query', folder, 'orders', 'ada', '--count')).stdout).toBe('2\n')
    const first = await cli('query', folder, 'orders', 'ada', '--limit', '1', '--json')
    const cursor = /^more: --cursor (\S+)$/m.exec(first.stderr)![1]!
    expect(await totals('ada', '--cursor', cursor)).toEqual([50])
  })

  test('print a table for people', async () => {
    expect((await cli('query', folder, 'orders', 'ada', '--index', 'byTotal')).stdout).toBe(
      'customer  total  placedAt\n────────  ─────  ──────────\nada           5  2026-11-01\nada          50  2026-11-02\n',
    )
  })

  test('scan everything, in segments too', async () => {
    expect(await json('scan', folder, 'orders')).toHaveLength(3)
    expect(await json('scan', folder, 'orders', '--filter', 'total < 100')).toHaveLength(2)
    expect(await json('scan', folder, 'orders', '--index', 'byTotal', '--limit', '2')).toHaveLength(2)
    let count = 0
    for (const segment of ['0', '1', '2']) {
      const part = await cli('scan', folder, 'orders', '--segment', segment, '--total-segments', '3', '--count')
      count += Number(part.stdout)
    }
    expect(count).toBe(3)
    expect((await cli('scan', folder, 'orders', '--count', '--filter', 'total < 100')).stdout).toBe('2\n')
  })

  test('that make no sense fail with a sentence', async () => {
    expect(await cli('query', folder, 'orders', 'ada', '--filter', 'total >')).toMatchObject({ code: 2, stdout: '' })
    expect((await cli('query', folder, 'orders', 'ada', '--gt', '1', '--lt', '2')).code).toBe(2)
    expect((await cli('scan', folder, 'orders', '--segment', '1')).code).toBe(2)
    expect((await cli('scan', folder, 'orders', '--cursor', 'x')).code).toBe(2)
  })
})

describe('import and export', () => {
  const special: Item[] = [
    { id: 'plain', n: 1.5, s: 'text', t: true, z: null, l: [1, 'a', { b: [] }], m: {} },
    { id: 'numbers', big: 12345678901234567890123n, decimal: Decimal.from('0.1234567890123456789'), small: 1e-100 },
    { id: 'bytes', b: new Uint8Array([0, 255]), sets: [new Set(['a', 'b']), new Set([1, 2n ** 80n])] },
    { id: 'odd', m: { $set: { $literal: 1 } }, quote: 'a "b", \n\r\n c', empty: '', digits: '007', number: '12' },
    { id: '__proto__', constructor: 'x', 日本: '語' },
  ]

  async function withSpecial(): Promise<void> {
    await cli('put', folder, 'special', '{"id":"x"}', '--key', 'id')
    await cli('rm', folder, 'special', 'x')
    const database = await open(folder)
    for (const item of special) await database.table('special').put(item)
    await database.close()
  }

  function expectSame(found: Item[], expected: Item[]): void {
    expect(found).toHaveLength(expected.length)
    for (const item of expected) {
      const other = found.find(({ id }) => equalValues(id, item['id']))
      expect(equalValues(other, item), `${String(item['id'])} came back`).toBe(true)
    }
  }

  test.each(['jsonl', 'ndjson', 'json', 'csv'])('bring every value back through .%s', async (extension) => {
    await withSpecial()
    const path = join(root, `items.${extension}`)
    const exported = await cli('export', folder, 'special', path)
    expect(exported).toMatchObject({ code: 0, stdout: '' })
    expect(exported.stderr).toMatch(/^exported 5 items of "special"/)
    expect(readdirSync(root)).toEqual(['data', `items.${extension}`])
    const csv = extension === 'csv' ? ['--infer', '--types', 'l:JSON,m:JSON,sets:JSON', '--types', 'b:B'] : []
    const imported = await cli('import', join(root, 'copy'), 'special', path, '--key', 'id', ...csv)
    expect(imported).toMatchObject({ code: 0, stdout: '' })
    expect(imported.stderr).toMatch(/^imported 5 items into "special"/)
    expectSame(await storedItems('special', join(root, 'copy')), special)

    const again = join(root, `again.${extension}`)
    await cli('export', join(root, 'copy'), 'special', again)
    const sorted = (text: string) => lines(text).sort()
    if (extension !== 'csv') expect(sorted(readFileSync(again, 'utf8'))).toEqual(sorted(readFileSync(path, 'utf8')))
  })

  test('keep long numbers digit by digit', async () => {
    const text = '{"id":1,"a":12345678901234567890123456789012345678,"b":-0.00001234567890123456789}\n'
    await cliWith(text, 'import', folder, 'numbers', '-', '--key', 'id')
    expect((await cli('export', folder, 'numbers')).stdout).toBe(text)
    expect((await cli('get', folder, 'numbers', '1', '--json')).stdout).toBe(text)
  })

  test('store what can be stored, and report the rest with its line', async () => {
    const input = '{"id":"a"}\n\n{"id":5}\nnope\n{"x":1}\n[1]\n{"id":"b"}\n{"id":"c","n":1e400}'
    const outcome = await cliWith(input, 'import', folder, 'things', '-', '--key', 'id')
    expect(outcome.code).toBe(1)
    const reported = lines(outcome.stderr)
    expect(reported.slice(0, 5).map((text) => text.split(':')[0])).toEqual([
      'line 3',
      'line 4',
      'line 5',
      'line 6',
      'line 8',
    ])
    expect(reported[5]).toMatch(/^imported 2 items .* 5 could not be stored$/)
    expect((await storedItems('things')).map(({ id }) => id).sort()).toEqual(['a', 'b'])
  })

  test('stop at the first problem when they are strict', async () => {
    const input = '{"id":"a"}\n{"x":1}\n{"id":"b"}\nnope\n'
    const outcome = await cliWith(input, 'import', folder, 'things', '-', '--key', 'id', '--strict')
    expect(outcome.code).toBe(1)
    expect(lines(outcome.stderr)).toHaveLength(2)
    expect((await storedItems('things')).map(({ id }) => id)).toEqual(['a'])
  })

  test('report the lines of a JSON array, and what ends it too early', async () => {
    const path = file('items.json', '\ufeff[\n{"id":"a"},\n5,\n{"id":"b"},\n')
    const outcome = await cli('import', folder, 'things', path, '--key', 'id')
    expect(outcome.code).toBe(1)
    expect(lines(outcome.stderr)).toEqual([
      'line 3: an item is a JSON object: {"name": value, …}',
      expect.stringMatching(/^imported 2 items/),
      'dynafile: Cannot read on at line 5: the file ends before its array does',
    ])
  })

  test('store what comes before the place where a file is broken', async () => {
    const json = await cliWith('[{"id":"a"}] x', 'import', folder, 'a-table', '-', '--format', 'json', '--key', 'id')
    expect(json.stderr).toContain('Cannot read on at line 1: there is something behind the end of the array')
    const csv = await cliWith('id\nb\n"c\n', 'import', folder, 'a-table', '-', '--format', 'csv')
    expect(csv.stderr).toContain('Cannot read on at line 3: there is a quote that is never closed')
    expect([json.code, csv.code]).toEqual([1, 1])
    expect((await storedItems('a-table')).map(({ id }) => id).sort()).toEqual(['a', 'b'])
  })

  test('read CSV as text, by types, and by looks', async () => {
    const path = file('people.csv', 'id,age,zip,member,note\n1,36,08001,true,\n2,,10115,false,"x, y"\n3,1\n')
    await cli('import', folder, 'text', path, '--key', 'id')
    expectSame(await storedItems('text'), [
      { id: '1', age: '36', zip: '08001', member: 'true', note: '' },
      { id: '2', age: '', zip: '10115', member: 'false', note: 'x, y' },
    ])
    const typed = await cli('import', folder, 'typed', path, '--key', 'id', '--types', 'id:N,age:N,member:BOOL')
    expect(typed).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('line 4: it has 2 columns, the header has 5'),
    })
    expectSame(await storedItems('typed'), [
      { id: 1, age: 36, zip: '08001', member: true, note: '' },
      { id: 2, zip: '10115', member: false, note: 'x, y' },
    ])
    await cli('import', folder, 'inferred', path, '--key', 'id', '--infer', '--types', 'zip:S')
    expectSame(await storedItems('inferred'), [
      { id: 1, age: 36, zip: '08001', member: true },
      { id: 2, zip: '10115', member: false, note: 'x, y' },
    ])
    // The key has its type already.
    expect((await cli('import', folder, 'inferred', file('more.csv', 'id\n4\n'))).code).toBe(0)
    expect((await cli('get', folder, 'inferred', '4')).code).toBe(0)
    expect((await cli('import', folder, 'text', path, '--types', 'nope:N')).stderr).toContain('no column "nope"')
  })

  test('take many items, in parts', async () => {
    const input = Array.from({ length: 25_000 }, (_, id) => line({ id, text: 'x'.repeat(id % 100) })).join('')
    await cli('import', folder, 'many', file('many.jsonl', input), '--key', 'id')
    const exported = await cli('export', folder, 'many')
    expect(lines(exported.stdout).sort()).toEqual(lines(input).sort())
    expect(JSON.parse((await cli('export', folder, 'many', '--format', 'json')).stdout)).toHaveLength(25_000)
    const few = await cli('export', folder, 'many', '-', '--format', 'csv', '--select', 'id', '--filter', 'id < 2')
    expect(lines(few.stdout).sort()).toEqual(['0', '1', 'id'])
  })

  test('export an empty table as an empty array', async () => {
    await cli('put', folder, 'things', '{"id":"x"}', '--key', 'id')
    await cli('rm', folder, 'things', 'x')
    expect((await cli('export', folder, 'things', '--format', 'json')).stdout).toBe('[\n]\n')
    expect((await cli('export', folder, 'things', '--format', 'csv')).stdout).toBe('id\n')
  })

  test('name the file that can not be read or written', async () => {
    await withOrders()
    expect((await cli('import', folder, 'orders', root, '--format', 'csv')).stderr).toContain('it is a folder')
    const path = join(root, 'no', 'orders.csv')
    expect(await cli('export', folder, 'orders', path)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`dynafile: Cannot write "${path}": ENOENT`),
    })
  })

  test('leave an older file alone when they fail', async () => {
    await withOrders()
    const path = file('orders.jsonl', 'old')
    expect((await cli('export', folder, 'orders', path, '--filter', 'total >')).code).toBe(2)
    expect(readFileSync(path, 'utf8')).toBe('old')
    expect(readdirSync(root).sort()).toEqual(['data', 'orders.jsonl'])
  })
})

describe('a folder without a database', () => {
  test.each([
    ['ls'],
    ['describe', 'orders'],
    ['get', 'orders', 'a'],
    ['rm', 'orders', 'a'],
    ['query', 'orders', 'a'],
    ['scan', 'orders'],
    ['put', 'orders', '{}'],
    ['import', 'orders', '-'],
    ['export', 'orders'],
    ['verify'],
    ['watch'],
  ])('is not made by %s', async (command, ...more) => {
    const { code, stdout, stderr } = await cli(command!, folder, ...more)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^dynafile: Cannot open ".*data": there is no database; .*\n$/)
    expect(existsSync(folder)).toBe(false)
  })

  test('is not made for an item or a file that is none', async () => {
    expect((await cli('put', folder, 'orders', 'nope', '--key', 'id')).code).toBe(2)
    expect((await cli('import', folder, 'orders', join(root, 'no.jsonl'), '--key', 'id')).code).toBe(1)
    expect(existsSync(folder)).toBe(false)
  })
})

describe('bad usage', () => {
  test.each([
    [[]],
    [['nope']],
    [['get']],
    [['ls', 'a', 'b']],
    [['ls', 'a', '--nope']],
    [['scan', 'a', 'b', '--limit', '0']],
    [['import', 'a', 'b', 'c.txt']],
    [['import', 'a', 'b', 'c', '--format', 'xml']],
    [['import', 'a', 'b', 'c.csv', '--types', 'x']],
    [['put', 'a', 'b', '{}', '--key', 'a,b,c']],
  ])('%j ends with 2', async (argv) => {
    const { code, stdout, stderr } = await cli(...argv)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(/^(dynafile: |Usage: )/)
    expect(stderr).not.toContain('    at ')
  })

  test('help and the version are no failures', async () => {
    expect(await cli('--version')).toMatchObject({ code: 0, stdout: '0.1.0\n', stderr: '' })
    const { stdout } = await cli('--help')
    for (const [, command] of stdout.matchAll(/^ {2}(\w+) \[options\]/gm)) {
      const help = await cli(command!, '--help')
      expect(help).toMatchObject({ code: 0, stderr: '' })
      expect(help.stdout).toContain('Examples:')
    }
  })
})

describe('verify', () => {
  test('lists what is wrong', async () => {
    await withOrders()
    const names = readdirSync(join(folder, 't'), { recursive: true, encoding: 'utf8' })
    const file = join(folder, 't', names.findLast((name) => name.endsWith('.run'))!)
    const whole = readFileSync(file)
    const damaged = Buffer.from(whole)
    damaged[200]! ^= 1
    writeFileSync(file, damaged)
    const outcome = await cli('verify', folder)
    expect(outcome.code).toBe(1)
    expect(outcome.stdout).toMatch(/^CorruptionError: .*\n.*: 1 problem\n$/)
    const report = JSON.parse((await cli('verify', folder, '--json')).stdout)
    expect(report.problems).toMatchObject([{ code: 'CORRUPTION' }])
    writeFileSync(file, whole)
  })
})

describe('interrupted', () => {
  test('an import ends, and what it stored is there', async () => {
    const stdin = new PassThrough()
    const interruption = new AbortController()
    const streams = { stdin, stdout: new PassThrough(), stderr: new PassThrough() }
    const code = run(['import', folder, 'things', '-', '--key', 'id'], streams, interruption.signal)
    stdin.write('{"id":"a"}\n')
    await new Promise((resolve) => setTimeout(resolve, 300))
    interruption.abort()
    expect(await code).toBe(130)
    expect(await storedItems('things')).toEqual([{ id: 'a' }])
  })

  test('a watch ends well', async () => {
    await withOrders()
    const interruption = new AbortController()
    const out = collector()
    const streams = { stdin: new PassThrough(), stdout: out.stream, stderr: new PassThrough() }
    const code = run(['watch', folder, 'orders', '--json'], streams, interruption.signal)
    await new Promise((resolve) => setTimeout(resolve, 300))
    await cli('put', folder, 'orders', '{"customer":"eve","placedAt":"1","total":12345678901234567890}')
    for (let i = 0; i < 50 && out.text() === ''; i++) await new Promise((resolve) => setTimeout(resolve, 100))
    interruption.abort()
    expect(await code).toBe(0)
    expect(out.text()).toContain('"new":{"customer":"eve","placedAt":"1","total":12345678901234567890}')
  })

  test('a reader that has enough is no failure', async () => {
    await withOrders()
    const stdout = new Writable({
      write(_chunk, _encoding, done) {
        done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }))
      },
    })
    const err = collector()
    const streams = { stdin: new PassThrough(), stdout, stderr: err.stream }
    expect(await run(['scan', folder, 'orders', '--json'], streams)).toBe(0)
    expect(err.text()).toBe('')
  })
})

describe('stats', () => {
  test('prints what there is of each table and index, and what it takes', async () => {
    await withOrders()
    const { code, stdout, stderr } = await cli('stats', folder)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^sorted files {2}\d+\.\d kB in 3$/m)
    expect(stdout).toMatch(/^log {11}.* in \d+$/m)
    expect(stdout).toMatch(/^space {9}\d+\.\d\d x the data$/m)
    expect(stdout).toMatch(/^table +items +size +raw +partitions +files +deltas +tombstones$/m)
    expect(stdout).toMatch(/^orders +3 .* 1 +1 +0 +0$/m)
    expect(stdout).toMatch(/^orders\.byTotal +3 .* 1 +1 +0 +0$/m)
  })

  test('--json is one document with everything', async () => {
    await withOrders()
    const { code, stdout } = await cli('stats', folder, '--json')
    expect(code).toBe(0)
    const { path, tables, disk, operations } = JSON.parse(stdout)
    expect(path).toBe(folder)
    expect(tables).toMatchObject([{ name: 'orders', items: 3, itemsAreExact: true, indexes: [{ name: 'byTotal' }] }])
    expect(disk.files).toBe(3)
    expect(operations.get).toEqual({ count: 0 })
  })

  test('a folder without tables has none, and one without a database is refused', async () => {
    await (await open(folder)).close()
    expect((await cli('stats', folder)).stdout).toContain('nothing is stored')
    expect(await cli('stats', join(root, 'nothing'))).toMatchObject({ code: 1, stdout: '' })
  })
})
