/**
 * A row of CSV with an empty cell in a column that is the key of an index was refused in DynamoDB's words alone, which do
 * not say that `--infer` leaves empty cells out.
 */
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { beforeEach, expect, test } from 'vitest'
import { run } from '../../src/cli/run.js'
import { temporaryFolder } from '../support/temporary-database.js'

const HINT = '; --infer leaves empty cells out'
const INDEX = ['--key', 'customer,placedAt', '--index', 'byStatus=status,placedAt']

let folder: string

beforeEach(() => {
  folder = join(temporaryFolder(), 'data')
})

async function importCsv(text: string, ...options: string[]): Promise<{ code: number; stderr: string }> {
  return importText(text, '--format', 'csv', ...options)
}

async function importText(text: string, ...options: string[]): Promise<{ code: number; stderr: string }> {
  const stderr = new PassThrough()
  const stdin = Readable.from([Buffer.from(text)])
  const argv = ['import', folder, 'orders', '-', ...options]
  const code = await run(argv, { stdin, stdout: new PassThrough(), stderr })
  return { code, stderr: String(stderr.read() ?? '') }
}

test('the line says what to do, and doing it helps', async () => {
  const csv = 'customer,placedAt,status\nada,2026-11-01,\nbob,2026-11-02,open\n'
  const refused = await importCsv(csv, ...INDEX)
  expect(refused.code).toBe(1)
  expect(refused.stderr).toMatch(/^line 2: .*IndexName: byStatus, IndexKey: status; --infer leaves empty cells out\n/)
  expect(await importCsv(csv, ...INDEX, '--infer')).toMatchObject({ code: 0 })
})

test('nothing is said where it would not help', async () => {
  const emptyKey = await importCsv('customer,placedAt,status\nada,,\n', ...INDEX)
  expect(emptyKey).toMatchObject({ code: 1, stderr: expect.not.stringContaining(HINT) })
  const inQuotes = await importCsv('customer,placedAt,status\nada,2026-11-01,""\n', '--infer')
  expect(inQuotes).toMatchObject({ code: 1, stderr: expect.not.stringContaining(HINT) })
  const json = await importText('{"customer":"ada","placedAt":"2026-11-01","status":""}\n')
  expect(json).toMatchObject({ code: 1, stderr: expect.not.stringContaining(HINT) })
})
