/**
 * `dynafile verify` found damage and ended with 0 where its reader had stopped reading: `verify ./data | grep -q Corruption`
 * of a script with `pipefail` said that all is well. That nobody reads on is fine for what prints items; the exit code of a
 * check is its answer, so it looks at everything all the same.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import { beforeEach, describe, expect, test } from 'vitest'
import { run } from '../../src/cli/run.js'
import { collecting } from '../support/collecting.js'
import { temporaryFolder } from '../support/temporary-database.js'

const epipe = () => Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })

/** Readers that are gone: when the first line is written, a little later, and before anything is. */
const readers: Record<string, () => Writable> = {
  'at the first line': () => new Writable({ write: (_chunk, _encoding, done) => done(epipe()) }),
  'after the first line': () => new Writable({ write: (_chunk, _encoding, done) => void setImmediate(done, epipe()) }),
  'before it began': () => new Writable().destroy(epipe()),
}

let folder: string

beforeEach(async () => {
  folder = join(temporaryFolder(), 'data')
  for (let n = 0; n < 3; n++) {
    const item = JSON.stringify({ id: `thing ${n}`, text: 'x'.repeat(200) })
    expect(await runWith(['put', folder, 'things', item, '--key', 'id'], collecting([]))).toMatchObject({ code: 0 })
  }
})

/** Changes a byte in the middle of each file that has this ending. */
function damage(ending: string): void {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith(ending))
  expect(files).not.toEqual([])
  for (const file of files) {
    const bytes = readFileSync(join(folder, file))
    bytes[Math.floor(bytes.length / 2)]! ^= 1
    writeFileSync(join(folder, file), bytes)
  }
}

async function runWith(
  argv: readonly string[],
  stdout: Writable,
  signal?: AbortSignal,
): Promise<{ code: number; stderr: string }> {
  const chunks: Buffer[] = []
  const code = await run(argv, { stdin: Readable.from([]), stdout, stderr: collecting(chunks) }, signal)
  return { code, stderr: Buffer.concat(chunks).toString() }
}

describe.each(Object.keys(readers))('a reader that is gone %s', (when) => {
  const reader = readers[when]!

  test('hides no problem', async () => {
    damage('.run')
    for (const more of [[], ['--json']]) {
      expect(await runWith(['verify', folder, ...more], reader())).toEqual({ code: 1, stderr: '' })
    }
  })

  test('hides no database that can not be opened', async () => {
    damage('FORMAT')
    for (const path of [folder, join(folder, 'nothing')]) {
      expect((await runWith(['verify', path], reader())).code).toBe(1)
    }
  })

  test('is no problem itself', async () => {
    for (const command of [
      ['verify', folder],
      ['scan', folder, 'things', '--json'],
      ['ls', folder],
    ]) {
      expect(await runWith(command, reader())).toEqual({ code: 0, stderr: '' })
    }
  })

  test('makes no interrupted check a finished one', async () => {
    const interruption = new AbortController()
    const outcome = runWith(['verify', folder], reader(), interruption.signal)
    // Once the command knows of its reader; the folder is being opened then.
    setImmediate(() => interruption.abort())
    expect((await outcome).code).toBeGreaterThan(0)
  })
})
