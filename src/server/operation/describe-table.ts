/** What a table is, and how much is in it. */

import type { Members } from '../performer.js'
import { tableName } from '../request/table-of-request.js'
import type { ServiceContext } from '../service-context.js'
import { knownTable } from '../table/known-table.js'
import { describeTable as describe } from '../table/table-description.js'

export async function describeTable(context: ServiceContext, members: Members): Promise<Members> {
  const { TableName: name } = members as Members & { readonly TableName: string }
  const deleted = context.transitions.deleted(tableName(name))
  if (deleted !== undefined && context.backend.findTable(tableName(name)) === undefined) return { Table: deleted }
  return { Table: describe(context, knownTable(context, name)) }
}
