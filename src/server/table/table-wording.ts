/** What the AWS door says when it refuses what is asked of a table, word for word as DynamoDB says it. */

const INVALID = 'One or more parameter values were invalid:'

// ── What there is, and what is not ────────────────────────────────────────────────────────────────────────────────

export function tableMissing(name: string): string {
  return `Requested resource not found: Table: ${name} not found`
}

export function indexMissing(name: string): string {
  return `Requested resource not found: Index: ${name} not found`
}

export function resourceMissing(arn: string): string {
  return `Requested resource not found: ResourceArn: ${arn} not found`
}

export function tableExists(name: string): string {
  return `Table already exists: ${name}`
}

export function tableInUse(name: string, deed: 'created' | 'updated' | 'deleted'): string {
  return `Attempt to change a resource which is still in use: Table is being ${deed}: ${name}`
}

export const PROTECTED_TABLE: string =
  'Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.'

// ── Keys ──────────────────────────────────────────────────────────────────────────────────────────────────────────

export const FIRST_NOT_HASH: string = 'Invalid KeySchema: The first KeySchemaElement is not a HASH key type'
export const SECOND_NOT_RANGE: string = 'Invalid KeySchema: The second KeySchemaElement is not a RANGE key type'
export const KEY_WITHOUT_DEFINITION: string = 'Invalid KeySchema: Some index key attribute have no definition'
export const SAME_HASH_AND_RANGE: string =
  'Both the Hash Key and the Range Key element in the KeySchema have the same name'
export const SAME_KEY_NAMES: string = 'The KeySchema contains multiple key attributes with the same name'
export const HASH_BEHIND_RANGE: string = `${INVALID} All HASH key attributes must precede RANGE key attributes in the KeySchema`
export const COUNTS_DIFFER: string = `${INVALID} Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions`

export function tooManyKeys(type: 'HASH' | 'RANGE'): string {
  return `${INVALID} The KeySchema exceeds the maximum allowed number of ${type} key attributes`
}

export function tooManyElements(
  elements: readonly { readonly AttributeName: string; readonly KeyType: string }[],
): string {
  const shown = elements.map(
    ({ AttributeName, KeyType }) => `KeySchemaElement(attributeName=${AttributeName}, keyType=${KeyType})`,
  )
  return `1 validation error detected: Value '[${shown.join(', ')}]' at 'keySchema' failed to satisfy constraint: Member must have length less than or equal to 2`
}

export function duplicateDefinition(attribute: string): string {
  return `Attribute Name is duplicated: ${attribute}`
}

export function keysUndefined(keys: readonly string[], defined: readonly string[]): string {
  return `${INVALID} Some index key attributes are not defined in AttributeDefinitions. Keys: [${keys.join(', ')}], AttributeDefinitions: [${defined.join(', ')}]`
}

export function definitionsUnused(defined: readonly string[], used: readonly string[]): string {
  return `${INVALID} Some AttributeDefinitions are not used. AttributeDefinitions: [${defined.join(', ')}], keys used: [${used.join(', ')}]`
}

export function definitionsMissing(index: string): string {
  return `${INVALID} AttributeDefinitions is not specified for index: ${index}`
}

/** @param known As `name:type:role`. */
export function redefined(known: string, wanted: string): string {
  return (
    `${INVALID} Attributes cannot be redefined. Please check that your attribute has the same type as previously defined. ` +
    `Existing schema: Schema:[SchemaElement: key{${known}}] New schema: Schema:[SchemaElement: key{${wanted}}]`
  )
}

export function missingMembers(members: readonly string[]): string {
  const parts = members.map(
    (member) => `Value null at '${member}' failed to satisfy constraint: Member must not be null`,
  )
  return `${parts.length} validation error${parts.length > 1 ? 's' : ''} detected: ${parts.join('; ')}`
}

/** What is wrong with a table's name; the parts come in DynamoDB's order. */
export function nameRefused(name: string, constraints: readonly string[]): string {
  const parts = constraints.map(
    (constraint) => `Value '${name}' at 'tableName' failed to satisfy constraint: Member must ${constraint}`,
  )
  return `${parts.length} validation error${parts.length > 1 ? 's' : ''} detected: ${parts.join('; ')}`
}

// ── Indexes ───────────────────────────────────────────────────────────────────────────────────────────────────────

export const NO_RANGE_KEY: string = `${INVALID} Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex`
export const UNKNOWN_PROJECTION: string = `${INVALID} Unknown ProjectionType: null`
export const INCLUDE_WITHOUT_NAMES: string = `${INVALID} ProjectionType is INCLUDE, but NonKeyAttributes is not specified`
export const INDEX_EXISTS: string = 'Attempting to create an index which already exists'
export const ONE_INDEX_AT_ONCE: string =
  'Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table'
export const NO_INDEX_ACTION: string = `${INVALID} One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, GlobalSecondaryIndexUpdate.Delete must not be null`
export const SEVERAL_INDEX_ACTIONS: string = `${INVALID} Only one global secondary index action is allowed per GlobalSecondaryIndexUpdate object`

