/**
 * What one UpdateTable changes of the global indexes of a table: one is added, or one goes, or throughputs of some become
 * others. Each is checked against the indexes there are.
 */
import type { DetailedTableDescription, IndexDescription, TableChange } from '../../backend.js'
import { GLOBAL_INDEX_LIMIT } from '../../model/index/index-rule.js'
import { checkTableDefinition } from '../../model/table/table-rule.js'
import { AwsError, validationError } from '../aws-error.js'
import type { ServiceContext } from '../service-context.js'
import { billingOf, type DoorSettings, doorSettings, type IndexSettings, indexSettings } from './door-settings.js'
import { checkGlobalIndex, indexDefinition } from './index-rule.js'
import { type DefinedTypes, definedTypes } from './key-rule.js'
import type { BillingMode, IndexInput, IndexThroughput } from './table-input.js'
import {
  definitionsMissing,
  INDEX_EXISTS,
  indexLimitReached,
  indexMissing,
  indexUnitsNeeded,
  indexUnitsRefusedInUpdate,
  notGlobal,
  redefined,
  sameUnits,
} from './table-wording.js'
import {
  changedThroughput,
  checkOnDemand,
  checkUnits,
  isSameThroughput,
  keptIndexThroughput,
} from './throughput-rule.js'
import { type IndexUpdate, oneAtOnce, type UpdateTableInput } from './update-request.js'

/** What becomes of the indexes themselves, and what is kept of them besides. */
export type IndexChange = Pick<TableChange, 'definition' | 'droppedIndex'> & Pick<DoorSettings, 'indexes'>

export class IndexUpdates {
  readonly #context: ServiceContext
  readonly #table: DetailedTableDescription
  readonly #input: UpdateTableInput
  readonly #before: DoorSettings
  /** How the table is paid for from now on. */
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
  change(): IndexChange {
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
