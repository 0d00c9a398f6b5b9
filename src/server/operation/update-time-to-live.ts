/** Says which attribute tells when an item is over, or that none does: the same `ttl` that a native definition has. */
import { validationError } from '../aws-error.js'
import type { Members } from '../performer.js'
import type { ServiceContext } from '../service-context.js'
import { readyTable } from '../table/known-table.js'
import { otherTtl, TTL_DISABLED_ALREADY, TTL_ENABLED_ALREADY } from '../table/table-wording.js'

export interface UpdateTimeToLiveInput extends Members {
  readonly TableName: string
  readonly TimeToLiveSpecification: { readonly Enabled: boolean; readonly AttributeName: string }
}

export async function updateTimeToLive(context: ServiceContext, members: Members): Promise<Members> {
  const { TableName: name, TimeToLiveSpecification: wanted } = members as UpdateTimeToLiveInput
  const { Enabled: isEnabled, AttributeName: attribute } = wanted
  const table = readyTable(context, name)
  if (!isEnabled && table.ttl === undefined) throw validationError(TTL_DISABLED_ALREADY)
  if (table.ttl !== undefined && table.ttl !== attribute) throw validationError(otherTtl(table.ttl))
  if (isEnabled && table.ttl === attribute) throw validationError(TTL_ENABLED_ALREADY)
  await context.backend.changeTable(table.name, { ttl: { attribute: isEnabled ? attribute : undefined } })
  return { TimeToLiveSpecification: { Enabled: isEnabled, AttributeName: attribute } }
}
