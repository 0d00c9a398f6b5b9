/** What several operations have cost together, as answers show it. */
import type { Members } from '../performer.js'

interface Consumed extends Members {
  readonly TableName: string
}

/** One report for each table, in the order in which tables first come. */
export function sumByTable(reports: readonly (Members | undefined)[]): Members[] {
  const sums = new Map<string, Members>()
  for (const report of reports) {
    if (report === undefined) continue
    const { TableName } = report as Consumed
    const sum = sums.get(TableName)
    sums.set(TableName, sum === undefined ? report : added(sum, report))
  }
  return [...sums.values()]
}

/** Counts are added, and what is in either, at any depth: the units of a table, of an index by its name. */
function added(one: Members, other: Members): Members {
  const sum = new Map(Object.entries(one))
  for (const [name, value] of Object.entries(other)) {
    const before = sum.get(name)
    if (typeof value === 'number' && typeof before === 'number') sum.set(name, before + value)
    else if (typeof before === 'object' && before !== null) sum.set(name, added(before as Members, value as Members))
    else sum.set(name, value)
  }
  return Object.fromEntries(sum)
}
