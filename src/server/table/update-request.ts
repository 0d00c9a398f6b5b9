/**
 * What UpdateTable is asked for, and what of it can be refused before anybody looks for the table: DynamoDB takes one concern
 * at a time.
 */
import { AwsError, validationError } from '../aws-error.js'
import type { Members } from '../performer.js'
import { unsupported } from '../unsupported.js'
import type {
  AttributeDefinition,
  BillingMode,
  EncryptionSpecification,
  IndexInput,
  IndexThroughput,
  OnDemandThroughput,
  StreamSpecification,
  Throughput,
  WarmThroughput,
} from './table-input.js'
import {
  emptyList,
  INDEX_AND_STREAM,
  IOPS_AND_INDEX,
  IOPS_AND_STREAM,
  NO_INDEX_ACTION,
  nothingToUpdate,
  ON_DEMAND_NOT_ALONE,
  ONE_INDEX_AT_ONCE,
  onlyOperation,
  SEVERAL_INDEX_ACTIONS,
  severalUpdates,
} from './table-wording.js'
import { checkUnits } from './throughput-rule.js'

export interface UpdateTableInput extends Members {
  readonly TableName: string
  readonly AttributeDefinitions?: readonly AttributeDefinition[]
  readonly BillingMode?: BillingMode
  readonly ProvisionedThroughput?: Throughput
  readonly GlobalSecondaryIndexUpdates?: readonly IndexUpdate[]
  readonly StreamSpecification?: StreamSpecification
  readonly SSESpecification?: EncryptionSpecification
  readonly TableClass?: string
  readonly DeletionProtectionEnabled?: boolean
  readonly OnDemandThroughput?: OnDemandThroughput
  readonly WarmThroughput?: WarmThroughput
}

export interface IndexUpdate {
  readonly Create?: IndexInput
  readonly Update?: IndexThroughput & { readonly IndexName: string }
  readonly Delete?: { readonly IndexName: string }
}

/** What makes a request more than a name. */
const CONCERNS = [
  'BillingMode',
  'ProvisionedThroughput',
  'GlobalSecondaryIndexUpdates',
  'StreamSpecification',
  'SSESpecification',
  'TableClass',
  'DeletionProtectionEnabled',
  'OnDemandThroughput',
  'WarmThroughput',
] as const

/** Of what belongs to several regions there is one here. */
const UNSUPPORTED = [
  'ReplicaUpdates',
  'MultiRegionConsistency',
  'GlobalTableWitnessUpdates',
  'GlobalTableSettingsReplicationMode',
  'VectorIndexUpdates',
] as const

/** What can be seen in the request alone, before anybody looks for the table. */
export function checkUpdateMembers(input: UpdateTableInput): void {
  const other = UNSUPPORTED.find((member) => input[member] !== undefined)
  if (other !== undefined) throw unsupported(other, 'a table is in one place')
  const concerns = CONCERNS.filter((member) => input[member] !== undefined)
  const { GlobalSecondaryIndexUpdates: updates } = input
  if (concerns.length === (updates?.length === 0 ? 1 : 0)) throw validationError(nothingToUpdate([]))
  if (updates?.length === 0) throw validationError(emptyList('GlobalSecondaryIndexUpdates'))
  checkAlone(concerns)
  checkTogether(input)
  if (updates !== undefined) checkIndexUpdates(updates)
  if (input.ProvisionedThroughput !== undefined) checkUnits(input.ProvisionedThroughput)
}

function checkAlone(concerns: readonly (typeof CONCERNS)[number][]): void {
  if (concerns.length === 1) return
  if (concerns.includes('SSESpecification')) throw validationError(onlyOperation('Server-Side Encryption modification'))
  if (concerns.includes('TableClass')) throw validationError(onlyOperation('TableClass modification'))
  if (concerns.includes('DeletionProtectionEnabled'))
    throw validationError(onlyOperation('DeletionProtection modification'))
  if (concerns.includes('WarmThroughput')) throw validationError(onlyOperation('WarmThroughput'))
  const isOnDemand = concerns.includes('OnDemandThroughput')
  if (isOnDemand && !(concerns.length === 2 && concerns.includes('BillingMode'))) {
    throw validationError(ON_DEMAND_NOT_ALONE)
  }
}

function checkTogether(input: UpdateTableInput): void {
  const changesUnits = input.ProvisionedThroughput !== undefined || input.BillingMode === 'PROVISIONED'
  const changesIndexes = (input.GlobalSecondaryIndexUpdates ?? []).some(({ Create, Delete }) => Create ?? Delete)
  const changesStream = input.StreamSpecification !== undefined
  if (changesUnits && changesStream) throw validationError(IOPS_AND_STREAM)
  if (changesUnits && changesIndexes) throw validationError(IOPS_AND_INDEX)
  if (changesIndexes && changesStream) throw validationError(INDEX_AND_STREAM)
}

function checkIndexUpdates(updates: readonly IndexUpdate[]): void {
  const names = new Set<string>()
  for (const { Create, Update, Delete } of updates) {
    const actions = [Create, Update, Delete].filter((action) => action !== undefined)
    const [action] = actions
    if (action === undefined) throw validationError(NO_INDEX_ACTION)
    if (actions.length > 1) throw validationError(SEVERAL_INDEX_ACTIONS)
    if (names.has(action.IndexName)) throw validationError(severalUpdates(action.IndexName))
    names.add(action.IndexName)
  }
  if (updates.filter(({ Create, Delete }) => Create ?? Delete).length > 1) throw oneAtOnce()
}

export function oneAtOnce(): AwsError {
  return new AwsError('LimitExceededException', ONE_INDEX_AT_ONCE)
}
