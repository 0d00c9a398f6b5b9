/**
 * What one UpdateTable changes: DynamoDB takes one concern at a time, and each is checked against the table as it is. The
 * result is one change of the backend, or a refusal of which nothing was done.
 */
import type { DetailedTableDescription, IndexDescription, TableChange } from '../../backend.js'
import { GLOBAL_INDEX_LIMIT } from '../../model/index/index-rule.js'
import { checkTableDefinition } from '../../model/table/table-rule.js'
import { AwsError, validationError } from '../aws-error.js'
import type { Members } from '../performer.js'
import type { ServiceContext } from '../service-context.js'
import { unsupported } from '../unsupported.js'
import {
  billingOf,
  changedSettings,
  type DoorSettings,
  doorSettings,
  type IndexSettings,
  indexSettings,
} from './door-settings.js'
import { kmsKeyOf } from './encryption-rule.js'
import { checkGlobalIndex, indexDefinition } from './index-rule.js'
import { type DefinedTypes, definedTypes } from './key-rule.js'
import { streamLabel } from './stream-label.js'
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
  definitionsMissing,
  ENCRYPTED_ALREADY,
  emptyList,
  INDEX_AND_STREAM,
  INDEX_EXISTS,
  IOPS_AND_INDEX,
  IOPS_AND_STREAM,
  indexLimitReached,
  indexMissing,
  indexUnitsNeeded,
  indexUnitsRefusedInUpdate,
  NO_INDEX_ACTION,
  notGlobal,
  nothingToUpdate,
  ON_DEMAND_NOT_ALONE,
  ONE_INDEX_AT_ONCE,
  onlyOperation,
  redefined,
  SAME_KMS_KEY,
  SEVERAL_INDEX_ACTIONS,
  STREAM_VIEW_NEEDED_IN_UPDATE,
  STREAM_VIEW_REFUSED_IN_UPDATE,
  sameUnits,
  severalUpdates,
  streamExists,
  streamMissing,
  UNITS_NEEDED_FOR_SWITCH,
  UNITS_REFUSED,
} from './table-wording.js'
import {
  changedThroughput,
  checkOnDemand,
  checkUnits,
  isSameThroughput,
  keptIndexThroughput,
} from './throughput-rule.js'

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

function oneAtOnce(): AwsError {
  return new AwsError('LimitExceededException', ONE_INDEX_AT_ONCE)
}

/** The change of one table that a request asks for. */
export class TableUpdate {
  readonly #context: ServiceContext
  readonly #table: DetailedTableDescription
  readonly #input: UpdateTableInput
  readonly #before: DoorSettings
  readonly #billing: BillingMode
  readonly #now: number

  constructor(context: ServiceContext, table: DetailedTableDescription, input: UpdateTableInput) {
    this.#context = context
    this.#table = table
    this.#input = input
    this.#before = doorSettings(table)
    this.#billing = input.BillingMode ?? billingOf(this.#before)
    this.#now = context.clock.now() / 1000
  }