export function emptyList(member: string): string {
  return `${INVALID} List of ${member} is empty`
}

export function tooManyIndexes(kind: 'local' | 'global', limit: number): string {
  return kind === 'local'
    ? `${INVALID} Number of LocalSecondaryIndexes exceeds per-table limit of ${limit}`
    : `${INVALID} GlobalSecondaryIndex count exceeds the per-table limit of ${limit}`
}

export function indexLimitReached(limit: number): string {
  return `Subscriber limit exceeded: GlobalSecondaryIndex count exceeds the per-table limit of ${limit}`
}

export function duplicateIndex(name: string): string {
  return `${INVALID} Duplicate index name: ${name}`
}

export function noIndexRangeKey(index: string): string {
  return `${INVALID} Index KeySchema does not have a range key for index: ${index}`
}

export function otherHashKey(index: string, indexKey: string, tableKey: string): string {
  return (
    `${INVALID} Index KeySchema does not have the same leading hash key as table KeySchema for index: ${index}. ` +
    `index hash key: ${indexKey}, table hash key: ${tableKey}`
  )
}

export function namesWithoutInclude(projectionType: string): string {
  return `${INVALID} ProjectionType is ${projectionType}, but NonKeyAttributes is specified`
}

export function duplicateProjected(name: string): string {
  return `${INVALID} Duplicate element in NonKeyAttributes: ${name}`
}

export function severalUpdates(index: string): string {
  return `${INVALID} Only one global secondary index update per index is allowed simultaneously. Index: ${index}`
}

export function notGlobal(index: string, deed: 'delete' | 'update'): string {
  return `Cannot ${deed} an index that is not a GlobalSecondaryIndex: ${index}`
}

// ── Throughput ────────────────────────────────────────────────────────────────────────────────────────────────────

export const UNITS_NEEDED: string = `${INVALID} ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED`
export const UNITS_NEEDED_FOR_SWITCH: string = `${INVALID} ProvisionedThroughput must be specified when BillingMode is PROVISIONED`
export const UNITS_REFUSED: string = `${INVALID} Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST`

export function unitsOutOfBounds(units: number, member: string): string {
  return `Given value ${units} for ${member} is out of bounds`
}

export function indexUnitsMissing(index: string): string {
  return `${INVALID} ProvisionedThroughput is not specified for index: ${index}`
}

export function indexUnitsNeeded(index: string): string {
  return `${INVALID} ProvisionedThroughput must be specified for index: ${index}`
}

export function indexUnitsRefused(index: string): string {
  return `${INVALID} ProvisionedThroughput should not be specified for index: ${index} when BillingMode is PAY_PER_REQUEST`
}

export function indexUnitsRefusedInUpdate(index: string): string {
  return `${INVALID} Neither ReadCapacityUnits nor WriteCapacityUnits can be specified for index: ${index} when BillingMode is PAY_PER_REQUEST`
}

interface Units {
  readonly ReadCapacityUnits: number
  readonly WriteCapacityUnits: number
}

/** @param what `table`, or `index` and its name. */
export function sameUnits(what: string, current: Units): string {
  const { ReadCapacityUnits: reads, WriteCapacityUnits: writes } = current
  return (
    `The provisioned throughput for the ${what} will not change. The requested value equals the current value. ` +
    `Current ReadCapacityUnits provisioned for the ${what}: ${reads}. Requested ReadCapacityUnits: ${reads}. ` +
    `Current WriteCapacityUnits provisioned for the ${what}: ${writes}. Requested WriteCapacityUnits: ${writes}. ` +
    'Refer to the Amazon DynamoDB Developer Guide for current limits and how to request higher limits.'
  )
}

type OnDemandMember = 'MaxReadRequestUnits' | 'MaxWriteRequestUnits'

/** @param index Undefined for the table. */
export function onDemandRefused(member: OnDemandMember, index: string | undefined): string {
  const what = index === undefined ? '' : ` for index : ${index}`
  return `${INVALID} ${member} for OnDemandThroughput${what} cannot be specified when the table BillingMode is PROVISIONED`
}

export function onDemandOutOfRange(member: OnDemandMember, index: string | undefined): string {
  const what = index === undefined ? 'table' : `index : ${index}`
  return `${INVALID} Requested ${member} for OnDemandThroughput for ${what} is outside of valid range`
}

// ── Streams, encryption, classes ──────────────────────────────────────────────────────────────────────────────────

export const STREAM_VIEW_NEEDED: string = `${INVALID} Table is being created with a stream enabled, UpdateViewType is required`
export const STREAM_VIEW_REFUSED: string = `${INVALID} Table is being created with a stream disabled, UpdateViewType should not be specified`
export const STREAM_VIEW_NEEDED_IN_UPDATE: string = `${INVALID} If stream is being enabled then UpdateViewType is required`
export const STREAM_VIEW_REFUSED_IN_UPDATE: string = `${INVALID} If stream is being disabled, then UpdateViewType must not be specified`

