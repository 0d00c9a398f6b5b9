/**
 * What the tests of a project want: which tables there are to begin with. It stands in `dynafile.config.*` in the project's
 * folder, or in the file that a preset for DynamoDB Local or dynalite reads, so that coming from there nothing has to be
 * written anew.
 */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ValidationException } from '../errors.js'
import { isPlainObject } from '../model/item/plain-object.js'
import { type SeedTable, seedTables } from '../server/seed.js'

export interface TestConfiguration {
  readonly tables: readonly SeedTable[]
  /** After what everything is as at the beginning again: each test, or each file of tests. */
  readonly reset: 'test' | 'file'
}

const NAMES = ['dynafile.config', 'jest-dynamodb-config', 'jest-dynalite-config', 'vitest-dynamodb-lite.config']
const EXTENSIONS = ['.mjs', '.js', '.cjs', '.json', '.ts', '.mts', '.cts']

/**
 * Reads the first configuration there is in the first folder that has one; without any there are no tables to begin with.
 *
 * @throws {ValidationException} OPTION when it is not one.
 */
export async function readConfiguration(...folders: readonly string[]): Promise<TestConfiguration> {
  for (const folder of folders) {
    for (const name of NAMES) {
      for (const extension of EXTENSIONS) {
        const path = join(folder, name + extension)
        if (existsSync(path)) return configuration(await contentOf(path), path)
      }
    }
  }
  return { tables: [], reset: 'test' }
}

/** What the file has in it; a function is called. Its `tables` may be one, too. */
async function configuration(content: unknown, path: string): Promise<TestConfiguration> {
  const called = typeof content === 'function' ? await content() : content
  const options: Readonly<Record<string, unknown>> = isPlainObject(called) ? called : { tables: called }
  const { tables = [], reset = 'test' } = options
  if (reset !== 'test' && reset !== 'file') {
    throw new ValidationException('OPTION', `Cannot use ${path}: "reset" is 'test' or 'file', not ${String(reset)}`)
  }
  return { tables: seedTables(typeof tables === 'function' ? await tables() : tables, path), reset }
}

async function contentOf(path: string): Promise<unknown> {
  if (extname(path) === '.json') return JSON.parse(await readFile(path, 'utf8'))
  const module = (await importOf(path)) as Readonly<Record<string, unknown>>
  return 'default' in module ? module['default'] : { ...module }
}

/** Where Node does not read TypeScript, a loader may. */
async function importOf(path: string): Promise<unknown> {
  try {
    return await import(pathToFileURL(path).href)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ERR_UNKNOWN_FILE_EXTENSION') throw cause
    const reason = `Node ${process.versions.node} does not read TypeScript; write it in JavaScript, or use Node 22.18 or newer`
    throw new ValidationException('OPTION', `Cannot use ${path}: ${reason}`, { cause })
  }
}
