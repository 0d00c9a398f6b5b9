/** The worker of a scan as the package has it, built for the tests of one file. */
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

export async function builtWorker(): Promise<URL> {
  const root = fileURLToPath(new URL('../..', import.meta.url))
  // Inside of the project, so that its packages are found.
  const outfile = `${root}test/support/generated/scan-worker.mjs`
  await build({
    entryPoints: [`${root}src/engine/scan/scan-worker.ts`],
    outfile,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    keepNames: true,
    logLevel: 'error',
  })
  return pathToFileURL(outfile)
}
