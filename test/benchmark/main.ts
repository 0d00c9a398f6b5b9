/**
 * The benchmark: the same work on dynafile, lmdb, better-sqlite3 and classic-level, in processes of their own, several
 * rounds in alternating order; then dynafile alone at growing sizes. Machines are noisy: the ratios within one run mean
 * something, the absolute times little. Raw results are kept in `results/`, one line of JSON for each figure.
 *
 *   npm run bench                                     100,000 and 1,000,000 items, three rounds: under an hour
 *   npm run bench:quick                               a smoke test
 *   npm run bench -- --stores dynafile --items '' --growth 100000,1000000,10000000 --cache-mb 64
 *   npm run bench -- --report docs/performance.md     publishes what there is
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Arguments, parseArguments, USAGE } from './arguments.js'
import { growthChart } from './chart.js'
import { describeMachine, isInstalled } from './machine.js'
import { appendRecord, type BenchRecord, readRecords, sizesOf } from './record.js'
import { publish, publishable } from './report.js'
import { type Run, runComparison, runGrowth, type Told } from './running.js'
import { shownCount } from './shown.js'
import { asText, comparisonTable, growthTable } from './tables.js'
import { runWorkload, type WorkloadOptions } from './workload/workload.js'

const folder = fileURLToPath(new URL('.', import.meta.url))
const resultsFolder = join(folder, 'results')
const args = process.argv.slice(2)

if (args[0] === '--workload') await work(JSON.parse(args[1]!) as WorkloadOptions)
else await main(parseArguments(args, resultsFolder))

async function main(wanted: Arguments): Promise<void> {
  if (wanted.help) console.log(USAGE)
  else if (wanted.report !== undefined) writeReport(wanted.report, wanted.results)
  else await measureAll(wanted)
}

async function measureAll(wanted: Arguments): Promise<void> {
  installPeers()
  const stores = wanted.stores.filter((store) => {
    if (isInstalled(store)) return true
    console.log(`${store} is not installed: left out`)
    return false
  })
  const machine = describeMachine(stores)
  const startedAt = new Date()
  const file = join(resultsFolder, `${startedAt.toISOString().replace(/[:.]/g, '-')}.jsonl`)
  const records: BenchRecord[] = []
  const run: Run = {
    startedAt,
    command: ['npm run bench', ...(args.length > 0 ? ['--', ...args.map(quoted)] : [])].join(' '),
    machine,
    keep: (record) => {
      records.push(record)
      appendRecord(file, record)
    },
  }
  console.log(`${machine.processor}, ${machine.cores} cores, ${machine.platform}, Node ${machine.node}`)
  await runComparison({ ...wanted, stores }, run)
  const comparison = records.filter(({ kind }) => kind === 'comparison')
  for (const items of sizesOf(comparison)) {
    console.log(
      `\n${shownCount(items)} items: µs per operation unless a row says otherwise, median of ${wanted.rounds === 1 ? 'one round' : `${wanted.rounds} rounds`}`,
    )
    console.log(
      asText(
        comparisonTable(
          comparison.filter((record) => record.items === items),
          items,
        ),
      ),
    )
  }
  await runGrowth(wanted, run)
  const growth = records.filter(({ kind }) => kind === 'growth')
  if (growth.length > 0) console.log(`\nGrowth: dynafile at several sizes\n${asText(growthTable(growth))}`)
  console.log(`\nRatio: how many times as fast as the best of the others; below 1 it is slower.\nKept in ${file}`)
}

function writeReport(path: string, results: readonly string[]): void {
  const records = readRecords(results)
  const picture = path.replace(/(\.md)?$/, '-growth.svg')
  const page = existsSync(path) ? readFileSync(path, 'utf8') : undefined
  writeFileSync(path, publish(page, records, basename(picture)))
  const growth = publishable(records).filter(({ kind }) => kind === 'growth')
  if (growth.length > 0) writeFileSync(join(dirname(path), basename(picture)), growthChart(growth))
}

/** In a child: says what it finds. */
async function work(options: WorkloadOptions): Promise<void> {
  await runWorkload(options, (row, slices, value) => {
    const told: Told = { row, slices, ...(value !== undefined && { value }) }
    process.send!(told)
  })
  process.disconnect()
}

/** The others are no dependency of the project: some of them have to be compiled. */
function installPeers(): void {
  if (existsSync(join(folder, 'node_modules'))) return
  console.log('Installing the stores to compare with (once; better-sqlite3 may be compiled, which takes minutes) …')
  spawnSync('npm', ['install', '--no-audit', '--no-fund', '--prefix', folder], { stdio: 'inherit' })
}

function quoted(argument: string): string {
  return /^[\w.,/=-]+$/.test(argument) ? argument : `'${argument}'`
}
