/** Kinesis data streams that changes go to: there are none. */
import { validationError } from '../aws-error.js'
import type { Members } from '../performer.js'
import type { ServiceContext } from '../service-context.js'
import { knownTable } from '../table/known-table.js'
import { unsupported } from '../unsupported.js'

const NOT_ACTIVE =
  'Table is not in a valid state to enable Kinesis Streaming Destination: KinesisStreamingDestination must be ACTIVE to perform DISABLE operation.'

interface Input extends Members {
  readonly TableName: string
  readonly StreamArn: string
}

export async function describeKinesisDestination(context: ServiceContext, members: Members): Promise<Members> {
  const { name } = knownTable(context, (members as Input).TableName)
  return { TableName: name, KinesisDataStreamDestinations: [] }
}

export async function enableKinesisDestination(context: ServiceContext, members: Members): Promise<Members> {
  knownTable(context, (members as Input).TableName)
  throw unsupported('EnableKinesisStreamingDestination', 'there is no Kinesis')
}

export async function disableKinesisDestination(context: ServiceContext, members: Members): Promise<Members> {
  knownTable(context, (members as Input).TableName)
  throw validationError(NOT_ACTIVE)
}

export async function updateKinesisDestination(context: ServiceContext, members: Members): Promise<Members> {
  const { TableName, StreamArn } = members as Input
  const { name } = knownTable(context, TableName)
  throw validationError(
    'Table is not in a valid state to enable Kinesis Streaming Destination: Kinesis streaming is not in ACTIVE state. ' +
      `Updates are only allowed in ACTIVE state. TableName: ${name}, kdsArn: ${StreamArn}`,
  )
}
