/** Exports as DynamoDB lays them out: written, read back, checked; and what is done about those that are not in order. */
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { Readable, Writable } from 'node:stream'
import { gunzipSync, gzipSync } from 'node:zlib'
import { beforeEach, describe, expect, test } from 'vitest'
import { run } from '../../src/cli/run.js'
import { open } from '../../src/index.js'
import type { Item } from '../../src/model/item/item.js'
import { itemLine } from '../../src/server/export/dynamodb-json.js'
import { ExportReader } from '../../src/server/export/export-reader.js'
import { ExportWriter } from '../../src/server/export/export-writer.js'
import { MovableClock, temporaryFolder } from '../support/temporary-database.js'

const TABLE = { name: 'orders', id: '01234567-89ab-8cde-8f01-23456789abcd' }
const CLOCK = new MovableClock()

let root: string
let bucket: string
let folder: string

beforeEach(() => {
  root = temporaryFolder()
  bucket = path.join(root, 'bucket')
  folder = path.join(root, 'data')
})

async function cliWith(input: string | Buffer, ...argv: string[]) {
  const texts = { stdout: '', stderr: '' }
  const stream = (name: keyof typeof texts) =>
    new Writable({
      write(chunk: Buffer, _, done) {
        texts[name] += chunk.toString()
        done()
      },
    })
  const streams = { stdin: Readable.from([Buffer.from(input)]), stdout: stream('stdout'), stderr: stream('stderr') }
  return { code: await run(argv, streams), ...texts }
}

const cli = (...argv: string[]) => cliWith('', ...argv)

const items = (count: number, from = 0): Item[] =>
  Array.from({ length: count }, (_, i) => ({ id: `item ${i + from}`, n: i, bytes: Uint8Array.of(i % 256) }))

/** An export of as many items, in files of a few each. */
async function exported(count: number, fileLength = 2000): Promise<string> {
  const writer = await ExportWriter.begin(bucket, TABLE, { clock: CLOCK, fileLength })
  for (let from = 0; from < count; from += 10) await writer.write(items(Math.min(10, count - from), from))
  await writer.commit()
  return writer.path
}

async function stored(): Promise<Item[]> {
  const db = await open(folder)
  try {
    return await db.table('orders').scan().toArray()
  } finally {
    await db.close()
  }
}

const read = (...names: string[]) => fs.readFileSync(path.join(...names), 'utf8')
const json = (text: string) => JSON.parse(text) as Record<string, unknown>

describe('an export', () => {
  test('has the manifests that DynamoDB writes', async () => {
    const place = await exported(95)
    const id = path.basename(place)
    expect(id).toMatch(/^\d{14}-[0-9a-f]{8}$/)
    const arn = 'arn:aws:dynamodb:us-east-1:000000000000:table/orders'
    const startTime = new Date(CLOCK.now()).toISOString()
    const summary = read(place, 'manifest-summary.json')
    expect(json(summary)).toEqual({
      ...{ version: '2020-06-30', exportArn: `${arn}/export/${id}`, startTime, endTime: startTime },
      ...{ tableArn: arn, tableId: TABLE.id, exportTime: startTime, s3Bucket: 'bucket', s3Prefix: null },
      ...{ s3SseAlgorithm: 'AES256', s3SseKmsKeyId: null },
      manifestFilesS3Key: `AWSDynamoDB/${id}/manifest-files.json`,
      billedSizeBytes: expect.any(Number),
      ...{ itemCount: 95, outputFormat: 'DYNAMODB_JSON', exportType: 'FULL_EXPORT' },
    })
    expect(read(place, 'manifest-summary.md5')).toBe(createHash('md5').update(summary).digest('base64'))

    const files = read(place, 'manifest-files.json').trim().split('\n').map(json)
    expect(files.length).toBeGreaterThan(2)
    const lines: string[] = []
    for (const { itemCount, md5Checksum, dataFileS3Key } of files) {
      expect(dataFileS3Key).toMatch(new RegExp(`^AWSDynamoDB/${id}/data/[0-9a-f]+\\.json\\.gz$`))
      const bytes = fs.readFileSync(path.join(bucket, dataFileS3Key as string))
      expect(md5Checksum).toBe(createHash('md5').update(bytes).digest('base64'))
      const own = gunzipSync(bytes).toString().trim().split('\n')
      expect(own).toHaveLength(itemCount as number)
      lines.push(...own)
    }
    expect(json(lines[7]!)).toEqual({ Item: { id: { S: 'item 7' }, n: { N: '7' }, bytes: { B: 'Bw==' } } })
    expect(new Set(lines).size).toBe(95)
  })

  test('of an empty table has no files of data', async () => {
    const place = await exported(0)
    expect(read(place, 'manifest-files.json')).toBe('')
    expect(fs.readdirSync(path.join(place, 'data'))).toEqual([])
    expect((await ExportReader.open(place)).files).toEqual([])
  })

  test('that is not finished leaves nothing', async () => {
    const writer = await ExportWriter.begin(bucket, TABLE, { clock: CLOCK })
    await writer.write(items(10))
    expect(fs.readdirSync(path.join(bucket, 'AWSDynamoDB'))[0]).toMatch(/\.partial$/)
    await writer.abandon()
    expect(fs.readdirSync(path.join(bucket, 'AWSDynamoDB'))).toEqual([])
  })
})

