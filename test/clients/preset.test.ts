/** A project whose tests use the preset for Vitest: each file has a database of its own, each test finds it as it began. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { PROJECT } from '../support/code-blocks.js'

const run = promisify(execFile)

const folder = join(PROJECT, 'test/clients/preset')
const projects = join(PROJECT, 'test/clients/projects')

test.each([
  ['in the folder of the project', folder, []],
  ['from elsewhere, with its root', join(PROJECT, 'test'), ['--root', folder]],
  ['from elsewhere, with its configuration', PROJECT, ['--config', join(folder, 'vitest.config.ts')]],
  ['as one of several projects', projects, []],
  ['with the tables of the folder that it is started in', projects, ['--config', 'below/vitest.config.ts']],
])('the preset for Vitest, %s', async (_where, cwd, options) => {
  const vitest = join(PROJECT, 'node_modules/vitest/vitest.mjs')
  const { VITEST: _, AWS_ENDPOINT_URL_DYNAMODB: __, ...env } = process.env
  const { stdout } = await run(process.execPath, [vitest, 'run', '--reporter', 'json', ...options], { cwd, env })
  expect(JSON.parse(stdout)).toMatchObject({ success: true, numPassedTests: 4, numTotalTests: 4 })
})
