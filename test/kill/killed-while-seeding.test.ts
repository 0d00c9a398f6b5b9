/** `dynafile serve --seed`, killed in the middle of its seed: the next start has all of it, and not what the first one left. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { open } from '../../src/index.js'

const LOADER = new URL('../../node_modules/tsx/dist/esm/index.mjs', import.meta.url).href
const CLI = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))
const ITEMS = 20_000

const TABLE = {
  TableName: 'things',
  AttributeDefinitions: [
    { AttributeName: 'id', AttributeType: 'S' },
    { AttributeName: 'kind', AttributeType: 'S' },
  ],
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  GlobalSecondaryIndexes: [
    {
      IndexName: 'byKind',
      KeySchema: [{ AttributeName: 'kind', KeyType: 'HASH' }],
      Projection: { ProjectionType: 'ALL' },
    },
  ],
  Tags: [{ Key: 'of', Value: 'the seed' }],
}

function serve(folder: string, seed: string): ChildProcess {
  const child = spawn(process.execPath, ['--import', LOADER, CLI, 'serve', folder, '--port', '0', '--seed', seed], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

function logByteLength(folder: string): number {
  try {
    const directory = join(folder, 'wal')
    return readdirSync(directory).reduce((sum, name) => sum + statSync(join(directory, name)).size, 0)
  } catch {
    return 0
  }
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL')
  await once(child, 'exit')
}

test('all of it or nothing, however often it is killed', { timeout: 90_000 }, async () => {
  const root = mkdtempSync(join(tmpdir(), 'dynafile-seed-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  const folder = join(root, 'db')
  const seed = join(root, 'seed.json')
  const data = Array.from({ length: ITEMS }, (_, n) => ({ id: `id-${n}`, kind: `kind-${n % 7}`, text: 'x'.repeat(50) }))
  writeFileSync(seed, JSON.stringify([{ ...TABLE, data }]))

  for (let round = 0; round < 2; round++) {
    const before = logByteLength(folder)
    const child = serve(folder, seed)
    await expect.poll(() => logByteLength(folder), { timeout: 30_000, interval: 2 }).toBeGreaterThan(before + 300_000)
    await kill(child)
    const db = await open(folder)
    const found = await db.table('things').scan().count()
    await db.close()
    // Killed too late, it would say nothing.
    expect(found).toBeGreaterThan(100)
    expect(found).toBeLessThan(ITEMS)
  }

  const child = serve(folder, seed)
  let printed = ''
  child.stdout!.on('data', (chunk: Buffer) => {
    printed += chunk.toString()
  })
  await expect.poll(() => printed, { timeout: 60_000 }).toContain('Ctrl-C')
  expect(printed).toContain('Seeded 1 table with 20,000 items.')
  await kill(child)

  // It is complete now, and stays as it is.
  const again = serve(folder, seed)
  printed = ''
  again.stdout!.on('data', (chunk: Buffer) => {
    printed += chunk.toString()
  })
  await expect.poll(() => printed, { timeout: 30_000 }).toContain('Ctrl-C')
  expect(printed).toContain('There already: things.')
  await kill(again)

  const db = await open(folder)
  expect(db.tables()).toMatchObject([{ name: 'things', indexes: [{ name: 'byKind', status: 'ACTIVE' }] }])
  expect(await db.table('things').scan().count()).toBe(ITEMS)
  expect((await db.verify()).problems).toEqual([])
  await db.close()
})
