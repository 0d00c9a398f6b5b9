/** The table that a request names: by its name, or by its ARN. */
import type { KnownIndex, KnownTable } from '../../backend.js'
import { AwsError, validationError } from '../aws-error.js'
import type { Members } from '../performer.js'
import type { ServiceContext } from '../service-context.js'
import { CONSISTENT_GLOBAL_READ, indexNotFound, TABLE_NOT_FOUND } from '../wording.js'

const TABLE_ARN = /^arn:[a-z-]+:dynamodb:[a-z0-9-]*:\d*:table\/([^/]+)$/

/** @throws {AwsError} ResourceNotFoundException */
export function findTable({ backend, transitions }: ServiceContext, nameOrArn: string): KnownTable {
  const name = tableName(nameOrArn)
  const table = backend.findTable(name)
  if (table !== undefined && transitions.isUsable(name)) return table
  throw new AwsError('ResourceNotFoundException', TABLE_NOT_FOUND)
}

export function tableName(nameOrArn: string): string {
  return nameOrArn.startsWith('arn:') ? (TABLE_ARN.exec(nameOrArn)?.[1] ?? nameOrArn) : nameOrArn
}

/**
 * The index that a query or a scan names.
 *
 * @throws {AwsError} ValidationException when the table has no such index, or it can't be read consistently.
 */
export function findReadIndex({ indexes }: KnownTable, input: Members): KnownIndex | undefined {
  const name = input['IndexName'] as string | undefined
  if (name === undefined) return undefined
  const index = indexes.find((other) => other.name === name)
  if (index === undefined) throw validationError(indexNotFound(name))
  if (input['ConsistentRead'] === true && !index.definition.isLocal) throw validationError(CONSISTENT_GLOBAL_READ)
  return index
}
