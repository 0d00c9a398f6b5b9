/** What was asked for on the command line. */
import { parseArgs } from 'node:util'
import { STORES, type StoreName } from './rows.js'

/** The parts of the benchmark, in the order in which they run. */
export const PARTS = ['stores', 'growth', 'door'] as const
export type PartName = (typeof PARTS)[number]

export interface Arguments {
  readonly only: readonly PartName[]
  readonly stores: readonly StoreName[]
  /** Sizes at which all stores are compared. */
  readonly items: readonly number[]
  readonly rounds: number
  /** Sizes at which ours is looked at alone. */
  readonly growth: readonly number[]
  readonly growthRounds: number
  readonly cacheMb: number
  readonly effort: number
  readonly isQuick: boolean
  /** The page to publish from the results that there are; nothing is measured then. */
  readonly report: string | undefined
  /** Files or folders of results to read. */
  readonly results: readonly string[]
  readonly help: boolean
}

export const USAGE: string = `npm run bench -- [options]

  --only stores,growth,door  which parts; the door is DynamoDB's protocol over HTTP and for the AWS SDK
  --items 100000,1000000     sizes at which the stores are compared; '' for none
  --rounds 3                 rounds, in alternating order
  --stores dynafile,lmdb     which stores (${STORES.join(', ')})
  --growth 10000,100000,1000000   sizes at which dynafile is looked at alone; '' for none
  --growth-rounds 1          how often
  --cache-mb 512             cache of the stores that have one
  --quick                    a smoke test: two minutes, no figures to quote
  --report docs/performance.md   publishes the results there are, measures nothing
  --results a.jsonl,b.jsonl  which results to publish, instead of all

BENCH_FOLDER names the folder in which the databases are made.`

const FULL = { items: '100000,1000000', rounds: '3', growth: '10000,100000,1000000' }
const QUICK = { items: '20000', rounds: '1', growth: '10000,100000' }
/** Of the usual number of operations. */
const QUICK_EFFORT = 0.4

export function parseArguments(args: readonly string[], defaultResults: string): Arguments {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string', default: PARTS.join(',') },
      items: { type: 'string' },
      rounds: { type: 'string' },
      stores: { type: 'string', default: STORES.join(',') },
      growth: { type: 'string' },
      'growth-rounds': { type: 'string', default: '1' },
      'cache-mb': { type: 'string', default: '512' },
      quick: { type: 'boolean', default: false },
      report: { type: 'string' },
      results: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  const usual = values.quick ? QUICK : FULL
  return {
    only: namesIn(values.only, PARTS, 'part'),
    stores: namesIn(values.stores, STORES, 'store'),
    items: countsIn(values.items ?? usual.items, 'items'),
    rounds: countIn(values.rounds ?? usual.rounds, 'rounds'),
    growth: countsIn(values.growth ?? usual.growth, 'growth'),
    growthRounds: countIn(values['growth-rounds'], 'growth-rounds'),
    cacheMb: countIn(values['cache-mb'], 'cache-mb'),
    effort: values.quick ? QUICK_EFFORT : 1,
    isQuick: values.quick,
    report: values.report,
    results: values.results?.split(',') ?? [defaultResults],
    help: values.help,
  }
}

/** In the order of all there are, whatever the order they are named in. */
function namesIn<Name extends string>(list: string, all: readonly Name[], what: string): Name[] {
  const names = list.split(',')
  const unknown = names.find((name) => !all.some((known) => known === name))
  if (unknown !== undefined) throw new Error(`No ${what} is called "${unknown}": there are ${all.join(', ')}`)
  return all.filter((known) => names.includes(known))
}

function countsIn(list: string, option: string): number[] {
  return list === '' ? [] : list.split(',').map((part) => countIn(part, option))
}

function countIn(text: string, option: string): number {
  const count = Number(text.replaceAll('_', ''))
  if (!Number.isSafeInteger(count) || count < 1) throw new Error(`--${option} takes whole numbers, not "${text}"`)
  return count
}
