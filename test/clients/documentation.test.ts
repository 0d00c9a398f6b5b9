/** The documents whose TypeScript needs the AWS SDK run here, where it is installed, and compile. */
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { blocksOf, documentsWithCode, needsAwsSdk, PROJECT, programOf } from '../support/code-blocks.js'

const run = promisify(execFile)
// Inside of this folder, so that the SDK is found.
const generated = join(PROJECT, 'test/clients/generated')
rmSync(generated, { recursive: true, force: true })
mkdirSync(generated, { recursive: true })

const programs = documentsWithCode(needsAwsSdk).map((path) => {
  const program = join(generated, `${path.replace(/[^\w]+/g, '-')}.mts`)
  writeFileSync(program, programOf(blocksOf(path), '../../../src/index.js'))
  return [path, program] as const
})

test('there are such documents', () => {
  expect(programs.map(([path]) => path)).toContain('docs/guide/aws-sdk.md')
})

test.each(programs)('%s runs', async (_, program) => {
  const folder = mkdtempSync(join(tmpdir(), 'dynafile-documentation-'))
  try {
    const loader = new URL('../../node_modules/tsx/dist/esm/index.mjs', import.meta.url).href
    await run(process.execPath, ['--import', loader, program], { cwd: folder })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('all of them compile', async () => {
  writeFileSync(join(generated, 'tsconfig.json'), JSON.stringify({ extends: '../tsconfig.json', include: ['.'] }))
  const compiler = join(PROJECT, 'node_modules/typescript/bin/tsc')
  const outcome = await run(process.execPath, [compiler, '--noEmit', '-p', generated]).catch((failure) => failure)
  expect(outcome.stdout).toBe('')
})