export function streamExists(table: string): string {
  return `Table already has an enabled stream: TableName: ${table}`
}

export function streamMissing(table: string): string {
  return `Table has no stream to disable: TableName: ${table}`
}

export const KMS_KEY_WITHOUT_TYPE: string = `${INVALID} SSEType KMS is required if KMSMasterKeyId is specified`
export const AES_REFUSED: string = `${INVALID} SSEType AES256 is not supported`
export const ENCRYPTED_ALREADY: string = `${INVALID} Table is already encrypted by default`
export const SAME_KMS_KEY: string = `${INVALID} Table is already encrypted with given KMSMasterKeyId. Use KMSMasterKeyId parameter if you want to change Master Key`

export function refusedWhenDisabled(member: 'SSEType' | 'KMSMasterKeyId'): string {
  return `${INVALID} ${member} can not be specified if Enabled is false`
}

// ── What one update may change ────────────────────────────────────────────────────────────────────────────────────

export const IOPS_AND_STREAM: string = `${INVALID} You cannot modify stream status while updating table IOPS`
export const IOPS_AND_INDEX: string = `${INVALID} You cannot create or delete index while updating table IOPS`
export const INDEX_AND_STREAM: string = `${INVALID} You cannot create or delete index while changing stream status`
export const ON_DEMAND_NOT_ALONE: string = `${INVALID} OnDemandThroughput can only be combined with BillingMode in an UpdateTable request`

/** @param named Members that the request has, and that are not enough. */
export function nothingToUpdate(named: readonly string[]): string {
  const members = UPDATE_MEMBERS.filter((member) => !named.includes(member))
  return `At least one of ${members.slice(0, -1).join(', ')} or ${members.at(-1)} is required`
}

const UPDATE_MEMBERS = [
  'ProvisionedThroughput',
  'BillingMode',
  'UpdateStreamEnabled',
  'GlobalSecondaryIndexUpdates',
  'SSESpecification',
  'ReplicaUpdates',
  'MultiAccountReplicaReady',
  'ReplicaTransitRoleArn',
  'MultiRegionConsistency',
  'DeletionProtectionEnabled',
  'OnDemandThroughput',
  'WarmThroughput',
  'TableClass',
]

export function onlyOperation(what: string): string {
  return `${INVALID} ${what} must be the only operation in the request`
}

// ── Time to live ──────────────────────────────────────────────────────────────────────────────────────────────────

export const TTL_ENABLED_ALREADY: string = 'TimeToLive is already enabled'
export const TTL_DISABLED_ALREADY: string = 'TimeToLive is already disabled'

export function otherTtl(attribute: string): string {
  return `TimeToLive is active on a different AttributeName: current AttributeName is ${attribute}`
}

export function ttlInTransition(status: string): string {
  return `Cannot describe time to live while table is in ${status} state: Current table state is ${status}`
}

// ── Tags and policies ─────────────────────────────────────────────────────────────────────────────────────────────

export const NO_TAGS: string = 'Atleast one Tag needs to be provided as Input.'
export const NO_TAG_KEYS: string = 'Atleast one Tag Key needs to be provided as Input.'
export const TOO_MANY_TAGS: string = 'Number of Tags exceed the current limit for the provided ResourceArn'
export const POLICY_TOO_LONG: string = `${INVALID} Maximum policy size of 20480 bytes exceeded`
export const POLICY_NO_JSON: string = `${INVALID} Invalid policy document: This policy contains invalid Json`

export function tagKeyRefused(key: string): string {
  return `The Tag Key provided is invalid, Key: ${key}`
}

export function tagValueRefused(value: string | undefined): string {
  return `The Tag Value provided is invalid, Value: ${value ?? null}`
}

export function reservedTagKey(key: string): string {
  return `Tag Key cannot be prefixed with aws:, Key: ${key}`
}

export function duplicateTagKey(key: string): string {
  return `Duplicate Tag Keys provided as input: Duplicate Tag Key found ${key}`
}

export function noArn(text: string): string {
  return `${INVALID} ARNs must start with 'arn:': ${text}`
}

export function foreignArn(arn: string): string {
  return `${INVALID} Provided Arn is not a DynamoDB resource arn: ${arn}`
}

export function noTableArn(arn: string): string {
  return `${INVALID} Invalid resource arn provided, only table or stream is accepted. Provided resource arn: ${arn}`
}

export function policyMissing(reason: string): string {
  return `Resource-based policy not found for the provided ResourceArn: ${reason}`
}

export function otherRevision(table: string, wanted: string, current: string): string {
  return policyMissing(
    `Requested update for policy with revision id ${wanted}, but the policy associated to target table ${table} has revision id ${current}.`,
  )
}

export function noRevision(table: string, wanted: string): string {
  return policyMissing(
    `Requested update for policy with revision id ${wanted}, but no policy is associated to target table ${table}.`,
  )
}

export function unexpectedPolicy(table: string, current: string): string {
  return policyMissing(
    `Requested policy update expecting none to be present for table ${table}, but a policy exists with revision id ${current}.`,
  )
}
