/** The names of tables and of what belongs to them as ARNs, and back. Region and account are whatever a client has: there is one. */
import { type AwsError, validationError } from '../aws-error.js'
import type { ServiceContext } from '../service-context.js'
import { foreignArn, noArn, noTableArn } from './table-wording.js'

export function tableArn({ region, accountId }: Pick<ServiceContext, 'region' | 'accountId'>, table: string): string {
  return `arn:aws:dynamodb:${region}:${accountId}:table/${table}`
}

export function indexArn(context: Pick<ServiceContext, 'region' | 'accountId'>, table: string, index: string): string {
  return `${tableArn(context, table)}/index/${index}`
}

export function streamArn(context: Pick<ServiceContext, 'region' | 'accountId'>, table: string, label: string): string {
  return `${tableArn(context, table)}/stream/${label}`
}

/**
 * The table that the ARN of a resource names.
 *
 * @throws {AwsError} ValidationException when it names none.
 */
export function tableOfArn(arn: string): string {
  const refusal = refusalOf(arn)
  if (refusal === undefined) return arn.split(':').slice(5).join(':').slice('table/'.length)
  throw refusal
}

function refusalOf(arn: string): AwsError | undefined {
  if (!arn.startsWith('arn:')) return validationError(noArn(arn))
  const [, , service, , , ...resource] = arn.split(':')
  const [kind, name, ...rest] = resource.join(':').split('/')
  if (service !== 'dynamodb' || kind !== 'table' || name === undefined || name === '') {
    return validationError(foreignArn(arn))
  }
  return rest.length === 0 ? undefined : validationError(noTableArn(arn))
}
