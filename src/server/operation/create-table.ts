/** Creates a table. It can be used at once, though the answer says that it is being created: clients wait for that to end. */

import type { TableSettings } from '../../backend.js'
import { isName, NAME_LENGTH_LIMIT, NAME_LENGTH_MINIMUM } from '../../model/key/name-rule.js'
import type { TableDefinition } from '../../model/table/table-definition.js'
import { checkTableDefinition } from '../../model/table/table-rule.js'
import { AwsError, validationError } from '../aws-error.js'
import type { Members } from '../performer.js'
import type { ServiceContext } from '../service-context.js'
import { changedSettings } from '../table/door-settings.js'
import { kmsKeyOf } from '../table/encryption-rule.js'
import { checkGlobalIndexes, checkLocalIndexes, indexDefinition } from '../table/index-rule.js'
import { checkAllUsed, checkTableKey, definedTypes } from '../table/key-rule.js'
import { checkPolicy, nextRevision } from '../table/policy-rule.js'
import { streamLabel } from '../table/stream-label.js'
import { describeTable } from '../table/table-description.js'
import type {
  AttributeDefinition,
  BillingMode,
  EncryptionSpecification,
  IndexInput,
  KeySchemaElement,
  OnDemandThroughput,
  StreamSpecification,
  Tag,
  Throughput,
  WarmThroughput,
} from '../table/table-input.js'
import {
  missingMembers,
  nameRefused,
  STREAM_VIEW_NEEDED,
  STREAM_VIEW_REFUSED,
  tableExists,
  tableInUse,
} from '../table/table-wording.js'
import { withTags } from '../table/tag-rule.js'
import {
  changedThroughput,
  checkNewIndexThroughput,
  checkNewThroughput,
  checkOnDemand,
  keptIndexThroughput,
} from '../table/throughput-rule.js'
import { unsupported } from '../unsupported.js'

export interface CreateTableInput extends Members {
  readonly TableName: string
  readonly AttributeDefinitions: readonly AttributeDefinition[]
  readonly KeySchema: readonly KeySchemaElement[]
  readonly LocalSecondaryIndexes?: readonly IndexInput[]
  readonly GlobalSecondaryIndexes?: readonly IndexInput[]
  readonly BillingMode?: BillingMode
  readonly ProvisionedThroughput?: Throughput
  readonly OnDemandThroughput?: OnDemandThroughput
  readonly WarmThroughput?: WarmThroughput
  readonly StreamSpecification?: StreamSpecification
  readonly SSESpecification?: EncryptionSpecification
  readonly TableClass?: string
  readonly DeletionProtectionEnabled?: boolean
  readonly Tags?: readonly Tag[]
  readonly ResourcePolicy?: string
}

export async function createTable(context: ServiceContext, members: Members): Promise<Members> {
  const input = members as CreateTableInput
  checkMembers(input)
  const definition = checkedDefinition(input)
  const settings = checkedSettings(context, input)

  const { backend, transitions } = context
  const { name } = definition
  if (backend.findTable(name) !== undefined) throw new AwsError('ResourceInUseException', tableExists(name))
  if (transitions.deleted(name) !== undefined) {
    throw new AwsError('ResourceInUseException', tableInUse(name, 'deleted'))
  }
  const created = backend.createTable(definition, settings)
  // Before anybody else can have deleted it; where it could not be created, the next line says why.
  const table = backend.findTable(name) && backend.describeTable(name)
  await created
  transitions.begin(name, table!.id, 'CREATING')
  return { TableDescription: describeTable(context, table!, 'CREATING') }
}

function checkMembers(input: CreateTableInput): void {
  const { TableName: name } = input
  if (!isName(name)) throw validationError(nameRefused(name, nameConstraints(name)))
  const missing = (['KeySchema', 'AttributeDefinitions'] as const).filter((member) => input[member] === undefined)
  if (missing.length > 0) {
    throw validationError(missingMembers(missing.map((member) => member[0]!.toLowerCase() + member.slice(1))))
  }
  if (input['VectorIndexes'] !== undefined) throw unsupported('VectorIndexes')
  if (input['GlobalTableSourceArn'] !== undefined) throw unsupported('GlobalTableSourceArn')
}

