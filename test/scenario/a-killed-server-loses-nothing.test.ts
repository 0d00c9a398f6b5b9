/** A server that is killed in the middle of requests: what it acknowledged over HTTP is there when the folder is opened. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { open } from '../../src/index.js'
import { wireRequest } from '../support/wire-fixture.js'

const LOADER = new URL('../../node_modules/tsx/dist/esm/index.mjs', import.meta.url).href
const INDEX = fileURLToPath(new URL('../../src/index.ts', import.meta.url))

const PROGRAM = `
  const { open } = await import(${JSON.stringify(INDEX)})
  const db = await open(process.argv[1])
  const server = await db.serve({ port: 0 })
  console.log(server.url)
`

async function startServer(folder: string): Promise<{ process: ChildProcess; url: string }> {
  const child = spawn(process.execPath, ['--import', LOADER, '--input-type=module', '-e', PROGRAM, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [line] = (await once(child.stdout!, 'data')) as [Buffer]
  return { process: child, url: line.toString().trim() }
}

async function send(url: string, operation: string, body: unknown): Promise<number> {
  const { headers } = wireRequest(operation, '')
  const response = await fetch(url, {
    method: 'POST',
    headers: headers as Record<string, string>,
    body: JSON.stringify(body),
  })
  await response.text()
  return response.status
}

test('whatever was answered before it was killed', { timeout: 60_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'dynafile-server-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const acknowledged = new Set<string>()
  for (let round = 0; round < 3; round++) {
    const server = await startServer(folder)
    const AttributeDefinitions = [{ AttributeName: 'pk', AttributeType: 'S' }]
    const KeySchema = [{ AttributeName: 'pk', KeyType: 'HASH' }]
    const table = { TableName: 'things', BillingMode: 'PAY_PER_REQUEST', AttributeDefinitions, KeySchema }
    if (round === 0) expect(await send(server.url, 'CreateTable', table)).toBe(200)
    let isKilled = false
    const writer = async (name: string) => {
      for (let n = 0; !isKilled; n++) {
        const pk = `${round} ${name} ${n}`
        const status = await send(server.url, 'PutItem', { TableName: 'things', Item: { pk: { S: pk } } }).catch(
          () => 0,
        )
        if (status === 200) acknowledged.add(pk)
      }
    }
    const writers = Promise.all(Array.from({ length: 8 }, (_, at) => writer(String(at))))
    await expect.poll(() => acknowledged.size, { timeout: 20_000, interval: 5 }).toBeGreaterThan((round + 1) * 100)
    server.process.kill('SIGKILL')
    isKilled = true
    await Promise.all([once(server.process, 'exit'), writers])
  }
  const db = await open(folder)
  const items = await db.table('things').scan().toArray()
  const found = new Set(items.map(({ pk }) => pk))
  expect([...acknowledged].filter((pk) => !found.has(pk))).toEqual([])
  expect((await db.verify()).problems).toEqual([])
  await db.close()
})
