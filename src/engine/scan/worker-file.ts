/**
 * Where a worker's code is: in the package, a file beside the one this is bundled into. When the sources themselves are
 * run, as our tests do, it is TypeScript, which Node has to be told how to read.
 */
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

const isSource = import.meta.url.endsWith('.ts')

export const workerFile: URL = new URL(isSource ? './scan-worker.ts' : './scan-worker.js', import.meta.url)

/** Not those of the process, which may be about its own main file. */
export const workerArguments: string[] = isSource
  ? ['--import', pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href]
  : []
