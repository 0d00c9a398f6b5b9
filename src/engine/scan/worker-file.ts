/**
 * Where a worker's code is: in the package, a file beside the one this is bundled into. When the sources themselves are
 * run, as our tests do, it is TypeScript, which a few words of JavaScript tell Node how to read.
 */
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

export const workerFile: URL = import.meta.url.endsWith('.ts')
  ? sourceFile(new URL('./scan-worker.ts', import.meta.url))
  : new URL('./scan-worker.js', import.meta.url)

function sourceFile(file: URL): URL {
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx/esm/api'))
  const code = `import { register } from '${tsx.href.replace('.cjs', '.mjs')}'; register(); await import('${file.href}')`
  return new URL(`data:text/javascript,${encodeURIComponent(code)}`)
}
