/**
 * Where a worker's code is: in the package, a file beside the one this is bundled into. When the sources themselves are
 * run, as our tests do, it is TypeScript, which a few words of JavaScript tell Node how to read.
 */
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

/** @param sibling The URL of a source file in the same folder as the worker's. */
export function workerFileBeside(sibling: string, name: string): URL {
  return sibling.endsWith('.ts') ? sourceFile(new URL(`./${name}.ts`, sibling)) : new URL(`./${name}.js`, sibling)
}

function sourceFile(file: URL): URL {
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx/esm/api'))
  const code = `import { register } from '${tsx.href.replace('.cjs', '.mjs')}'; register(); await import('${file.href}')`
  return new URL(`data:text/javascript,${encodeURIComponent(code)}`)
}
