/**
 * A scan by workers that nobody finished, and that could not go on, kept the process from ending: a worker waited for what
 * was in memory, which it was not sent any more, and was waited for.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, expect, test } from 'vitest'

const folder = mkdtempSync(join(tmpdir(), 'dynafile-'))
afterEach(() => rmSync(folder, { recursive: true }))

const PROGRAM = `
import { open, table, type } from ${JSON.stringify(pathToFileURL(join(import.meta.dirname, '../../src/index.ts')).href)}
const Rows = table('rows', { schema: type(), key: ['id'] })
const db = await open(${JSON.stringify(folder)}, { fsync: 'never' })
const rows = db.table(Rows)
const put = (count, text) => rows.batch((batch) => {
  for (let n = 0; n < count; n++) batch.put({ id: 'r' + n, text: text.repeat(100) })
})
await put(20_000, 'old')
await db.checkpoint()
await put(40_000, 'new')
const snapshot = db.snapshot()
globalThis.pages = snapshot.table(Rows).scan({ workers: 2 }).pages()[Symbol.asyncIterator]()
const { value } = await globalThis.pages.next()
console.log(value.items.length > 0)
snapshot.release()
`

test('it ends when its snapshot was released', { timeout: 60_000 }, () => {
  const args = ['--import', 'tsx', '--input-type=module', '--eval', PROGRAM]
  const { stdout, stderr, status, signal } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 30_000 })
  expect({ stdout, status, signal }, stderr).toEqual({ stdout: 'true\n', status: 0, signal: null })
})
