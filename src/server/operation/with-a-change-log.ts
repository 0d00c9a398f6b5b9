/**
 * Streams, backups, point-in-time restore, exports and imports: all of them read a log of changes that is kept for as long
 * as somebody may ask for it, and there is none yet. Until then lists are empty, single things are not found, and what would
 * begin one is refused with a sentence that says so. Each has its place in the table of operations, so that what is built
 * later takes it.
 *
 * A table can be exported and imported from the command line: `dynafile export --format dynamodb`.
 */
import { AwsError } from '../aws-error.js'
import type { Members } from '../performer.js'
import { tableName } from '../request/table-of-request.js'
import type { Operation, ServiceContext } from '../service-context.js'
import { unsupported } from '../unsupported.js'

const NO_LOG = 'there is no log of changes yet'

/** @throws {AwsError} TableNotFoundException, as these operations have it in the place of another one. */
function checkTable({ backend }: ServiceContext, nameOrArn: string): string {
  const name = tableName(nameOrArn)
  if (backend.findTable(name) !== undefined) return name
  throw new AwsError('TableNotFoundException', `Table not found: ${name}`)
}

function textMember(members: Members, name: string): string {
  return String(members[name])
}

function empty(list: string): Operation {
  return async () => ({ [list]: [] })
}

function missing(exception: string, message: (arn: string) => string, member: string): Operation {
  return async (_, members) => {
    throw new AwsError(exception, message(textMember(members, member)))
  }
}

/** @param member The one that names a table which has to be there. */
function refused(operation: string, member?: string): Operation {
  return async (context, members) => {
    if (member !== undefined) checkTable(context, textMember(members, member))
    throw unsupported(operation, NO_LOG)
  }
}

async function describeContinuousBackups(context: ServiceContext, members: Members): Promise<Members> {
  checkTable(context, textMember(members, 'TableName'))
  return {
    ContinuousBackupsDescription: {
      ContinuousBackupsStatus: 'ENABLED',
      PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: 'DISABLED' },
    },
  }
}

async function updateContinuousBackups(context: ServiceContext, members: Members): Promise<Members> {
  const { PointInTimeRecoverySpecification: wanted } = members as {
    readonly PointInTimeRecoverySpecification: { readonly PointInTimeRecoveryEnabled: boolean }
  }
  const description = await describeContinuousBackups(context, members)
  // What is off already may be switched off.
  if (!wanted.PointInTimeRecoveryEnabled) return description
  const message = `Continuous backups are not available in Dynafile: ${NO_LOG}`
  throw new AwsError('ContinuousBackupsUnavailableException', message)
}

function pointInTimeRecovery(member: string): Operation {
  return async (context, members) => {
    const name = checkTable(context, textMember(members, member))
    const message = `Point in time recovery is not enabled for table '${name}'`
    throw new AwsError('PointInTimeRecoveryUnavailableException', message)
  }
}

const noStream = (arn: string) => `Requested resource not found: Stream: ${arn} not found`
const noBackup = (arn: string) => `Backup not found: ${arn}`

export const LOG_OPERATIONS: readonly (readonly [name: string, operation: Operation])[] = [
  ['ListStreams', empty('Streams')],
  ['DescribeStream', missing('ResourceNotFoundException', noStream, 'StreamArn')],
  ['GetShardIterator', missing('ResourceNotFoundException', noStream, 'StreamArn')],
  ['GetRecords', refused('GetRecords')],

  ['CreateBackup', refused('CreateBackup', 'TableName')],
  ['ListBackups', empty('BackupSummaries')],
  ['DescribeBackup', missing('BackupNotFoundException', noBackup, 'BackupArn')],
  ['DeleteBackup', missing('BackupNotFoundException', noBackup, 'BackupArn')],
  ['RestoreTableFromBackup', missing('BackupNotFoundException', noBackup, 'BackupArn')],
  ['DescribeContinuousBackups', describeContinuousBackups],
  ['UpdateContinuousBackups', updateContinuousBackups],
  [
    'RestoreTableToPointInTime',
    (context, members) =>
      pointInTimeRecovery(members['SourceTableArn'] === undefined ? 'SourceTableName' : 'SourceTableArn')(
        context,
        members,
      ),
  ],

  ['ExportTableToPointInTime', pointInTimeRecovery('TableArn')],
  ['ListExports', empty('ExportSummaries')],
  ['DescribeExport', missing('ExportNotFoundException', (arn) => `Export not found: ${arn}`, 'ExportArn')],
  ['ImportTable', refused('ImportTable')],
  ['ListImports', empty('ImportSummaryList')],
  ['DescribeImport', missing('ImportNotFoundException', (arn) => `Import not found: ${arn}`, 'ImportArn')],
]