function nameConstraints(name: string): string[] {
  return [
    ...(/^[a-zA-Z0-9_.-]+$/.test(name) ? [] : ['satisfy regular expression pattern: [a-zA-Z0-9_.-]+']),
    ...(name.length < NAME_LENGTH_MINIMUM ? [`have length greater than or equal to ${NAME_LENGTH_MINIMUM}`] : []),
    ...(name.length > NAME_LENGTH_LIMIT ? [`have length less than or equal to ${NAME_LENGTH_LIMIT}`] : []),
  ]
}

function checkedDefinition(input: CreateTableInput): TableDefinition {
  const { TableName: name, KeySchema: key, LocalSecondaryIndexes: locals, GlobalSecondaryIndexes: globals } = input
  const billing = input.BillingMode ?? 'PROVISIONED'
  checkNewThroughput(billing, input.ProvisionedThroughput)
  const attributeTypes = definedTypes(input.AttributeDefinitions)
  checkTableKey(key, attributeTypes)
  const names = new Set<string>()
  if (locals === undefined && globals === undefined) checkAllUsed(attributeTypes, key, [])
  if (locals !== undefined) checkLocalIndexes(locals, key, attributeTypes, names)
  if (globals !== undefined) {
    checkGlobalIndexes(globals, attributeTypes, names, (index) => checkNewIndexThroughput(billing, index))
  }
  const indexes = [...(locals ?? []), ...(globals ?? [])]
  if (indexes.length > 0) {
    const indexKeys = indexes.map(({ KeySchema }) => KeySchema)
    checkAllUsed(attributeTypes, key, indexKeys)
  }
  checkOnDemand(billing, input.OnDemandThroughput, undefined)
  const definitions = [
    ...(locals ?? []).map((index) => [index.IndexName, indexDefinition(index, { isLocal: true })] as const),
    ...(globals ?? []).map((index) => [index.IndexName, indexDefinition(index, { isLocal: false })] as const),
  ]
  return checkTableDefinition({
    name,
    key: key.map(({ AttributeName }) => AttributeName),
    indexes: Object.fromEntries(definitions),
    attributeTypes,
  })
}

function checkedSettings(context: ServiceContext, input: CreateTableInput): TableSettings {
  const { BillingMode: billing = 'PROVISIONED', ProvisionedThroughput: throughput, StreamSpecification: stream } = input
  const { GlobalSecondaryIndexes: globals = [], SSESpecification: encryption, ResourcePolicy: policy } = input
  if (stream?.StreamEnabled === true && stream.StreamViewType === undefined) throw validationError(STREAM_VIEW_NEEDED)
  if (stream?.StreamEnabled === false && stream.StreamViewType !== undefined) throw validationError(STREAM_VIEW_REFUSED)
  if (policy !== undefined) checkPolicy(policy)
  const now = context.clock.now()
  const hasStream = stream?.StreamEnabled === true
  return changedSettings(
    {},
    {
      billing,
      onDemandSince: billing === 'PAY_PER_REQUEST' ? now / 1000 : undefined,
      throughput: throughput && changedThroughput(undefined, throughput, now / 1000),
      onDemand: input.OnDemandThroughput,
      warm: input.WarmThroughput,
      indexes: globals.map((index) => [index.IndexName, keptIndexThroughput(index)] as const),
      stream: hasStream ? stream.StreamViewType : undefined,
      streamLabel: hasStream ? streamLabel(now) : undefined,
      kmsKeyArn: encryption && kmsKeyOf(context, encryption),
      tableClass: input.TableClass,
      isProtected: input.DeletionProtectionEnabled === true ? true : undefined,
      isUnfinishedSeed: context.isSeeding ? true : undefined,
      tags: input.Tags === undefined ? undefined : withTags([], input.Tags),
      policy: policy === undefined ? undefined : { text: policy, revision: nextRevision(undefined, now) },
    },
  )
}
