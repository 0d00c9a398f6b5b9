/**
 * Every TypeScript block of README.md and docs/ runs, and compiles under the project's own settings. The blocks of one
 * document are one program, in their order; where the document goes on with "It prints", the output is compared.
 */
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../..', import.meta.url))
// Inside of the project, so that its packages are found.
const generated = join(root, 'test/documentation/generated')
rmSync(generated, { recursive: true, force: true })
mkdirSync(generated, { recursive: true })

const documents = ['README.md', ...markdownIn('docs')].filter((path) => blocksOf(path).length > 0)
const programs = new Map(documents.map((path) => [path, writeProgram(path)]))

test.each(documents)('%s runs', async (path) => {
  const folder = mkdtempSync(join(tmpdir(), 'dynafile-documentation-'))
  try {
    const loader = new URL('../../node_modules/tsx/dist/esm/index.mjs', import.meta.url).href
    const { stdout } = await run(process.execPath, ['--import', loader, programs.get(path)!], { cwd: folder })
    const printed = /It prints\n\n```text\n([\s\S]*?)```/.exec(readFileSync(join(root, path), 'utf8'))?.[1]
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
  const compiler = join(root, 'node_modules/typescript/bin/tsc')
  const outcome = await run(process.execPath, [compiler, '-p', generated]).catch((failure) => failure)
  expect(outcome.stdout).toBe('')
})

function writeProgram(path: string): string {
  const program = join(generated, `${path.replace(/[^\w]+/g, '-')}.mts`)
  const source = blocksOf(path).join('\n').replaceAll("from 'dynafile'", "from '../../../src/index.js'")
  writeFileSync(program, `${source}\nexport {}\n`)
  return program
}

function blocksOf(path: string): string[] {
  const text = readFileSync(join(root, path), 'utf8')
  return [...text.matchAll(/```ts\n([\s\S]*?)```/g)].map((match) => match[1]!)
}

function markdownIn(directory: string): string[] {
  return readdirSync(join(root, directory), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(directory, name))
}
