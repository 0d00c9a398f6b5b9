/** The configuration of a project's tests: the first file there is, and none that is passed over without a word. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { readConfiguration } from '../../../src/preset/configuration.js'
import { temporaryFolder } from '../../support/temporary-database.js'

const TABLE = { TableName: 'things', KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }] }

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder()
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content)
  return folder
}

afterEach(() => vi.unstubAllGlobals())

test('none is no tables', async () => {
  expect(await readConfiguration(folderWith({}))).toEqual({ tables: [], reset: 'test' })
})

test('ours comes before that of another preset', async () => {
  const content = JSON.stringify({ tables: [TABLE], reset: 'file' })
  const folder = folderWith({ 'jest-dynamodb-config.json': '{"tables":[]}', 'dynafile.config.json': content })
  expect(await readConfiguration(folder)).toEqual({ tables: [TABLE], reset: 'file' })
})

test.each([undefined, false])('one in TypeScript is refused where Node does not read it (%s)', async (typescript) => {
  vi.stubGlobal('process', Object.create(process, { features: { value: { typescript } } }))
  const folder = folderWith({ 'dynafile.config.ts': 'export default { tables: [] }' })
  await expect(readConfiguration(folder)).rejects.toMatchObject({
    code: 'OPTION',
    message: expect.stringMatching(/dynafile\.config\.ts: Node [\d.]+ does not read TypeScript; /),
  })
})
