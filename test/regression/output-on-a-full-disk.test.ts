/**
 * A full disk behind standard output passed for an interruption, with its exit code, and behind `--help` for a success. A
 * server whose first lines nobody could read ended the process with a stack. Only a reader that went away is a quiet end.
 */
import { createWriteStream, existsSync } from 'node:fs'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import { beforeEach, expect, test } from 'vitest'
import { run } from '../../src/cli/run.js'
import { collecting } from '../support/collecting.js'
import { temporaryFolder } from '../support/temporary-database.js'

let folder: string

beforeEach(async () => {
  folder = join(temporaryFolder(), 'data')
  const argv = ['put', folder, 'things', '{"id":"a"}', '--key', 'id']
  expect(await runWith(argv, { stdout: collecting([]) })).toMatchObject({ code: 0 })
})

/** A stream that fails with each write, at once or later. */
function failing(code: string, { later = false } = {}): Writable {
  return new Writable({
    write(_chunk, _encoding, done) {
      const failure = Object.assign(new Error(`${code}: the system's words, write`), { code })
      if (later) setImmediate(done, failure)
      else done(failure)
    },
  })
}

async function runWith(
  argv: readonly string[],
  { stdout, stderr }: { stdout: Writable; stderr?: Writable },
): Promise<{ code: number; stderr: string }> {
  const chunks: Buffer[] = []
  const streams = { stdin: Readable.from([]), stdout, stderr: stderr ?? collecting(chunks) }
  const code = await run(argv, streams)
  return { code, stderr: Buffer.concat(chunks).toString() }
}

const COMMANDS: [command: string, ...more: string[]][] = [
  ['ls'],
  ['describe', 'things'],
  ['get', 'things', 'a'],
  ['query', 'things', 'a', '--json'],
  ['scan', 'things'],
  ['export', 'things'],
  ['stats', '--json'],
  ['verify'],
]

test.each(COMMANDS)('%s says why nothing could be written', async (command, ...more) => {
  for (const later of [false, true]) {
    const { code, stderr } = await runWith([command, folder, ...more], { stdout: failing('ENOSPC', { later }) })
    expect(code).toBe(1)
    expect(stderr).toContain("dynafile: Cannot write to standard output: ENOSPC: the system's words, write\n")
    expect(stderr).not.toContain('interrupted')
  }
})

test.each(COMMANDS)('%s ends quietly where nobody reads', async (command, ...more) => {
  for (const later of [false, true]) {
    const { code, stderr } = await runWith([command, folder, ...more], { stdout: failing('EPIPE', { later }) })
    expect(code).toBe(0)
    expect(stderr).not.toContain('dynafile:')
  }
})

test('help that could not be written is a failure', async () => {
  for (const argv of [['--help'], ['ls', '--help'], ['--version']]) {
    for (const later of [false, true]) {
      const { code, stderr } = await runWith(argv, { stdout: failing('ENOSPC', { later }) })
      expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining('ENOSPC') })
      expect(await runWith(argv, { stdout: failing('EPIPE', { later }) })).toEqual({ code: 0, stderr: '' })
    }
  }
})

test('a server ends when what it says can not be written', async () => {
  const argv = ['serve', '--port', '0']
  for (const later of [false, true]) {
    const { code, stderr } = await runWith(argv, { stdout: failing('ENOSPC', { later }) })
    expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining('ENOSPC') })
    expect(await runWith(argv, { stdout: failing('EPIPE', { later }) })).toEqual({ code: 0, stderr: '' })
  }
})

test('a watch ends when a change can not be written', async () => {
  const watched = runWith(['watch', folder], { stdout: failing('ENOSPC') })
  const stop = { isOver: false }
  void watched.then(() => {
    stop.isOver = true
  })
  for (let n = 0; n < 100 && !stop.isOver; n++) {
    await runWith(['put', folder, 'things', `{"id":"b","n":${n}}`], { stdout: collecting([]) })
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  expect(await watched).toMatchObject({ code: 1, stderr: expect.stringContaining('ENOSPC') })
})

test('standard error on a full disk rejects nothing', async () => {
  const full = () => ({ stdout: collecting([]), stderr: failing('ENOSPC') })
  expect((await runWith(['scan', folder, 'nope'], full())).code).toBe(1)
  expect((await runWith(['scan', folder, 'things', '--segment', '1'], full())).code).toBe(2)
})

test.runIf(existsSync('/dev/full'))('the device that is always full', async () => {
  const { code, stderr } = await runWith(['scan', folder, 'things', '--json'], {
    stdout: createWriteStream('/dev/full'),
  })
  expect(code).toBe(1)
  expect(stderr).toMatch(/^dynafile: Cannot write to standard output: ENOSPC: no space left on device/m)
})
