/**
 * The processes that measure. Each is Node alone with a bundle of the programs: what runs TypeScript would take forty
 * megabytes there that no store has asked for.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { GO_ON, PASSED_ON, type Player, takeTurns } from './turns.js'

/** What it says for each row. */
export interface Told {
  readonly row: string
  readonly slices: readonly number[]
  readonly value?: number
}

/** What a child is for. */
export interface Job {
  /** What it is asked to do: one of those that it knows (child.ts). */
  readonly task: object
  /** Of what is measured, for the message if it fails. */
  readonly name: string
  readonly hear: (told: Told) => void
}

/** Runs a job in a process of its own. */
export function inChild(task: Job['task'], name: string, hear: Job['hear']): Promise<void> {
  return inTurns([{ task, name, hear }])
}

/** Runs several jobs, each in a process of its own, of which only the one whose turn it is does anything. */
export async function inTurns(jobs: readonly Job[]): Promise<void> {
  bundled ??= bundle()
  const program = await bundled
  const children = jobs.map((job) => new Child(program, job))
  try {
    await takeTurns(children)
  } finally {
    for (const child of children) child.end()
  }
}

/** It waits for its first turn before it begins. */
class Child implements Player {
  readonly #process: ChildProcess
  readonly #ended: Promise<'done'>
  #passedOn: () => void = () => {}

  constructor(program: string, { task, name, hear }: Job) {
    this.#process = fork(program, [JSON.stringify(task)], {
      execArgv: [],
      // The SDK warns of what it will not run on in years to come.
      env: { ...process.env, NODE_NO_WARNINGS: '1' },
    })
    this.#process.on('message', (message: Told | typeof PASSED_ON) => {
      if (message === PASSED_ON) this.#passedOn()
      else hear(message)
    })
    this.#ended = new Promise((resolve, reject) => {
      this.#process.on('error', reject)
      this.#process.on('exit', (code) => {
        if (code === 0) resolve('done')
        else reject(new Error(`${name} ended with code ${code}`))
      })
    })
    // Whoever ends while it is the turn of another is found out at its own.
    this.#ended.catch(() => {})
  }

  turn(): Promise<typeof PASSED_ON | 'done'> {
    const passedOn = new Promise<typeof PASSED_ON>((resolve) => {
      this.#passedOn = () => resolve(PASSED_ON)
    })
    if (this.#process.connected) this.#process.send(GO_ON)
    return Promise.race([passedOn, this.#ended])
  }

  end(): void {
    this.#process.kill()
  }
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
