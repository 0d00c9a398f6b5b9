/** The policy of a table: kept, handed out, taken away. What it says is not enforced: whoever is let in may do everything. */
import type { DetailedTableDescription } from '../../backend.js'
import { AwsError } from '../aws-error.js'
import type { Members } from '../performer.js'
import type { ServiceContext } from '../service-context.js'
import { changedSettings, type DoorSettings, doorSettings } from '../table/door-settings.js'
import { tableOfResource } from '../table/known-table.js'
import { checkPolicy, nextRevision } from '../table/policy-rule.js'
import { noRevision, otherRevision, policyMissing, unexpectedPolicy } from '../table/table-wording.js'

/** In the place of a revision: that there is no policy yet. */
const NO_POLICY = 'NO_POLICY'

export interface ResourcePolicyInput extends Members {
  readonly ResourceArn: string
  readonly Policy: string
  readonly ExpectedRevisionId?: string
}

export async function putResourcePolicy(context: ServiceContext, members: Members): Promise<Members> {
  const { ResourceArn: arn, Policy: text, ExpectedRevisionId: expected } = members as ResourcePolicyInput
  const table = tableOfResource(context, arn)
  checkPolicy(text)
  const { policy } = doorSettings(table)
  checkRevision(table, policy, expected)
  // The same policy once more changes nothing, not even its revision.
  if (policy?.text === text) return { RevisionId: policy.revision }
  const revision = nextRevision(policy?.revision, context.clock.now())
  await keep(context, table, { text, revision })
  return { RevisionId: revision }
}

export async function getResourcePolicy(context: ServiceContext, members: Members): Promise<Members> {
  const { ResourceArn: arn } = members as ResourcePolicyInput
  const { policy } = doorSettings(tableOfResource(context, arn))
  if (policy === undefined) throw new AwsError('PolicyNotFoundException', policyMissing(arn))
  return { Policy: policy.text, RevisionId: policy.revision }
}

export async function deleteResourcePolicy(context: ServiceContext, members: Members): Promise<Members> {
  const { ResourceArn: arn, ExpectedRevisionId: expected } = members as ResourcePolicyInput
  const table = tableOfResource(context, arn)
  const { policy } = doorSettings(table)
  checkRevision(table, policy, expected)
  if (policy === undefined) return {}
  await keep(context, table, undefined)
  return { RevisionId: policy.revision }
}

function checkRevision(
  { name }: DetailedTableDescription,
  policy: DoorSettings['policy'],
  expected: string | undefined,
): void {
  if (expected === undefined || expected === (policy?.revision ?? NO_POLICY)) return
  if (policy === undefined) throw new AwsError('PolicyNotFoundException', noRevision(name, expected))
  const message =
    expected === NO_POLICY ? unexpectedPolicy(name, policy.revision) : otherRevision(name, expected, policy.revision)
  throw new AwsError('PolicyNotFoundException', message)
}

function keep(
  { backend }: ServiceContext,
  table: DetailedTableDescription,
  policy: DoorSettings['policy'],
): Promise<void> {
  return backend.changeTable(table.name, { settings: changedSettings(doorSettings(table), { policy }) })
}
