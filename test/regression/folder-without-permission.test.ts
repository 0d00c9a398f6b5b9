/**
 * A folder that may not be looked into passed for one without a database: the command line said that "put" and "import"
 * make one there, and `watchFolder` that there is no such folder.
 */
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterEach, expect, test, vi } from 'vitest'
import { run } from '../../src/cli/run.js'
import { open, watchFolder } from '../../src/index.js'
import { temporaryFolder } from '../support/temporary-database.js'

// Permissions don't bind root, as whom tests may run: the system's answer is put in its mouth.
function forbid(folder: string): void {
  const failing = (path: fs.PathLike) => {
    throw Object.assign(new Error(`EACCES: permission denied, stat '${path}'`), { code: 'EACCES' })
  }
  for (const call of ['statSync', 'lstatSync', 'realpathSync', 'existsSync'] as const) {
    const real = fs[call] as (path: fs.PathLike, ...more: unknown[]) => unknown
    const refusal = call === 'existsSync' ? () => false : failing
    const pretended = (path: fs.PathLike, ...more: unknown[]) =>
      String(path).startsWith(folder) ? refusal(path) : real(path, ...more)
    vi.spyOn(fs, call).mockImplementation(pretended as never)
  }
  syncBuiltinESMExports()
}

function allow(): void {
  vi.restoreAllMocks()
  syncBuiltinESMExports()
}

afterEach(allow)

async function cli(...argv: string[]): Promise<{ code: number; stderr: string }> {
  const stderr = new PassThrough()
  const streams = { stdin: new PassThrough(), stdout: new PassThrough().resume(), stderr }
  // A watch that finds nothing wrong would not end.
  const code = await run(argv, streams, AbortSignal.timeout(2000))
  return { code, stderr: String(stderr.read() ?? '') }
}

test.each([
  ['ls'],
  ['scan', 'things'],
  ['put', 'things', '{"id":"a"}'],
  ['import', 'things', '-'],
  ['verify'],
  ['watch'],
])('%s says that it may not look', async (command, ...more) => {
  const folder = join(temporaryFolder(), 'data')
  await (await open(folder)).close()
  forbid(folder)
  const { code, stderr } = await cli(command, folder, ...more)
  expect(code).toBe(1)
  expect(stderr).toBe(
    `dynafile: Cannot open "${folder}": it can't be written to; check its owner, its mode and how its disk is mounted\n`,
  )
})

// Windows has neither the links, without a privilege, nor the error.
test.skipIf(process.platform === 'win32')('other failures of the system are said as they are', async () => {
  const root = temporaryFolder()
  const loop = join(root, 'loop')
  fs.symlinkSync(loop, loop)
  expect(await cli('ls', loop)).toMatchObject({ code: 1, stderr: expect.stringContaining('ELOOP') })
  const file = join(root, 'file')
  fs.writeFileSync(file, '')
  expect(await cli('ls', file)).toMatchObject({ code: 1, stderr: expect.stringContaining('is a file') })
})

test('watching a folder says so, too', async () => {
  const folder = join(temporaryFolder(), 'data')
  await (await open(folder)).close()
  forbid(folder)
  await expect(watchFolder(folder).next()).rejects.toMatchObject({ code: 'READ_ONLY' })
  allow()
  await expect(watchFolder(`${folder}-nope`).next()).rejects.toMatchObject({ code: 'NOT_A_DATABASE' })
})
