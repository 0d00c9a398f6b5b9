/** The names of the tables there are, in order, a page at a time. */
import type { Members } from '../performer.js'
import type { ServiceContext } from '../service-context.js'

const PAGE_LIMIT = 100

export interface ListTablesInput extends Members {
  readonly ExclusiveStartTableName?: string
  readonly Limit?: number
}

export async function listTables({ backend, transitions }: ServiceContext, members: Members): Promise<Members> {
  const { ExclusiveStartTableName: start, Limit: limit = PAGE_LIMIT } = members as ListTablesInput
  const all = backend.tableNames()
  const deleted = transitions.deletedNames().filter((name) => backend.findTable(name) === undefined)
  const names = deleted.length === 0 ? all : [...all, ...deleted].sort()
  const left = start === undefined ? names : names.filter((name) => name > start)
  const page = left.slice(0, limit)
  return { TableNames: page, ...(left.length > page.length && { LastEvaluatedTableName: page.at(-1) }) }
}