describe('dynafile', () => {
  test('exports a table and imports it again', async () => {
    const lines = items(3000).map(itemLine).join('')
    expect(await cliWith(lines, 'import', folder, 'orders', '-', '--format', 'dynamodb', '--key', 'id')).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('imported 3,000 items into "orders"'),
    })
    const before = await stored()
    const out = await cli('export', folder, 'orders', bucket, '--format', 'dynamodb')
    expect(out).toMatchObject({ code: 0, stdout: '' })
    const [id] = fs.readdirSync(path.join(bucket, 'AWSDynamoDB'))
    expect(out.stderr).toContain(`exported 3,000 items of "orders" to ${path.join(bucket, 'AWSDynamoDB', id!)}`)
    // The folder of the export, and the one that it is in.
    for (const place of [path.join(bucket, 'AWSDynamoDB', id!), bucket]) {
      fs.rmSync(folder, { recursive: true })
      const imported = await cli('import', folder, 'orders', place, '--key', 'id')
      expect(imported).toMatchObject({ code: 0, stderr: expect.stringContaining('imported 3,000 items') })
      expect(await stored()).toEqual(before)
    }
  })

  test('exports the lines alone to standard output, and imports them compressed', async () => {
    await cliWith(
      items(20).map(itemLine).join(''),
      'import',
      folder,
      'orders',
      '-',
      '--format',
      'dynamodb',
      '--key',
      'id',
    )
    const { stdout } = await cli('export', folder, 'orders', '--format', 'dynamodb', '--filter', 'n < 5')
    expect(stdout.trim().split('\n')).toHaveLength(5)
    const file = path.join(root, 'lines.gz')
    fs.writeFileSync(file, gzipSync(stdout))
    const imported = await cli('import', folder, 'copy', file, '--format', 'dynamodb', '--key', 'id')
    expect(imported).toMatchObject({ code: 0, stderr: expect.stringContaining('imported 5 items into "copy"') })
  })

  test('names the line of what is no item, and stores the others', async () => {
    const lines = `${itemLine({ id: 'a' })}{"Item":{"id":{"S":5}}}\n${itemLine({ n: 1 })}${itemLine({ id: 'b' })}`
    const imported = await cliWith(lines, 'import', folder, 'orders', '-', '--format', 'dynamodb', '--key', 'id')
    expect(imported.code).toBe(1)
    expect(imported.stderr).toContain('line 2: {"S": …} is no value as DynamoDB writes one')
    expect(imported.stderr).toContain(
      'line 3: One or more parameter values were invalid: Missing the key id in the item',
    )
    expect(await stored()).toHaveLength(2)
  })

  test('imports nothing of a file whose checksum differs', async () => {
    const place = await exported(30, 100)
    const first = json(read(place, 'manifest-files.json').split('\n')[0]!)
    const file = path.join(bucket, first['dataFileS3Key'] as string)
    const bytes = fs.readFileSync(file)
    fs.writeFileSync(file, gzipSync(gunzipSync(bytes).toString().replace('item 0', 'item X')))
    const imported = await cli('import', folder, 'orders', place, '--key', 'id')
    expect(imported.code).toBe(1)
    expect(imported.stderr).toMatch(/the checksum of "data\/[0-9a-f]+\.json\.gz" differs/)
    expect(await stored()).toEqual([])
  })

  test('says when the manifest counts other items than there are', async () => {
    const place = await exported(10)
    for (const name of ['manifest-files.json', 'manifest-summary.json']) {
      const file = path.join(place, name)
      fs.writeFileSync(file, read(file).replace('"itemCount":10', '"itemCount":11'))
    }
    const imported = await cli('import', folder, 'orders', place, '--key', 'id')
    expect(imported.code).toBe(1)
    expect(imported.stderr).toMatch(/[0-9a-f]+\.json\.gz, line 10: there are 10 items, and the manifest says 11/)
    expect(await stored()).toHaveLength(10)
  })

  const broken: readonly (readonly [what: string, break_: (place: string) => void, message: string])[] = [
    [
      'no manifest',
      (place) => fs.rmSync(path.join(place, 'manifest-files.json')),
      'manifest-files.json can not be read',
    ],
    [
      'no summary',
      (place) => fs.rmSync(path.join(place, 'manifest-summary.json')),
      'there is neither manifest-summary.json nor an export in it',
    ],
    [
      'a manifest that is no JSON',
      (place) => fs.writeFileSync(path.join(place, 'manifest-files.json'), '{'),
      'manifest-files.json, line 1 is no JSON',
    ],
    [
      'a summary that is no object',
      (place) => fs.writeFileSync(path.join(place, 'manifest-summary.json'), '[]'),
      'manifest-summary.json is no object',
    ],
    ['a missing file', (place) => fs.rmSync(path.join(place, 'data'), { recursive: true }), 'is missing'],
    [
      'a file elsewhere',
      (place) => change(place, 'manifest-files.json', /"AWSDynamoDB[^"]*"/, '"data/../../../secret/.."'),
      'names no file of data',
    ],
    [
      'a file that is only elsewhere',
      (place) => change(place, 'manifest-files.json', /"AWSDynamoDB[^"]*"/, '"/etc/passwd"'),
      '"data/passwd" is missing',
    ],
    [
      'a count that is none',
      (place) => change(place, 'manifest-files.json', '"itemCount":10', '"itemCount":-1'),
      'its itemCount is no count',
    ],
    [
      'counts that differ',
      (place) => change(place, 'manifest-summary.json', '"itemCount":10', '"itemCount":9'),
      'its summary has 9 items, and its files have 10',
    ],
    [
      'changes instead of items',
      (place) => change(place, 'manifest-summary.json', 'FULL_EXPORT', 'INCREMENTAL_EXPORT'),
      'only full ones are read',
    ],
    ['another format', (place) => change(place, 'manifest-summary.json', 'DYNAMODB_JSON', 'ION'), 'its format is ION'],
  ]

  function change(place: string, name: string, from: string | RegExp, to: string): void {
    const file = path.join(place, name)
    const changed = read(file).replace(from, to)
    expect(changed).not.toBe(read(file))
    fs.writeFileSync(file, changed)
  }

  test.each(broken)('refuses an export with %s', async (_, break_, message) => {
    const place = await exported(10)
    break_(place)
    const imported = await cli('import', folder, 'orders', place, '--key', 'id')
    expect(imported.code).toBe(1)
    expect(imported.stderr).toContain(message)
    expect(fs.existsSync(folder)).toBe(false)
  })

  test('asks which export is meant when there are several', async () => {
    await exported(10)
    await exported(10)
    const imported = await cli('import', folder, 'orders', bucket, '--key', 'id')
    expect(imported).toMatchObject({ code: 1, stderr: expect.stringContaining('there are several exports') })
  })

  test('reads a large export without keeping it in memory', async () => {
    const writer = await ExportWriter.begin(bucket, TABLE, { clock: CLOCK })
    const text = 'x'.repeat(50_000)
    for (let i = 0; i < 2000; i += 20) {
      await writer.write(Array.from({ length: 20 }, (_, k) => ({ id: i + k, text })))
    }
    await writer.commit()
    const reader = await ExportReader.open(writer.path)
    let [byteLength, longest] = [0, 0]
    const before = process.memoryUsage().arrayBuffers
    for await (const chunk of reader.lines(reader.files[0]!, () => {})) {
      byteLength += chunk.length
      longest = Math.max(longest, process.memoryUsage().arrayBuffers - before)
    }
    expect(byteLength).toBeGreaterThan(100_000_000)
    expect(longest).toBeLessThan(50_000_000)
  })
})
