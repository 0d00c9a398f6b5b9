/**
 * The main job, start to end: load real data into a folder, ask it what a person would ask, kill a process that is
 * writing to it, open it again and see what survived. `npm run demo`; the folder may be given as an argument.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { styleText } from 'node:util'
import Table from 'cli-table3'
import { type Database, open } from '../../src/index.js'
import { Places, readPlaces } from './places.js'
import { Visits } from './visits.js'

const BATCH_LENGTH = 2500
const KILL_AFTER_MS = 1500

/** Colours are for terminals, and for people who like them. */
const isColourful = process.stdout.isTTY === true && process.env['NO_COLOR'] === undefined
const givenFolder = process.argv[2]
const folder = givenFolder ?? join(mkdtempSync(join(tmpdir(), 'dynafile-demo-')), 'data')
const startedAt = performance.now()

await load()
await ask()
const acknowledged = await killWriter()
const isWhole = await reopen(acknowledged)
if (givenFolder === undefined) rmSync(join(folder, '..'), { recursive: true, force: true })
say(`\nThe whole demo took ${((performance.now() - startedAt) / 1000).toFixed(1)} s.`)
process.exitCode = isWhole ? 0 : 1

async function load(): Promise<void> {
  const places = readPlaces()
  title(`1. Loading ${count(places.length)} places on Earth into ${folder}`)
  say('   one table, partition key "country", sort key "place", two indexes; every batch is synced to the disk')
  const db = await open(folder)
  const table = db.table(Places)
  const before = performance.now()
  for (let from = 0; from < places.length; from += BATCH_LENGTH) {
    await table.batch((writer) => {
      for (const place of places.slice(from, from + BATCH_LENGTH)) writer.put(place)
    })
    progress(Math.min(from + BATCH_LENGTH, places.length), places.length, before)
  }
  await db.close()
}

async function ask(): Promise<void> {
  title('2. Five questions')
  const db = await open(folder)
  const places = db.table(Places)
  const byPopulation = places.index('byPopulation')

  await question('What are the ten largest cities of Japan?', ['name', 'population'], () =>
    byPopulation.query({ country: 'JP' }, { reverse: true, limit: 10 }).toArray(),
  )
  await question('Which places in France begin with "Saint-Mal"?', ['name', 'population', 'location'], () =>
    places.query({ country: 'FR', place: { beginsWith: 'Saint-Mal' } }).toArray(),
  )
  await question(
    'Where on Earth is a Springfield with more than 50,000 people?',
    ['country', 'admin', 'population'],
    () =>
      places
        .index('byName')
        .query({ name: 'Springfield', population: { gt: 50_000 } }, { reverse: true })
        .toArray(),
  )
  await question('How many towns of 20,000 to 50,000 people has each of these countries?', ['country', 'towns'], () =>
    Promise.all(
      ['DE', 'FR', 'IT', 'PL'].map(async (country) => {
        const towns = await byPopulation.query({ country, population: { between: [20_000, 50_000] } }).count()
        return { country, towns }
      }),
    ),
  )
  await question(
    'Which capitals have more than eight million people? (a filter over the whole table)',
    ['name', 'country', 'population'],
    async () => {
      const capitals = await places.scan({ filter: 'feature == "PPLC" and population > 8000000' }).toArray()
      return capitals.sort((a, b) => b.population - a.population)
    },
  )
  await db.close()
}

async function question(
  text: string,
  columns: readonly string[],
  answer: () => Promise<readonly object[]>,
): Promise<void> {
  const before = performance.now()
  const rows = await answer()
  const elapsedMs = performance.now() - before
  const table = new Table({
    head: [...columns],
    style: { compact: true, head: isColourful ? ['bold'] : [], border: isColourful ? ['gray'] : [] },
  })
  for (const row of rows) table.push(columns.map((column) => shown((row as Record<string, unknown>)[column])))
  say(`\n   ${painted('bold', text)}  ${painted('green', `${elapsedMs.toFixed(1)} ms`)}`)
  say(indented(table.toString()))
}

/** Starts a process that writes, and kills it in the middle. Returns the numbers of the writes it was told are safe. */
function killWriter(): Promise<number[]> {
  title('3. A process writes to the folder, eight writes at a time, and is killed with SIGKILL')
  const script = fileURLToPath(new URL('writer.ts', import.meta.url))
  const child = spawn(process.execPath, ['--import', 'tsx', script, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  let isKillDue = false
  child.stdout.setEncoding('utf8')
  child.stdout.on('data', (text: string) => {
    output += text
    if (isKillDue) return
    isKillDue = true
    setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MS)
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => {
      if (signal !== 'SIGKILL') {
        reject(new Error(`the writing process ended by itself, with code ${code}`))
        return
      }
      // The last line may be cut off: its write was acknowledged, but we were not told.
      const numbers = output
        .slice(0, output.lastIndexOf('\n') + 1)
        .trim()
        .split('\n')
        .map(Number)
      say(
        `   killed after ${KILL_AFTER_MS} ms of writing; until then ${count(numbers.length)} writes were acknowledged`,
      )
      resolve(numbers)
    })
  })
}

async function reopen(acknowledged: readonly number[]): Promise<boolean> {
  title('4. Opening it again')
  const before = performance.now()
  const db = await open(folder)
  const openedMs = performance.now() - before
  say(`   open and recovered in ${openedMs.toFixed(0)} ms`)
  const found = new Set(await visitNumbers(db))
  const lost = acknowledged.filter((number) => !found.has(number))
  const report = await db.verify()
  await db.close()

  const extra = found.size - (acknowledged.length - lost.length)
  say(`   acknowledged: ${count(acknowledged.length)}, found: ${count(found.size)}, lost: ${count(lost.length)}`)
  if (extra > 0) say(`   ${extra} more were written but not acknowledged yet: they are whole`)
  say(
    `   checked: ${count(report.items)} items, ${count(report.indexEntries)} index entries, ${report.problems.length} problems`,
  )
  for (const problem of report.problems) say(`   ${painted('red', String(problem))}`)
  const isWhole = lost.length === 0 && report.problems.length === 0
  say(isWhole ? painted('green', '   Nothing was lost.') : painted('red', '   Something was lost. Please report it.'))
  return isWhole
}

async function visitNumbers(db: Database): Promise<number[]> {
  const visits = await db
    .table(Visits)
    .scan({ select: ['number'] })
    .toArray()
  return visits.map(({ number }) => number)
}

function progress(done: number, total: number, since: number): void {
  const rate = `${count(Math.round((done * 1000) / (performance.now() - since)))} items/s`
  const share = done / total
  if (process.stdout.isTTY) {
    const full = Math.round(share * 40)
    const bar = '█'.repeat(full) + '░'.repeat(40 - full)
    process.stdout.write(
      `\r   ${bar} ${String(Math.floor(share * 100)).padStart(3)}%  ${rate}   ${done === total ? '\n' : ''}`,
    )
  } else if (done === total || done % (BATCH_LENGTH * 10) === 0) {
    say(`   ${String(Math.floor(share * 100)).padStart(3)}%  ${count(done)} items  ${rate}`)
  }
}

function shown(value: unknown): string {
  if (typeof value === 'number') return count(value)
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

function count(number: number): string {
  return number.toLocaleString('en')
}

function indented(text: string): string {
  return text.replace(/^/gm, '   ')
}

function title(text: string): void {
  say(`\n${painted(['bold', 'cyan'], text)}`)
}

function painted(style: Parameters<typeof styleText>[0], text: string): string {
  return isColourful ? styleText(style, text) : text
}

function say(text: string): void {
  console.log(text)
}
