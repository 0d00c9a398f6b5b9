/** The configuration of a project's tests: the first file there is, and none that is passed over without a word. */

import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { readConfiguration } from '../../../src/preset/configuration.js'
import { builtWorker } from '../../support/built-worker.js'
import { temporaryFolder } from '../../support/temporary-database.js'

const run = promisify(execFile)

const TABLE = { TableName: 'things', KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }] }

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder()
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content)
  return folder
}

test('none is no tables', async () => {
  expect(await readConfiguration(folderWith({}))).toEqual({ tables: [], reset: 'test' })
})

test('ours comes before that of another preset', async () => {
  const content = JSON.stringify({ tables: [TABLE], reset: 'file' })
  const folder = folderWith({ 'jest-dynamodb-config.json': '{"tables":[]}', 'dynafile.config.json': content })
  expect(await readConfiguration(folder)).toEqual({ tables: [TABLE], reset: 'file' })
})

test('the first folder that has one decides', async () => {
  const [empty, first, second] = [{}, { tables: [TABLE] }, { tables: [] }].map((content, i) =>
    folderWith(i === 0 ? {} : { 'dynafile.config.json': JSON.stringify(content) }),
  ) as [string, string, string]
  expect((await readConfiguration(empty, first, second)).tables).toEqual([TABLE])
  expect((await readConfiguration(second, first)).tables).toEqual([])
})

test('one in TypeScript is read where Node does, and refused where it does not', async () => {
  // As it is built: here TypeScript is read for the tests.
  const built = await builtWorker('preset/configuration')
  const path = join(
    folderWith({ 'dynafile.config.ts': 'export default { reset: "file" as const }' }),
    'dynafile.config.ts',
  )
  const program = `import { readConfiguration } from ${JSON.stringify(built.href)}
    const failed = ({ code, message }) => ({ code, message })
    console.log(JSON.stringify(await readConfiguration(${JSON.stringify(dirname(path))}).catch(failed)))`
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', program], { env: {} })
  const isRead = Boolean((process.features as { readonly typescript?: unknown }).typescript)
  const message = `Cannot use ${path}: Node ${process.versions.node} does not read TypeScript; `
  expect(JSON.parse(stdout)).toEqual(
    isRead ? { tables: [], reset: 'file' } : { code: 'OPTION', message: expect.stringContaining(message) },
  )
})
