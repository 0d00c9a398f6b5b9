/** Global tables and replicas in other regions: a database is in one place, so there are none. */
import { AwsError, validationError } from '../aws-error.js'
import type { Members } from '../performer.js'
import type { ServiceContext } from '../service-context.js'
import { knownTable } from '../table/known-table.js'
import { unsupported } from '../unsupported.js'

const LEGACY =
  'One or more parameter values were invalid: DynamoDB global tables version 2017.11.29 is not supported. We recommend using ' +
  'DynamoDB global tables version 2019.11.21, instead of version 2017.11.29 (Legacy).'

export async function listGlobalTables(): Promise<Members> {
  return { GlobalTables: [] }
}

export async function missingGlobalTable(_: ServiceContext, members: Members): Promise<Members> {
  const { GlobalTableName: name } = members as { readonly GlobalTableName?: string }
  throw new AwsError('GlobalTableNotFoundException', `Global table not found: ${name}`)
}

/** AWS itself makes no new ones of the version that these requests are about. */
export async function refuseGlobalTable(): Promise<Members> {
  throw validationError(LEGACY)
}

export async function describeReplicaAutoScaling(context: ServiceContext, members: Members): Promise<Members> {
  const { name, id } = knownTable(context, (members as { readonly TableName: string } & Members).TableName)
  const TableStatus = context.transitions.statusOf(name, id)
  return { TableAutoScalingDescription: { TableName: name, TableStatus, Replicas: [] } }
}

export async function updateReplicaAutoScaling(context: ServiceContext, members: Members): Promise<Members> {
  knownTable(context, (members as { readonly TableName: string } & Members).TableName)
  throw unsupported('UpdateTableReplicaAutoScaling', 'a table is in one place, and nothing is scaled')
}
