/**
 * Kills real processes: a child writes to a folder and is ended by SIGKILL at a moment that nobody chose well, this
 * process opens what is left, looks at everything, and the next child goes on in the same folder. What must hold:
 *
 *   - every write that was acknowledged is there, or a later one to the same slot,
 *   - of the writes that were under way, each is there whole or not at all,
 *   - blocks, items and indexes agree, and the dead process keeps nobody out.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { type OpenOptions, open } from '../../src/index.js'
import { canonical } from '../support/canonical.js'
import { SeededRandom } from '../support/random.js'
import { keyOfSlot, SLOTS, Things, thingOf } from './numbered-things.js'

export interface KillReport {
  readonly cycles: number
  /** Cycles in which the child was killed before it had acknowledged anything: mostly while it was opening. */
  readonly early: number
  readonly acknowledged: number
  readonly seconds: number
}

/** @throws {Error} With the cycle and what was wrong after it. The moment of a kill can't be repeated by a seed. */
export async function runKillCycles({ cycles, seed }: { cycles: number; seed: number }): Promise<KillReport> {
  const startedAt = Date.now()
  const workplace = fs.mkdtempSync(path.join(os.tmpdir(), 'dynafile-kill-'))
  const random = new SeededRandom(seed)
  const folder = path.join(workplace, 'db')
  const slots = new Slots()
  let acknowledged = 0
  let early = 0
  const bundle = await bundleWriter(workplace)
  for (let cycle = 1; cycle <= cycles; cycle++) {
    const options = randomOptions(random)
    try {
      const first = slots.nextFirst
      const numbers = await writeUntilKilled([bundle, folder, String(first), JSON.stringify(options)], random)
      acknowledged += numbers.length
      if (numbers.length === 0) early += 1
      slots.acknowledge(first, numbers)
      await slots.check(folder, randomOptions(random))
    } catch (cause) {
      // The folder stays, to be looked at.
      const message = `cycle ${cycle} of seed ${seed} with ${JSON.stringify(options)} failed; the folder is ${folder}`
      throw new Error(`${message}\n${cause instanceof Error ? cause.message : String(cause)}`, { cause })
    }
  }
  fs.rmSync(workplace, { recursive: true, force: true })
  return { cycles, early, acknowledged, seconds: (Date.now() - startedAt) / 1000 }
}

/** What is known of each slot: the last write that is certain, and the one after it, which may be there. */
class Slots {
  readonly #certain = new Map<number, number>()
  readonly #possible = new Map<number, number>()
  #first = 0

  /** Above every number used so far, for slot 0. */
  get nextFirst(): number {
    return this.#first
  }

  acknowledge(first: number, numbers: readonly number[]): void {
    for (const n of numbers) this.#certain.set(n % SLOTS, n)
    for (let slot = 0; slot < SLOTS; slot++) {
      const last = this.#certain.get(slot) ?? -1
      this.#possible.set(slot, last >= first ? last + SLOTS : first + slot)
    }
    const highest = Math.max(first, ...numbers)
    this.#first = (Math.floor(highest / SLOTS) + 3) * SLOTS
  }

  /** Compares every slot with what may be there; what is there now has to stay. */
  async check(folder: string, options: OpenOptions): Promise<void> {
    const db = await open(folder, options)
    try {
      const things = db.table(Things)
      let count = 0
      let indexed = 0
      for (let slot = 0; slot < SLOTS; slot++) {
        const found = await things.get(keyOfSlot(slot))
        if (found !== undefined) count += 1
        if (found?.group !== undefined) indexed += 1
        const [certain, possible] = [this.#certain.get(slot), this.#possible.get(slot)!]
        const isCertain = canonical(found) === canonical(certain === undefined ? undefined : thingOf(certain))
        if (isCertain) continue
        if (canonical(found) !== canonical(thingOf(possible))) {
          throw new Error(`slot ${slot} holds ${canonical(found)}, after write ${certain} and perhaps ${possible}`)
        }
        this.#certain.set(slot, possible)
      }
      const { problems, items, indexEntries } = await db.verify()
      if (problems.length > 0) throw new Error(`verify found ${problems.map(String).join('; ')}`)
      if (items !== count || indexEntries !== indexed) {
        throw new Error(`${items} items and ${indexEntries} entries, ${count} and ${indexed} expected`)
      }
    } finally {
      await db.close()
    }
  }
}

/** Runs the writer and kills it: after a number of acknowledgements, or after a time, which may be while it opens. */
function writeUntilKilled(args: readonly string[], random: SeededRandom): Promise<number[]> {
  const isEarly = random.chance(0.2)
  const killAfter = isEarly ? Number.POSITIVE_INFINITY : random.between(1, 250)
  return new Promise((resolve, reject) => {
    const child: ChildProcess = spawn(process.execPath, [...args], { stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    let errors = ''
    let lines = 0
    const timer = setTimeout(() => child.kill('SIGKILL'), isEarly ? random.between(30, 140) : 20_000)
    child.stdout!.on('data', (chunk: Buffer) => {
      const text = chunk.toString('latin1')
      output += text
      lines += text.split('\n').length - 1
      if (lines >= killAfter) child.kill('SIGKILL')
    })
    child.stderr!.on('data', (chunk: Buffer) => {
      errors += chunk.toString()
    })
    child.on('error', reject)
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      if (signal !== 'SIGKILL') reject(new Error(`the writer ended by itself with ${code ?? signal}: ${errors}`))
      // A last line without its end was cut off by the kill.
      else resolve(output.split('\n').slice(0, -1).map(Number))
    })
  })
}

/** Some dependencies are written for CommonJS and use its names. */
const CJS_NAMES = `
import { createRequire as requireOf } from 'node:module'
const require = requireOf(import.meta.url)
const __filename = import.meta.filename ?? 'writer.mjs'
`

/** Files of JavaScript: starting them takes a third of what starting the sources takes. */
async function bundleWriter(workplace: string): Promise<string> {
  const source = (name: string) => fileURLToPath(new URL(name, import.meta.url))
  await build({
    entryPoints: {
      writer: source('writer.ts'),
      'writer-worker': source('../../src/storage/writer-thread/writer-worker.ts'),
    },
    outdir: workplace,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    logLevel: 'error',
    banner: { js: CJS_NAMES },
  })
  fs.writeFileSync(path.join(workplace, 'package.json'), '{ "type": "module" }')
  return path.join(workplace, 'writer.js')
}

/** Whatever `fsync` is, what was acknowledged survives the end of the process. */
function randomOptions(random: SeededRandom): OpenOptions {
  return {
    fsync: random.pick(['always', 'always', 'always', 'batch', 'never']),
    fsyncIntervalMs: 5,
    compression: random.pick(['none', 'deflate']),
    cacheBytes: random.pick([1, 10_000, 10_000_000]),
    memtableBytes: random.pick([3000, 20_000, 10_000_000]),
    partitionBytes: random.pick([6000, 30_000, 10_000_000]),
    threadFromBytes: random.pick([0, 16_000_000]),
  }
}
