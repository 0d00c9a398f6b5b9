/** Deletes a table with all that is in it, unless it is protected. */
import { validationError } from '../aws-error.js'
import type { Members } from '../performer.js'
import type { ServiceContext } from '../service-context.js'
import { doorSettings } from '../table/door-settings.js'
import { readyTable } from '../table/known-table.js'
import { describeDeletedTable } from '../table/table-description.js'
import { PROTECTED_TABLE } from '../table/table-wording.js'

export async function deleteTable(context: ServiceContext, members: Members): Promise<Members> {
  const { TableName: name } = members as Members & { readonly TableName: string }
  const table = readyTable(context, name)
  if (doorSettings(table).isProtected === true) throw validationError(PROTECTED_TABLE)
  const description = describeDeletedTable(context, table)
  await context.backend.dropTable(table.name)
  context.transitions.begin(table.name, table.id, 'DELETING', description)
  return { TableDescription: description }
}
