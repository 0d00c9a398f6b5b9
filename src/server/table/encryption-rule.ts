/** What may be asked of encryption at rest. Nothing is encrypted by it: the answer is what a client expects to see. */
import { createHash } from 'node:crypto'
import { validationError } from '../aws-error.js'
import type { ServiceContext } from '../service-context.js'
import type { EncryptionSpecification } from './table-input.js'
import { AES_REFUSED, KMS_KEY_WITHOUT_TYPE, refusedWhenDisabled } from './table-wording.js'

/**
 * The ARN of the key that an encryption uses; undefined for the encryption that there always is.
 *
 * @throws {AwsError} ValidationException
 */
export function kmsKeyOf(context: ServiceContext, specification: EncryptionSpecification): string | undefined {
  const { SSEType: type, KMSMasterKeyId: key } = specification
  const isEnabled = specification.Enabled ?? type !== undefined
  if (!isEnabled) {
    if (type !== undefined) throw validationError(refusedWhenDisabled('SSEType'))
    if (key !== undefined) throw validationError(refusedWhenDisabled('KMSMasterKeyId'))
    return undefined
  }
  if (type === 'AES256') throw validationError(AES_REFUSED)
  if (key !== undefined && type === undefined) throw validationError(KMS_KEY_WITHOUT_TYPE)
  return keyArn(context, key ?? ownKeyId(context))
}

function keyArn({ region, accountId }: ServiceContext, key: string): string {
  if (key.startsWith('arn:')) return key
  const resource = key.startsWith('alias/') ? key : `key/${key}`
  return `arn:aws:kms:${region}:${accountId}:${resource}`
}

/** The account's own key for DynamoDB: the same one each time. */
function ownKeyId({ region, accountId }: ServiceContext): string {
  const hex = createHash('sha256').update(`${region}/${accountId}`).digest('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-')
}
