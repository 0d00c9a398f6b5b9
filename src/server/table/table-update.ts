/**
 * What one UpdateTable changes: DynamoDB takes one concern at a time, and each is checked against the table as it is. The
 * result is one change of the backend, or a refusal of which nothing was done.
 */
import type { DetailedTableDescription, TableChange } from '../../backend.js'
import { validationError } from '../aws-error.js'
import type { ServiceContext } from '../service-context.js'
import { billingOf, changedSettings, type DoorSettings, doorSettings } from './door-settings.js'
import { kmsKeyOf } from './encryption-rule.js'
import { IndexUpdates } from './index-update.js'
import { streamLabel } from './stream-label.js'
import type { BillingMode } from './table-input.js'
import {
  ENCRYPTED_ALREADY,
  SAME_KMS_KEY,
  STREAM_VIEW_NEEDED_IN_UPDATE,
  STREAM_VIEW_REFUSED_IN_UPDATE,
  sameUnits,
  streamExists,
  streamMissing,
  UNITS_NEEDED_FOR_SWITCH,
  UNITS_REFUSED,
} from './table-wording.js'
import { changedThroughput, checkOnDemand, isSameThroughput } from './throughput-rule.js'
import type { UpdateTableInput } from './update-request.js'

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
    const { indexes, ...change } = new IndexUpdates(this.#context, this.#table, this.#input).change()
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
}
