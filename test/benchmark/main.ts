/**
 * The benchmark: the same work on dynafile, lmdb, better-sqlite3 and classic-level, one after the other, several rounds
 * (A B C D A B C D …), medians and ratios at the end. Machines are noisy: the ratios within one run mean something, the
 * absolute times little. Then dynafile alone at two sizes: what a get, a put and a query cost must not grow with the
 * table.
 *
 *   npm run bench                          100,000 items, three rounds
 *   npm run bench -- --items 20000 --rounds 1 --growth 10000,100000
 *   npm run bench -- --stores dynafile,lmdb
 */
import { fork, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import os from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { type Figures, median, runWorkload, type WorkloadOptions } from './workload.js'

const STORES = ['dynafile', 'lmdb', 'better-sqlite3', 'classic-level']
const HIGHER_IS_WORSE = 'dynafile is this many times as fast as the best of the others'

const { values } = parseArgs({
  options: {
    items: { type: 'string', default: '100000' },
    rounds: { type: 'string', default: '3' },
    stores: { type: 'string', default: STORES.join(',') },
    growth: { type: 'string', default: '10000,1000000' },
    workload: { type: 'string' },
  },
})

if (values.workload !== undefined) {
  process.send!(await runWorkload(JSON.parse(values.workload) as WorkloadOptions))
  process.disconnect()
} else await main()

async function main(): Promise<void> {
  installPeers()
  const stores = values.stores.split(',').filter(isInstalled)
  const items = Number(values.items)
  console.log(`${os.cpus()[0]?.model.trim()}, ${os.cpus().length} cores, Node ${process.version}, ${os.platform()}`)
  if (stores.length > 1 || values.growth === '') await compare(stores, items, Number(values.rounds))
  if (values.growth !== '') await compareSizes(values.growth.split(',').map(Number), Number(values.rounds))
}

async function compare(stores: readonly string[], items: number, rounds: number): Promise<void> {
  const figures = new Map<string, Figures[]>(stores.map((store) => [store, []]))
  for (let round = 1; round <= rounds; round++) {
    for (const store of stores) {
      process.stderr.write(`round ${round} of ${rounds}: ${store}\n`)
      figures.get(store)!.push(await inChild({ store, items, growthOnly: false }))
    }
  }
  const operations = Object.keys(figures.get(stores[0]!)![0]!)
  const rows = operations.map((operation) => {
    const medians = stores.map((store) => median(figures.get(store)!.map((round) => round[operation]!)))
    const [own, ...others] = medians
    const ratio = stores[0] === 'dynafile' && others.length > 0 ? `${(Math.min(...others) / own!).toFixed(2)}x` : ''
    return [operation, ...medians.map(shown), ratio]
  })
  console.log(
    `\n${items.toLocaleString('en')} items, µs per operation unless it says otherwise, median of ${rounds} rounds`,
  )
  printTable(['operation', ...stores, 'ratio'], rows)
  console.log(`ratio: ${HIGHER_IS_WORSE}; below 1 it is slower`)
}

async function compareSizes(sizes: readonly number[], rounds: number): Promise<void> {
  const figures = new Map<number, Figures[]>(sizes.map((size) => [size, []]))
  for (let round = 1; round <= rounds; round++) {
    for (const items of sizes) {
      process.stderr.write(`round ${round} of ${rounds}: dynafile with ${items.toLocaleString('en')} items\n`)
      figures.get(items)!.push(await inChild({ store: 'dynafile', items, growthOnly: true }))
    }
  }
  const operations = Object.keys(figures.get(sizes[0]!)![0]!)
  const rows = operations.map((operation) => {
    const medians = sizes.map((size) => median(figures.get(size)!.map((round) => round[operation]!)))
    return [operation, ...medians.map(shown), `${(medians.at(-1)! / medians[0]!).toFixed(2)}x`]
  })
  console.log('\nGrowth: dynafile at several sizes, µs per operation unless it says otherwise')
  printTable(['operation', ...sizes.map((size) => `${size.toLocaleString('en')} items`), 'last / first'], rows)
}

function inChild(options: WorkloadOptions): Promise<Figures> {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(import.meta.url), ['--workload', JSON.stringify(options)])
    let figures: Figures | undefined
    child.on('message', (message) => {
      figures = message as Figures
    })
    child.on('exit', (code) => {
      if (figures !== undefined) resolve(figures)
      else reject(new Error(`${options.store} ended with code ${code}`))
    })
  })
}

/** The others are no dependency of the project: some of them have to be compiled. */
function installPeers(): void {
  const directory = fileURLToPath(new URL('.', import.meta.url))
  if (existsSync(`${directory}/node_modules`)) return
  console.log('Installing the stores to compare with (once; better-sqlite3 may be compiled, which takes minutes) …')
  spawnSync('npm', ['install', '--no-audit', '--no-fund', '--prefix', directory], { stdio: 'inherit' })
}

function isInstalled(store: string): boolean {
  if (store === 'dynafile') return true
  try {
    createRequire(import.meta.url).resolve(store)
    return true
  } catch {
    console.log(`${store} is not installed: left out`)
    return false
  }
}

function shown(figure: number): string {
  return figure >= 100 ? figure.toFixed(0) : figure.toPrecision(3)
}

function printTable(head: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]!.length)))
  const line = (cells: readonly string[]) =>
    cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  ')
  console.log(line(head))
  console.log(widths.map((width) => '─'.repeat(width)).join('  '))
  for (const row of rows) console.log(line(row))
}
