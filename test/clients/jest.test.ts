/**
 * A project whose tests use the preset for Jest, by the names that the package exports: each file has a database of its own,
 * each test finds it as it began.
 */
import { execFile } from 'node:child_process'
import { cpSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { expect, test } from 'vitest'
import { PROJECT } from '../support/code-blocks.js'

const run = promisify(execFile)

/** A project in which `dynafile` is installed. */
async function makeProject(): Promise<string> {
  // Below this folder, so that its packages are found, and the project's own.
  const folder = join(PROJECT, 'test/clients/generated/jest')
  rmSync(folder, { recursive: true, force: true })
  cpSync(join(PROJECT, 'test/clients/jest'), folder, { recursive: true })
  const installed = join(folder, 'node_modules/dynafile')
  await build({
    entryPoints: ['jest', 'jest-preset'].map((name) => join(PROJECT, `src/preset/${name}.ts`)),
    outdir: join(installed, 'dist'),
    bundle: true,
    splitting: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
  })
  const { name, version, type, exports } = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8'))
  // Others there have packages of these names, too, in other versions.
  symlinkSync(join(PROJECT, 'node_modules'), join(installed, 'node_modules'))
  writeFileSync(join(installed, 'package.json'), JSON.stringify({ name, version, type, exports }))
  return folder
}

test('the preset for Jest', async () => {
  const cwd = await makeProject()
  const jest = join(PROJECT, 'test/clients/node_modules/jest/bin/jest.js')
  const { VITEST: _, JEST_WORKER_ID: __, AWS_ENDPOINT_URL_DYNAMODB: ___, ...env } = process.env
  const { stdout } = await run(process.execPath, [jest, '--json', '--maxWorkers', '2'], { cwd, env })
  expect(JSON.parse(stdout)).toMatchObject({ success: true, numPassedTests: 4, numTotalTests: 4 })
})

test("the preset's types are those that Jest has", async () => {
  // Against its own declarations, in the place of the few that the preset is built with.
  const tsc = join(PROJECT, 'node_modules/typescript/bin/tsc')
  const checked = run(process.execPath, [tsc, '--noEmit', '-p', join(PROJECT, 'test/clients/jest')])
  expect(await checked.catch(({ stdout }: { stdout: string }) => ({ stdout }))).toMatchObject({ stdout: '' })
})
