/** Which attribute tells when an item is over, if one does. */
import { validationError } from '../aws-error.js'
import type { Members } from '../performer.js'
import type { ServiceContext } from '../service-context.js'
import { knownTable } from '../table/known-table.js'
import { ttlInTransition } from '../table/table-wording.js'

export async function describeTimeToLive(context: ServiceContext, members: Members): Promise<Members> {
  const { TableName: name } = members as Members & { readonly TableName: string }
  const table = knownTable(context, name)
  const status = context.transitions.statusOf(table.name, table.id)
  if (status === 'CREATING') throw validationError(ttlInTransition(status))
  const description =
    table.ttl === undefined
      ? { TimeToLiveStatus: 'DISABLED' }
      : { TimeToLiveStatus: 'ENABLED', AttributeName: table.ttl }
  return { TimeToLiveDescription: description }
}
