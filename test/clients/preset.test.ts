/** A project whose tests use the preset for Vitest: each file has a database of its own, each test finds it as it began. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { PROJECT } from '../support/code-blocks.js'

const run = promisify(execFile)

test('the preset for Vitest', async () => {
  const vitest = join(PROJECT, 'node_modules/vitest/vitest.mjs')
  const cwd = join(PROJECT, 'test/clients/preset')
  const { VITEST: _, AWS_ENDPOINT_URL_DYNAMODB: __, ...env } = process.env
  const { stdout } = await run(process.execPath, [vitest, 'run', '--reporter', 'json'], { cwd, env })
  expect(JSON.parse(stdout)).toMatchObject({ success: true, numPassedTests: 4, numTotalTests: 4 })
})
