/**
 * A database for the tests of a file, for Vitest's `setupFiles`. Each file of tests has one of its own, in memory, so files
 * run side by side; after each test it is as at the beginning.
 *
 * @example
 * // vitest.config.js
 * export default { test: { setupFiles: ['dynafile/vitest'] } }
 *
 * @packageDocumentation
 */
import { afterAll, afterEach } from 'vitest'
import type { Database } from '../database.js'
import { TestServer } from './test-server.js'

const server = await TestServer.start(...folders())
server.announce(process.env)

if (server.resetsAfterTests) afterEach(() => server.reset())
afterAll(() => server.stop())

/** Where the tests' clients connect to; `MOCK_DYNAMODB_ENDPOINT` and `AWS_ENDPOINT_URL_DYNAMODB` say so, too. */
export const endpoint: string = server.endpoint

/** The database behind it, for a look with the table API. */
export const database: Database = server.database

/**
 * The root of the project that the file of tests belongs to, then the folder in which Vitest was started. It runs the tests of
 * all `projects` in that one, and tells a set-up file of the project's root in no other place than here.
 */
function folders(): readonly string[] {
  const { __vitest_worker__: worker } = globalThis as VitestGlobal
  const root = worker?.config?.root
  return root === undefined ? [process.cwd()] : [root, process.cwd()]
}

interface VitestGlobal {
  readonly __vitest_worker__?: { readonly config?: { readonly root?: string } }
}