  /** @throws {AwsError} */
  change(): TableChange {
    const settings = {
      ...this.#throughput(),
      ...this.#stream(),
      ...this.#encryption(),
      ...this.#class(),
      ...this.#protection(),
    }
    const { indexes, ...change } = this.#indexes()
    const all = { ...settings, ...(indexes !== undefined && { indexes }) }
    return { ...change, settings: changedSettings(this.#before, all) }
  }

  #throughput(): DoorSettings {
    const {
      BillingMode: mode,
      ProvisionedThroughput: units,
      OnDemandThroughput: onDemand,
      WarmThroughput: warm,
    } = this.#input
    const isOnDemand = this.#billing === 'PAY_PER_REQUEST'
    if (isOnDemand && units !== undefined) throw validationError(UNITS_REFUSED)
    if (mode === 'PROVISIONED' && units === undefined) throw validationError(UNITS_NEEDED_FOR_SWITCH)
    checkOnDemand(this.#billing, onDemand, undefined)
    const { throughput } = this.#before
    const switches = this.#billing !== billingOf(this.#before)
    const hasUpdates = this.#input.GlobalSecondaryIndexUpdates !== undefined
    if (units !== undefined && !switches && !hasUpdates && isSameThroughput(throughput, units)) {
      throw validationError(sameUnits('table', units))
    }
    return {
      ...(mode !== undefined && { billing: mode }),
      ...(switches && isOnDemand && { onDemandSince: this.#now }),
      ...(units !== undefined && {
        throughput: changedThroughput(switches ? undefined : throughput, units, this.#now),
      }),
      ...(onDemand !== undefined && { onDemand: { ...this.#before.onDemand, ...onDemand } }),
      ...(warm !== undefined && { warm: { ...this.#before.warm, ...warm } }),
    }
  }

  #stream(): { readonly stream?: DoorSettings['stream'] | undefined; readonly streamLabel?: string } {
    const { StreamSpecification: wanted } = this.#input
    if (wanted === undefined) return {}
    const { stream } = this.#before
    if (!wanted.StreamEnabled) {
      if (wanted.StreamViewType !== undefined) throw validationError(STREAM_VIEW_REFUSED_IN_UPDATE)
      if (stream === undefined) throw validationError(streamMissing(this.#table.name))
      return { stream: undefined }
    }
    if (wanted.StreamViewType === undefined) throw validationError(STREAM_VIEW_NEEDED_IN_UPDATE)
    if (stream !== undefined) throw validationError(streamExists(this.#table.name))
    return { stream: wanted.StreamViewType, streamLabel: streamLabel(this.#context.clock.now()) }
  }

  #encryption(): { readonly kmsKeyArn?: string | undefined } {
    const { SSESpecification: wanted } = this.#input
    if (wanted === undefined) return {}
    const kmsKeyArn = kmsKeyOf(this.#context, wanted)
    const { kmsKeyArn: known } = this.#before
    if (kmsKeyArn === undefined && known === undefined) throw validationError(ENCRYPTED_ALREADY)
    if (known !== undefined && wanted.KMSMasterKeyId === known) throw validationError(SAME_KMS_KEY)
    return { kmsKeyArn }
  }

  #class(): DoorSettings {
    const { TableClass: wanted } = this.#input
    const { tableClass } = this.#before
    if (wanted === undefined || wanted === (tableClass ?? 'STANDARD')) return {}
    return { tableClass: wanted, tableClassChangedAt: this.#now }
  }

  #protection(): { readonly isProtected?: true | undefined } {
    const { DeletionProtectionEnabled: wanted } = this.#input
    return wanted === undefined ? {} : { isProtected: wanted ? true : undefined }
  }

  // ── Indexes ─────────────────────────────────────────────────────────────────────────────────────────────────────

  #indexes(): Pick<TableChange, 'definition' | 'droppedIndex'> & Pick<DoorSettings, 'indexes'> {
    const { GlobalSecondaryIndexUpdates: updates = [] } = this.#input
    const settings = new Map<string, IndexSettings>(this.#before.indexes)
    let change: Pick<TableChange, 'definition' | 'droppedIndex'> = {}
    for (const { Create, Update, Delete } of updates) {
      if (Create !== undefined) {
        change = { definition: this.#added(Create) }
        settings.set(Create.IndexName, keptIndexThroughput(Create))
      } else if (Update !== undefined) {
        settings.set(Update.IndexName, this.#updatedIndex(Update))
      } else if (Delete !== undefined) {
        const { name } = this.#globalIndex(Delete.IndexName, 'delete')
        change = { droppedIndex: name }
        settings.delete(name)
      }
    }
    this.#checkSwitch(updates)
    return { ...change, ...(updates.length > 0 && { indexes: [...settings] }) }
  }

  /** An index that is there, and global. */
  #globalIndex(name: string, deed: 'delete' | 'update'): IndexDescription {
    const index = this.#table.indexes.find((other) => other.name === name)
    if (index === undefined) throw new AwsError('ResourceNotFoundException', indexMissing(name))
    if (index.local) throw validationError(notGlobal(name, deed))
    if (deed === 'delete' && this.#isUnderWay(index.name)) throw oneAtOnce()
    return index
  }

  /** Whether another index than this one is being built, or any is said to be under way. */
  #isUnderWay(name: string | undefined): boolean {
    const { id, indexes } = this.#table
    const isBuilding = indexes.some((index) => index.name !== name && index.status === 'BUILDING')
    return isBuilding || this.#context.transitions.hasIndexes(this.#table.name, id)
  }

  #added(index: IndexInput): NonNullable<TableChange['definition']> {
    const { name, key, indexes } = this.#table
    if (indexes.some((other) => other.name === index.IndexName)) throw validationError(INDEX_EXISTS)
    if (this.#isUnderWay(undefined)) throw oneAtOnce()
    const { AttributeDefinitions: definitions } = this.#input
    if (definitions === undefined) throw validationError(definitionsMissing(index.IndexName))
    const types = definedTypes(definitions)
    checkGlobalIndex(index, types)
    this.#checkNotRedefined(index, types)
    this.#checkIndexUnits(index.IndexName, index, 'is added')
    if (indexes.filter(({ local }) => !local).length >= GLOBAL_INDEX_LIMIT) {
      throw new AwsError('LimitExceededException', indexLimitReached(GLOBAL_INDEX_LIMIT))
    }
    // Definitions that no key of the index uses are left alone: DynamoDB drops them.
    const used = new Set(index.KeySchema.map(({ AttributeName }) => AttributeName))
    return checkTableDefinition({
      ...{ name, key },
      indexes: Object.fromEntries([[index.IndexName, indexDefinition(index, { isLocal: false })]]),
      attributeTypes: new Map([...types].filter(([attribute]) => used.has(attribute))),
    })
  }

  #checkNotRedefined({ KeySchema }: IndexInput, types: DefinedTypes): void {
    const { key, keyTypes, indexes } = this.#table
    const known = [
      ...key.map((name, i) => ({ name, type: keyTypes[i], role: i === 0 ? 'HASH' : 'RANGE' })),
      ...indexes.flatMap((index) =>
        index.key.map((name, i) => ({
          ...{ name, type: index.keyTypes[i] },
          role: i < index.partition.length ? 'HASH' : 'RANGE',
        })),
      ),
    ]
    for (const { AttributeName: attribute, KeyType: role } of KeySchema) {
      const type = types.get(attribute)
      const other = known.find(
        ({ name, type: theirs }) => name === attribute && theirs !== undefined && theirs !== type,
      )
      if (other === undefined) continue
      throw validationError(redefined(`${attribute}:${other.type}:${other.role}`, `${attribute}:${type}:${role}`))
    }
  }

  #updatedIndex(update: IndexThroughput & { readonly IndexName: string }): IndexSettings {
    const { IndexName: name, ProvisionedThroughput: units, OnDemandThroughput: onDemand, WarmThroughput: warm } = update
    this.#globalIndex(name, 'update')
    this.#checkIndexUnits(name, update, 'is changed')
    const before = indexSettings(this.#before, name)
    const switches = this.#billing !== billingOf(this.#before)
    if (units !== undefined && !switches && isSameThroughput(before.throughput, units)) {
      throw validationError(sameUnits(`index ${name}`, units))
    }
    return {
      ...before,
      ...(units !== undefined && { throughput: changedThroughput(before.throughput, units, this.#now) }),
      ...(onDemand !== undefined && { onDemand: { ...before.onDemand, ...onDemand } }),
      ...(warm !== undefined && { warm: { ...before.warm, ...warm } }),
    }
  }

  #checkIndexUnits(
    name: string,
    { ProvisionedThroughput: units, OnDemandThroughput: onDemand }: IndexThroughput,
    when: 'is added' | 'is changed',
  ): void {
    if (this.#billing === 'PAY_PER_REQUEST' && units !== undefined)
      throw validationError(indexUnitsRefusedInUpdate(name))
    if (this.#billing === 'PROVISIONED' && units === undefined && when === 'is added') {
      throw validationError(indexUnitsNeeded(name))
    }
    if (units !== undefined) checkUnits(units)
    checkOnDemand(this.#billing, onDemand, name)
  }

  /** Who begins to pay for units says how many, for each index. */
  #checkSwitch(updates: readonly IndexUpdate[]): void {
    if (this.#billing !== 'PROVISIONED' || billingOf(this.#before) === 'PROVISIONED') return
    const given = new Set(updates.flatMap(({ Update }) => (Update?.ProvisionedThroughput ? [Update.IndexName] : [])))
    const missing = this.#table.indexes.find(({ name, local }) => !local && !given.has(name))
    if (missing !== undefined) throw validationError(indexUnitsNeeded(missing.name))
  }
}
