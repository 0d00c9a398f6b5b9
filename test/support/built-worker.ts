/** A worker as the package has it, one file of JavaScript: reading the sources takes each worker longer than its work. */
import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

/** @param source Below src, without its ending. */
export async function builtWorker(source: string): Promise<URL> {
  const root = fileURLToPath(new URL('../..', import.meta.url))
  const { outputFiles } = await build({
    entryPoints: [`${root}src/${source}.ts`],
    write: false,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    keepNames: true,
    logLevel: 'error',
  })
  // Inside of the project, so that its packages are found; whole at once, as another test may be reading the same file.
  const outfile = `${root}test/support/generated/${basename(source)}.mjs`
  mkdirSync(dirname(outfile), { recursive: true })
  writeFileSync(`${outfile}.${process.pid}`, outputFiles[0]!.contents)
  renameSync(`${outfile}.${process.pid}`, outfile)
  return pathToFileURL(outfile)
}
