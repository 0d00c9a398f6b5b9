/** Changes a table: how it is paid for, its stream, its encryption, its indexes; one concern at a time. */
import type { IndexDescription } from '../../backend.js'
import type { Members } from '../performer.js'
import type { ServiceContext } from '../service-context.js'
import { readyTable } from '../table/known-table.js'
import { describeDeletedIndex, describeTable } from '../table/table-description.js'
import { TableUpdate } from '../table/table-update.js'
import { checkUpdateMembers, type UpdateTableInput } from '../table/update-request.js'

export async function updateTable(context: ServiceContext, members: Members): Promise<Members> {
  const input = members as UpdateTableInput
  checkUpdateMembers(input)
  const { backend, transitions } = context
  const before = readyTable(context, input.TableName)
  const { name, id } = before
  const change = new TableUpdate(context, before, input).change()

  const changed = backend.changeTable(name, change)
  // Before anybody else can have deleted it; where it could not be changed, the next line says why.
  const after = backend.describeTable(name)
  await changed
  const [added] = Object.keys(change.definition?.indexes ?? {})
  const dropped = before.indexes.find((index) => index.name === change.droppedIndex)
  const deleted = dropped && describeDeletedIndex(context, before, dropped)
  if (added !== undefined) transitions.beginIndex(name, id, added, 'CREATING')
  if (dropped !== undefined) transitions.beginIndex(name, id, dropped.name, 'DELETING', deleted)
  // Protection is a matter of a moment, in DynamoDB too.
  const status = input.DeletionProtectionEnabled === undefined ? 'UPDATING' : 'ACTIVE'
  if (status === 'UPDATING') transitions.begin(name, id, status)
  const description = describeTable(context, after, status)
  return { TableDescription: withChangedIndex(description, added, dropped, deleted) }
}

/** The answer is of the moment in which an index is added, or goes. */
function withChangedIndex(
  description: Members,
  added: string | undefined,
  dropped: IndexDescription | undefined,
  deleted: Members | undefined,
): Members {
  const { GlobalSecondaryIndexes: indexes = [] } = description as {
    readonly GlobalSecondaryIndexes?: readonly Members[]
  }
  const shown = indexes
    .filter(({ IndexName }) => IndexName !== dropped?.name)
    .map((index) => (index['IndexName'] === added ? { ...index, IndexStatus: 'CREATING', Backfilling: false } : index))
  const all = deleted === undefined ? shown : [...shown, deleted]
  return { ...description, ...(all.length > 0 && { GlobalSecondaryIndexes: all }) }
}
