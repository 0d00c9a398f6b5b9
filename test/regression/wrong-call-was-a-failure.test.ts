/**
 * What was typed and is refused by the database, such as a filter that can't be read, ended with 1, as if the database had
 * failed: the page of the command line says 2. What is refused of a file or of standard input is no wrong call.
 */
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { beforeEach, expect, test } from 'vitest'
import { run } from '../../src/cli/run.js'
import { temporaryFolder } from '../support/temporary-database.js'

let root: string
let folder: string

async function cli(input: string, ...argv: string[]): Promise<{ code: number; stderr: string }> {
  const stderr = new PassThrough()
  const stdin = Readable.from([Buffer.from(input)])
  const code = await run(argv, { stdin, stdout: new PassThrough().resume(), stderr })
  return { code, stderr: String(stderr.read() ?? '') }
}

beforeEach(async () => {
  root = temporaryFolder()
  folder = join(root, 'data')
  const options = ['--key', 'id,n', '--index', 'byColour=colour']
  expect((await cli('', 'put', folder, 'things', '{"id":"a","n":1}', ...options)).code).toBe(0)
})

test.each([
  ['scan', 'things', '--filter', 'n >'],
  ['scan', 'things', '--cursor', 'x'],
  ['scan', 'things', '--segment', '5', '--total-segments', '2'],
  ['scan', 'things', '--index', 'nope'],
  ['query', 'things', 'a', '--filter', '"'],
  ['query', 'things', ''],
  ['query', 'things', 'a', '--begins-with', '1'],
  ['get', 'things', '', '1'],
  ['rm', 'things', 'a', '1', '--if', 'n =='],
  ['export', 'things', '--filter', 'n >'],
  ['put', 'things', '{"id":"b","n":1}', '--if', 'n =='],
  ['put', 'things', '{"id":"b"}'],
  ['put', 'things', '{"id":"b","n":1}', '--key', 'n'],
  ['put', 'no/table', '{"id":"b"}', '--key', 'id'],
])('%s %s %s … ends with 2', async (command, ...more) => {
  const { code, stderr } = await cli('', command, folder, ...more)
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(/^dynafile: /) })
})

test('a wrong condition beside an item of standard input does, too', async () => {
  expect((await cli('{"id":"b","n":1}', 'put', folder, 'things', '--if', 'n ==')).code).toBe(2)
})

test('items of a file or of standard input that are refused end with 1', async () => {
  for (const item of ['{"id":"b"}', '{"id":"","n":1}', 'nope']) {
    expect(await cli(item, 'put', folder, 'things')).toMatchObject({ code: 1 })
    writeFileSync(join(root, 'items.jsonl'), `${item}\n`)
    expect(await cli('', 'import', folder, 'things', join(root, 'items.jsonl'))).toMatchObject({ code: 1 })
    expect(await cli(item, 'import', folder, 'things', '-')).toMatchObject({ code: 1 })
  }
})

test('a filter that makes no sense for an item ends with 1: others may be fine', async () => {
  expect(await cli('', 'scan', folder, 'things', '--filter', 'id * 2 > 1')).toMatchObject({ code: 1 })
})

test.each([
  ['put', 'no/table', '{"id":"b"}'],
  ['put', 'things', '{"id":"b"}', '--index', 'x y=id'],
  ['import', 'no/table', 'some.jsonl'],
])('%s %s … makes no database for a table that can’t be', async (command, ...more) => {
  const other = join(root, 'other')
  writeFileSync(join(root, 'some.jsonl'), '{"id":"b"}\n')
  const [name, argument, ...rest] = more as [string, string, ...string[]]
  const what = command === 'import' ? join(root, argument) : argument
  const { code, stderr } = await cli('', command, other, name, what, '--key', 'id', ...rest)
  expect(stderr).toMatch(/Cannot|TableName|name/)
  expect(code).toBe(2)
  expect(existsSync(other)).toBe(false)
})
