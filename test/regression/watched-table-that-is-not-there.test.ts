/** `dynafile watch ./data nope` waited without a word for a table that was not there, as a mistyped name is not. */
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { expect, test, vi } from 'vitest'
import { run } from '../../src/cli/run.js'
import { open, table, type } from '../../src/index.js'
import { temporaryFolder } from '../support/temporary-database.js'

function text(stream: PassThrough): () => string {
  const chunks: Buffer[] = []
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  return () => Buffer.concat(chunks).toString()
}

function watching(folder: string, table?: string) {
  const interruption = new AbortController()
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const argv = ['watch', folder, ...(table === undefined ? [] : [table]), '--json']
  const code = run(argv, { stdin: new PassThrough(), stdout, stderr }, interruption.signal)
  const end = () => {
    interruption.abort()
    return code
  }
  return { stdout: text(stdout), stderr: text(stderr), end }
}

async function put(folder: string, table: string): Promise<void> {
  const streams = { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() }
  expect(await run(['put', folder, table, '{"id":"a"}', '--key', 'id'], streams)).toBe(0)
}

test('it is said that there is none yet, which there are, and what comes is shown', async () => {
  const folder = join(temporaryFolder(), 'data')
  await (await open(folder)).close()
  const first = watching(folder, 'later')
  await vi.waitFor(() => expect(first.stderr()).not.toBe(''), 10_000)
  expect(first.stderr()).toBe('dynafile: there is no table "later" yet (the database has none): waiting for it\n')
  expect(await first.end()).toBe(0)

  await put(folder, 'orders')
  await put(folder, 'people')
  const second = watching(folder, 'later')
  await vi.waitFor(() => expect(second.stderr()).not.toBe(''), 10_000)
  expect(second.stderr()).toBe('dynafile: there is no table "later" yet (there are: orders, people): waiting for it\n')
  // Open for as long as they are read: a folder that is opened and closed twice at once leaves a watcher behind.
  const db = await open(folder)
  for (const name of ['orders', 'later']) {
    await db.table(table(name, { schema: type<{ id: string }>(), key: ['id'] })).put({ id: 'b' })
  }
  await vi.waitFor(() => expect(second.stdout()).not.toBe(''), 10_000)
  expect(second.stdout()).toMatch(/^\{"type":"put","table":"later",.*\}\n$/)
  await db.close()
  expect(await second.end()).toBe(0)
})

test('nothing is said of a table that is there, nor of all of them', async () => {
  const folder = join(temporaryFolder(), 'data')
  await put(folder, 'orders')
  for (const table of ['orders', undefined]) {
    const watch = watching(folder, table)
    await new Promise((resolve) => setTimeout(resolve, 300))
    await put(folder, 'orders')
    await vi.waitFor(() => expect(watch.stdout()).not.toBe(''), 10_000)
    expect(await watch.end()).toBe(0)
    expect(watch.stderr()).toBe('')
  }
})
