/** The tags of a table: there are so few that they fit on one page. */
import type { Members } from '../performer.js'
import type { ServiceContext } from '../service-context.js'
import { doorSettings } from '../table/door-settings.js'
import { tableOfResource } from '../table/known-table.js'

export async function listTagsOfResource(context: ServiceContext, members: Members): Promise<Members> {
  const { ResourceArn: arn } = members as Members & { readonly ResourceArn: string }
  const { tags = [] } = doorSettings(tableOfResource(context, arn))
  return { Tags: tags.map(([Key, Value]) => ({ Key, Value })) }
}
