/**
 * Every TypeScript block of README.md and docs/ runs, and compiles under the project's own settings. The blocks of one
 * document are one program, in their order; where the document goes on with "It prints", the output is compared.
 *
 * Those that need the AWS SDK run with the clients: test/clients/documentation.test.ts.
 */
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { blocksOf, documentsWithCode, needsAwsSdk, PROJECT, printedBy, programOf } from '../support/code-blocks.js'

const run = promisify(execFile)
// Inside of the project, so that its packages are found.
const generated = join(PROJECT, 'test/documentation/generated')
rmSync(generated, { recursive: true, force: true })
mkdirSync(generated, { recursive: true })

const documents = documentsWithCode((block) => !needsAwsSdk(block))
const programs = new Map(documents.map((path) => [path, writeProgram(path)]))

test.each(documents)('%s runs', async (path) => {
  const folder = mkdtempSync(join(tmpdir(), 'dynafile-documentation-'))
  try {
    const loader = new URL('../../node_modules/tsx/dist/esm/index.mjs', import.meta.url).href
    const { stdout } = await run(process.execPath, ['--import', loader, programs.get(path)!], { cwd: folder })
    const printed = printedBy(path)
    if (printed !== undefined) expect(stdout).toBe(printed)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('all of them compile', async () => {
  const settings = {
    extends: '../../../tsconfig.json',
    compilerOptions: { isolatedDeclarations: false, declaration: false },
    include: ['.'],
    exclude: [],
  }
  writeFileSync(join(generated, 'tsconfig.json'), JSON.stringify(settings))
  const compiler = join(PROJECT, 'node_modules/typescript/bin/tsc')
  const outcome = await run(process.execPath, [compiler, '-p', generated]).catch((failure) => failure)
  expect(outcome.stdout).toBe('')
})

function writeProgram(path: string): string {
  const program = join(generated, `${path.replace(/[^\w]+/g, '-')}.mts`)
  const blocks = blocksOf(path).filter((block) => !needsAwsSdk(block))
  writeFileSync(program, programOf(blocks, '../../../src/index.js'))
  return program
}
