/** Takes tags from a table. Those that it does not have are no error. */
import { validationError } from '../aws-error.js'
import type { Members } from '../performer.js'
import type { ServiceContext } from '../service-context.js'
import { changedSettings, doorSettings } from '../table/door-settings.js'
import { tableOfResource } from '../table/known-table.js'
import { NO_TAG_KEYS } from '../table/table-wording.js'

export interface UntagResourceInput extends Members {
  readonly ResourceArn: string
  readonly TagKeys: readonly string[]
}

export async function untagResource(context: ServiceContext, members: Members): Promise<Members> {
  const { ResourceArn: arn, TagKeys: keys } = members as UntagResourceInput
  const table = tableOfResource(context, arn)
  if (keys.length === 0) throw validationError(NO_TAG_KEYS)
  const gone = new Set(keys)
  const settings = doorSettings(table)
  const tags = (settings.tags ?? []).filter(([key]) => !gone.has(key))
  await context.backend.changeTable(table.name, { settings: changedSettings(settings, { tags }) })
  return {}
}
