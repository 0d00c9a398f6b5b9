/** Whether contributor insights were asked for, of a table or of an index of it. There are none: what is kept is the wish. */
import type { DetailedTableDescription } from '../../backend.js'
import { AwsError } from '../aws-error.js'
import type { Members } from '../performer.js'
import { tableName } from '../request/table-of-request.js'
import type { ServiceContext } from '../service-context.js'
import { changedSettings, doorSettings } from '../table/door-settings.js'
import { knownTable, readyTable } from '../table/known-table.js'

const USUAL_MODE = 'ACCESSED_AND_THROTTLED_KEYS'

export interface ContributorInsightsInput extends Members {
  readonly TableName: string
  readonly IndexName?: string
  readonly ContributorInsightsAction: 'ENABLE' | 'DISABLE'
  readonly ContributorInsightsMode?: string
}

export async function describeContributorInsights(context: ServiceContext, members: Members): Promise<Members> {
  const { TableName: name, IndexName: index } = members as ContributorInsightsInput
  const table = knownTable(context, name)
  checkIndex(table, index)
  const found = (doorSettings(table).insights ?? []).find(([other]) => other === (index ?? null))
  const about = { TableName: table.name, ...(index !== undefined && { IndexName: index }) }
  if (found === undefined) return { ...about, ContributorInsightsStatus: 'DISABLED' }
  const [, ContributorInsightsMode, LastUpdateDateTime] = found
  return { ...about, ContributorInsightsStatus: 'ENABLED', ContributorInsightsMode, LastUpdateDateTime }
}

export async function updateContributorInsights(context: ServiceContext, members: Members): Promise<Members> {
  const input = members as ContributorInsightsInput
  const { IndexName: index, ContributorInsightsMode: mode = USUAL_MODE } = input
  const table = readyTable(context, input.TableName)
  checkIndex(table, index)
  const settings = doorSettings(table)
  const isEnabled = input.ContributorInsightsAction === 'ENABLE'
  const others = (settings.insights ?? []).filter(([other]) => other !== (index ?? null))
  const own = isEnabled ? ([[index ?? null, mode, context.clock.now() / 1000]] as const) : []
  const changed = changedSettings(settings, { insights: [...others, ...own] })
  await context.backend.changeTable(table.name, { settings: changed })
  return {
    TableName: table.name,
    ...(index !== undefined && { IndexName: index }),
    ContributorInsightsStatus: isEnabled ? 'ENABLING' : 'DISABLING',
    ...(isEnabled && { ContributorInsightsMode: mode }),
  }
}

/** Those that are enabled, of a table or of all: so few that they fit on one page. */
export async function listContributorInsights(context: ServiceContext, members: Members): Promise<Members> {
  const { TableName: wanted } = members as { readonly TableName?: string }
  const { backend } = context
  if (wanted !== undefined) knownTable(context, wanted)
  const names = wanted === undefined ? backend.tableNames() : [tableName(wanted)]
  const summaries = names.flatMap((name) =>
    (doorSettings(backend.findTable(name)!).insights ?? []).map(([index, mode]) => ({
      TableName: name,
      ...(index !== null && { IndexName: index }),
      ContributorInsightsStatus: 'ENABLED',
      ContributorInsightsMode: mode,
    })),
  )
  return { ContributorInsightsSummaries: summaries }
}

function checkIndex({ name, indexes }: DetailedTableDescription, wanted: string | undefined): void {
  if (wanted === undefined || indexes.some((index) => index.name === wanted && !index.local)) return
  throw new AwsError('ResourceNotFoundException', `Index: ${wanted} not found for table: ${name}`)
}
