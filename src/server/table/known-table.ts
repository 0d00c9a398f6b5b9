/** The table that an operation on tables is about, as it is now; and whether it can be changed. */
import type { DetailedTableDescription } from '../../backend.js'
import { AwsError } from '../aws-error.js'
import { tableName } from '../request/table-of-request.js'
import type { ServiceContext } from '../service-context.js'
import { tableOfArn } from './table-arn.js'
import { resourceMissing, tableInUse, tableMissing } from './table-wording.js'

/**
 * @param nameOrArn As in a request.
 * @throws {AwsError} ResourceNotFoundException
 */
export function knownTable({ backend }: ServiceContext, nameOrArn: string): DetailedTableDescription {
  const name = tableName(nameOrArn)
  if (backend.findTable(name) !== undefined) return backend.describeTable(name)
  throw new AwsError('ResourceNotFoundException', tableMissing(name))
}

/**
 * @throws {AwsError} ResourceNotFoundException; ResourceInUseException when it is said to be under way.
 */
export function readyTable(context: ServiceContext, nameOrArn: string): DetailedTableDescription {
  const name = tableName(nameOrArn)
  if (context.backend.findTable(name) === undefined && context.transitions.deleted(name) !== undefined) {
    throw new AwsError('ResourceInUseException', tableInUse(name, 'deleted'))
  }
  const table = knownTable(context, nameOrArn)
  const status = context.transitions.statusOf(table.name, table.id)
  if (status === 'CREATING') throw new AwsError('ResourceInUseException', tableInUse(table.name, 'created'))
  if (status === 'UPDATING') throw new AwsError('ResourceInUseException', tableInUse(table.name, 'updated'))
  return table
}

/**
 * The table whose ARN names the resource of a request.
 *
 * @throws {AwsError} ValidationException when it is no table's; ResourceNotFoundException
 */
export function tableOfResource(context: ServiceContext, arn: string): DetailedTableDescription {
  const name = tableOfArn(arn)
  if (context.backend.findTable(name) !== undefined) return context.backend.describeTable(name)
  throw new AwsError('ResourceNotFoundException', resourceMissing(arn))
}
