/** Gives tags to a table, in the place of those with the same keys. */
import { validationError } from '../aws-error.js'
import type { Members } from '../performer.js'
import type { ServiceContext } from '../service-context.js'
import { changedSettings, doorSettings } from '../table/door-settings.js'
import { tableOfResource } from '../table/known-table.js'
import type { Tag } from '../table/table-input.js'
import { NO_TAGS } from '../table/table-wording.js'
import { withTags } from '../table/tag-rule.js'

export interface TagResourceInput extends Members {
  readonly ResourceArn: string
  readonly Tags: readonly Tag[]
}

export async function tagResource(context: ServiceContext, members: Members): Promise<Members> {
  const { ResourceArn: arn, Tags: added } = members as TagResourceInput
  const table = tableOfResource(context, arn)
  if (added.length === 0) throw validationError(NO_TAGS)
  const settings = doorSettings(table)
  const tags = withTags(settings.tags ?? [], added)
  await context.backend.changeTable(table.name, { settings: changedSettings(settings, { tags }) })
  return {}
}
