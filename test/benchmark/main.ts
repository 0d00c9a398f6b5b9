/**
 * The benchmark: the same work on dynafile, lmdb, better-sqlite3 and classic-level, in processes of their own that take
 * turns, several rounds in alternating order; then dynafile alone at growing sizes. Machines are noisy: the ratios within
 * one round mean something, the absolute times little. Last comes the AWS door: HTTP servers, and the AWS SDK (`door/`).
 * Raw results are kept in `results/`, one line of JSON for each figure.
 *
 *   npm run bench                                     100,000 and 1,000,000 items, three rounds: under an hour
 *   npm run bench:quick                               a smoke test
 *   npm run bench -- --only door                      the AWS door alone: five minutes
 *   npm run bench -- --only growth --growth 100000,1000000,10000000 --cache-mb 64
 *   npm run bench -- --report docs/performance.md     publishes what there is
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Arguments, parseArguments, USAGE } from './arguments.js'
import { growthChart } from './chart.js'
import { sdkTable, serverTable } from './door/door-table.js'
import { DOOR_PACKAGES, runDoor } from './door/running-door.js'
import { describeMachine, isInstalled } from './machine.js'
import { appendRecord, type BenchRecord, readRecords, sizesOf } from './record.js'
import { publish, publishable } from './report.js'
import { type Run, runComparison, runGrowth } from './running.js'
import { shownCount } from './shown.js'
import { asText, comparisonTable, growthTable } from './tables.js'

const folder = fileURLToPath(new URL('.', import.meta.url))
const resultsFolder = join(folder, 'results')
const args = process.argv.slice(2)

await main(parseArguments(args, resultsFolder))

async function main(wanted: Arguments): Promise<void> {
  if (wanted.help) console.log(USAGE)
  else if (wanted.report !== undefined) writeReport(wanted.report, wanted.results)
  else await measureAll(wanted)
}

async function measureAll(wanted: Arguments): Promise<void> {
  installPeers()
  const stores = wanted.stores.filter(isThere)
  const parts = wanted.only.filter((part) => part !== 'door' || DOOR_PACKAGES.every(isThere))
  const usesStores = parts.includes('stores')
  const packages = [...(usesStores ? stores : ['dynafile']), ...(parts.includes('door') ? DOOR_PACKAGES : [])]
  const machine = describeMachine(packages)
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
  if (usesStores) await runComparison({ ...wanted, stores }, run)
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
  if (parts.includes('growth')) await runGrowth(wanted, run)
  const growth = records.filter(({ kind }) => kind === 'growth')
  if (growth.length > 0) console.log(`\nGrowth: dynafile at several sizes\n${asText(growthTable(growth))}`)
  if (parts.includes('door')) await runDoor(wanted, run)
  const door = records.filter(({ kind }) => kind === 'door')
  if (door.length > 0) {
    console.log(`\nOver the wire\n${asText(serverTable(door))}\n\nThe AWS SDK, µs\n${asText(sdkTable(door))}`)
  }
  console.log(
    `\nRatio: how many times as fast as the best of the others, in the same round; below 1 it is slower.\nKept in ${file}`,
  )
}

function writeReport(path: string, results: readonly string[]): void {
  const records = readRecords(results)
  const picture = path.replace(/(\.md)?$/, '-growth.svg')
  const page = existsSync(path) ? readFileSync(path, 'utf8') : undefined
  writeFileSync(path, publish(page, records, basename(picture)))
  const growth = publishable(records).filter(({ kind }) => kind === 'growth')
  if (growth.length > 0) writeFileSync(join(dirname(path), basename(picture)), growthChart(growth))
}

function isThere(packageName: string): boolean {
  if (isInstalled(packageName)) return true
  console.log(`${packageName} is not installed: what needs it is left out`)
  return false
}

/** The others are no dependency of the project: some of them have to be compiled. */
function installPeers(): void {
  const { dependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  if (Object.keys(dependencies).every(isInstalled)) return
  console.log('Installing the stores to compare with (once; better-sqlite3 may be compiled, which takes minutes) …')
  spawnSync('npm', ['install', '--no-audit', '--no-fund', '--prefix', folder], { stdio: 'inherit' })
}

function quoted(argument: string): string {
  return /^[\w.,/=-]+$/.test(argument) ? argument : `'${argument}'`
}
