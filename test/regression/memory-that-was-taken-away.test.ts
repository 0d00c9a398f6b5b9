/**
 * Memory was moved to the threads that write files and scan, and checksums made WASM's memory grow. Either takes an
 * ArrayBuffer away from whoever looks at it. As soon as that has happened to one, V8 throws away all compiled code that reads
 * bytes, and what it compiles from then on looks before every access whether the memory is still there: loads took an eighth
 * longer, queries a twelfth. V8 says when it happens.
 */
import { execFileSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { expect, onTestFinished, test } from 'vitest'
import { temporaryFolder } from '../support/temporary-database.js'

const PROGRAM = `
  import { open, table, type } from './index.js'
  const folder = process.argv[2]
  const options = { fsync: 'never', threadFromBytes: 0 }
  const value = { text: 'é€'.repeat(20), bytes: Uint8Array.of(1, 2, 3) }
  let db = await open(folder, options)
  const definition = table('things', { schema: type(), key: ['pk', 'sk'] })
  let things = db.table(definition)
  // So many that the filter of a file is longer than the memory that WASM begins with.
  await things.batch((w) => {
    for (let i = 0; i < 60_000; i++) w.put({ pk: 'p' + (i % 7), sk: i, ...value })
  })
  await db.compact()
  await things.put({ pk: 'p0', sk: -1, ...value })
  let shared = 0
  for await (const { bytes, text } of things.scan({ workers: 2 })) {
    if (bytes.buffer instanceof SharedArrayBuffer || text !== value.text) shared += 1
  }
  console.log('not as they were:', shared)
  await db.close()
  db = await open(folder, options)
  things = db.table(definition)
  console.log('found:', (await things.get({ pk: 'p0', sk: 7 })).sk)
  await db.close()
`

async function bundle(folder: string): Promise<void> {
  const source = fileURLToPath(new URL('../../src', import.meta.url))
  await build({
    entryPoints: [
      `${source}/index.ts`,
      `${source}/engine/scan/scan-worker.ts`,
      `${source}/storage/writer-thread/writer-worker.ts`,
    ],
    entryNames: '[name]',
    outdir: folder,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
  })
  writeFileSync(`${folder}/program.js`, PROGRAM)
}

test('is nobody else’s: threads share it, and WASM’s does not grow', { timeout: 120_000 }, async () => {
  // Inside of the project, so that its packages are found.
  const code = fileURLToPath(new URL('../support/generated/memory', import.meta.url))
  await bundle(code)
  const folder = temporaryFolder()
  onTestFinished(() => rmSync(code, { recursive: true }))
  // It speaks of all threads of the process.
  const run = (program: string, ...args: string[]) =>
    execFileSync(process.execPath, ['--trace-protector-invalidation', program, ...args], { encoding: 'utf8' })
  const said = run(`${code}/program.js`, folder)
  expect(said).toContain('not as they were: 0\nfound: 7')
  expect(said).not.toContain('ArrayBufferDetaching')

  // V8 would say it.
  writeFileSync(`${code}/moves.js`, 'structuredClone(new ArrayBuffer(1), { transfer: [] })\n')
  expect(run(`${code}/moves.js`)).not.toContain('ArrayBufferDetaching')
  writeFileSync(`${code}/moves.js`, 'const it = new ArrayBuffer(1); structuredClone(it, { transfer: [it] })\n')
  expect(run(`${code}/moves.js`)).toContain('ArrayBufferDetaching')
})
