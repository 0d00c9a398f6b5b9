/**
 * The processes that measure. Each is Node alone with a bundle of the programs: what runs TypeScript would take forty
 * megabytes there that no store has asked for.
 */
import { fork } from 'node:child_process'
import { rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

/** What it says for each row. */
export interface Told {
  readonly row: string
  readonly slices: readonly number[]
  readonly value?: number
}

/**
 * @param task What the child is asked to do: one of those that it knows (child.ts).
 * @param name Of what is measured, for the message if it fails.
 */
export async function inChild(task: object, name: string, hear: (told: Told) => void): Promise<void> {
  bundled ??= bundle()
  const program = await bundled
  await new Promise<void>((resolve, reject) => {
    const child = fork(program, [JSON.stringify(task)], {
      execArgv: [],
      // The SDK warns of what it will not run on in years to come.
      env: { ...process.env, NODE_NO_WARNINGS: '1' },
    })
    child.on('message', (message) => hear(message as Told))
    child.on('error', reject)
    child.on('exit', (code) => {
      if (code === 0) resolve()
      else reject(new Error(`${name} ended with code ${code}`))
    })
  })
}

let bundled: Promise<string> | undefined

/** Stores and clients come from their packages, and dynafile from where it is built. */
async function bundle(): Promise<string> {
  const folder = fileURLToPath(new URL('.', import.meta.url))
  rmSync(`${folder}generated`, { recursive: true, force: true })
  await build({
    entryPoints: [`${folder}child.ts`],
    // As deep as the programs are: they find what is built by its way from them.
    outdir: `${folder}generated`,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    packages: 'external',
    platform: 'node',
    target: 'node20',
    format: 'esm',
    logLevel: 'error',
  })
  return `${folder}generated/child.mjs`
}
