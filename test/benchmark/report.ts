/**
 * The published page. What lies between the two markers is made from the records; everything around them, where we lose
 * and why above all, is written by hand and left as it is.
 */
import { sdkTable, serverTable } from './door/door-table.js'
import { type BenchRecord, latestRuns, sizesOf } from './record.js'
import { shownCount } from './shown.js'
import { asMarkdown, comparisonTable, growthTable } from './tables.js'

export const BEGIN =
  '<!-- Made by `npm run bench -- --report docs/performance.md`: changes between the markers are lost. -->'
export const END = '<!-- The end of what is made. -->'

const NEW_PAGE = `# Performance

${BEGIN}
${END}

## Where we lose, and why

To be written.
`

/** The page with its middle replaced. `chart` is the picture's name, seen from the page. */
export function publish(page: string | undefined, records: readonly BenchRecord[], chart: string): string {
  const old = page ?? NEW_PAGE
  const begin = old.indexOf(BEGIN)
  const end = old.indexOf(END)
  if (begin < 0 || end < begin) throw new Error('Cannot publish: the page has no place for it between the two markers')
  return `${old.slice(0, begin + BEGIN.length)}\n\n${middleOf(publishable(records), chart)}\n${old.slice(end)}`
}

/** A smoke test is no result, unless there is nothing else. */
export function publishable(records: readonly BenchRecord[]): BenchRecord[] {
  const full = records.filter(({ isQuick }) => !isQuick)
  return latestRuns(full.length > 0 ? full : records)
}

function middleOf(records: readonly BenchRecord[], chart: string): string {
  if (records.length === 0) throw new Error('Cannot publish: there are no results')
  const comparison = records.filter(({ kind }) => kind === 'comparison')
  const growth = records.filter(({ kind }) => kind === 'growth')
  const door = records.filter(({ kind }) => kind === 'door')
  return [
    ...(comparison.length > 0 ? comparisonPart(comparison) : []),
    ...(growth.length > 0 ? growthPart(growth, chart) : []),
    ...(door.length > 0 ? doorPart(door) : []),
    ...conditionsPart(records),
  ].join('\n')
}

function comparisonPart(records: readonly BenchRecord[]): string[] {
  const lines = ['## Against others', '', ...COMPARISON_TEXT, '']
  for (const items of sizesOf(records)) {
    const some = records.filter((record) => record.items === items)
    const rounds = new Set(some.map(({ round }) => round)).size
    lines.push(`### ${shownCount(items)} items`, '')
    lines.push(`Medians of ${rounds === 1 ? 'one round' : `${rounds} rounds`}; caches of ${some[0]!.cacheMb} MB.`, '')
    lines.push(asMarkdown(comparisonTable(some, items)), '')
  }
  return lines
}

const COMPARISON_TEXT = [
  'Microseconds per operation unless a row says otherwise; less is better everywhere. _Ratio_: how many times as fast (or',
  'as small) dynafile is as the best of the others, or as the one that the goal names, in the same round; of several rounds',
  'the median. Below 1 it loses. _Floor_ is what a careful engine should reach, _goal_ what we aim at: as ratios, or as',
  'figures where they are figures.',
]

function growthPart(records: readonly BenchRecord[], chart: string): string[] {
  const sizes = sizesOf(records)
  return [
    '## Growth',
    '',
    `Dynafile alone, with a cache of ${records[0]!.cacheMb} MB, at ${sizes.map(shownCount).join(', ')} items. Microseconds`,
    'per operation unless a row says otherwise. A get, a put and a query may cost at most twice as much in the largest table',
    'as in the smallest.',
    '',
    `![Microseconds per operation by number of items, and items loaded per second](${chart})`,
    '',
    asMarkdown(growthTable(records)),
    '',
  ]
}

function doorPart(records: readonly BenchRecord[]): string[] {
  const rounds = new Set(records.map(({ round }) => round)).size
  return [
    '## Over the wire',
    '',
    "DynamoDB's protocol over HTTP: `dynafile serve`, dynalite and a bare `node:http` server that reads each request to its end",
    'and answers as many bytes. Each in a process of its own, and who asks in another one, over sockets that stay open; a table',
    `of ${shownCount(records[0]!.items)} items. Medians of ${rounds === 1 ? 'one round' : `${rounds} rounds`}. Ratios: how many times as fast, or as small, dynafile is.`,
    '',
    asMarkdown(serverTable(records)),
    '',
    'The AWS SDK for JavaScript, microseconds per operation, one after the other: over HTTP to `dynafile serve` in another',
    'process, and in this process through `db.awsConfig()` and `db.awsPlugin()`. Ratios: how many times as fast as over HTTP.',
    '',
    asMarkdown(sdkTable(records)),
    '',
  ]
}

function conditionsPart(records: readonly BenchRecord[]): string[] {
  const { machine } = records.toSorted((a, b) => a.run.localeCompare(b.run)).at(-1)!
  const versions = Object.assign({}, ...records.map((record) => record.machine.versions)) as Record<string, string>
  const runs = new Map(records.map(({ run, command, machine: { commit } }) => [run, { command, commit }]))
  const dated = [...runs].sort().map(([run, { commit }]) => `${run.slice(0, 10)} (commit ${commit})`)
  const commands = [...new Set([...runs].sort().map(([, { command }]) => command))]
  return [
    '## Under which conditions',
    '',
    `${machine.processor}, ${machine.cores} cores, ${machine.memoryGb} GB, ${machine.platform}, Node ${machine.node}.`,
    `${Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', ')}.`,
    `Measured on ${[...new Set(dated)].join(', ')} with`,
    '',
    '```sh',
    ...commands,
    '```',
    '',
  ]
}
