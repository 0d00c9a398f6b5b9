/** Why a transaction did not happen, as DynamoDB says it: a reason for each action, in their order. */
import {
  type CancellationReason,
  type TransactionCanceledException,
  UniqueIndexException,
  ValidationException,
} from '../../errors.js'
import { AwsError } from '../aws-error.js'
import { messageOf, uniqueMessageOf } from '../native-error.js'
import type { Members } from '../performer.js'
import { sdkItem } from '../value/sdk-value.js'
import { cancelled } from '../wording.js'

/** Undefined for an action that nothing is wrong with. */
export type Refusal = AwsError | ValidationException | undefined

/** What is wrong with single actions before any of them is looked at together with the others. */
export function cancellation(refusals: readonly Refusal[]): AwsError {
  return exception(
    refusals.map((refusal) => {
      if (refusal === undefined) return NONE
      const message = refusal instanceof ValidationException ? messageOf(refusal) : refusal.message
      return { Code: 'ValidationError', Message: message }
    }),
  )
}

/** What the engine refused. */
export function cancellationFrom({ reasons }: TransactionCanceledException): AwsError {
  return exception(reasons.map(sdkReason))
}

const NONE = { Code: 'None' }

type SdkReason = Members & { readonly Code: string }

function sdkReason({ code, message, item, cause }: CancellationReason): SdkReason {
  if (code === 'None') return NONE
  const text =
    cause instanceof ValidationException
      ? messageOf(cause)
      : cause instanceof UniqueIndexException
        ? uniqueMessageOf(cause)
        : message
  return {
    Code: code,
    ...(text !== undefined && { Message: text }),
    ...(item !== undefined && { Item: sdkItem(item) }),
  }
}

function exception(reasons: readonly SdkReason[]): AwsError {
  const message = cancelled(reasons.map(({ Code }) => Code))
  return new AwsError('TransactionCanceledException', message, { CancellationReasons: reasons })
}
