/** What may be said of throughput, by how a table is billed. Nothing is throttled by it; clients are told what they asked for. */
import { validationError } from '../aws-error.js'
import type { IndexSettings, KeptThroughput } from './door-settings.js'
import type { BillingMode, IndexInput, IndexThroughput, OnDemandThroughput, Throughput } from './table-input.js'
import {
  indexUnitsMissing,
  indexUnitsRefused,
  onDemandOutOfRange,
  onDemandRefused,
  UNITS_NEEDED,
  UNITS_REFUSED,
  unitsOutOfBounds,
} from './table-wording.js'

const UNIT_LIMIT = 1_000_000_000_000
const DAY_S = 86_400

/** @throws {AwsError} ValidationException */
export function checkNewThroughput(billing: BillingMode, throughput: Throughput | undefined): void {
  if (billing === 'PAY_PER_REQUEST') {
    if (throughput !== undefined) throw validationError(UNITS_REFUSED)
    return
  }
  if (throughput === undefined) throw validationError(UNITS_NEEDED)
  checkUnits(throughput)
}

export function checkUnits({ ReadCapacityUnits: reads, WriteCapacityUnits: writes }: Throughput): void {
  if (reads > UNIT_LIMIT) throw validationError(unitsOutOfBounds(reads, 'ReadCapacityUnits'))
  if (writes > UNIT_LIMIT) throw validationError(unitsOutOfBounds(writes, 'WriteCapacityUnits'))
}

/** Of an index that is created with its table. */
export function checkNewIndexThroughput(
  billing: BillingMode,
  { IndexName: name, ProvisionedThroughput: throughput, OnDemandThroughput: onDemand }: IndexInput,
): void {
  if (billing === 'PAY_PER_REQUEST' && throughput !== undefined) throw validationError(indexUnitsRefused(name))
  if (billing === 'PROVISIONED' && throughput === undefined) throw validationError(indexUnitsMissing(name))
  if (throughput !== undefined) checkUnits(throughput)
  checkOnDemand(billing, onDemand, name)
}

/** @param index Undefined for the table. */
export function checkOnDemand(
  billing: BillingMode,
  onDemand: OnDemandThroughput | undefined,
  index: string | undefined,
): void {
  if (onDemand === undefined) return
  for (const member of ['MaxReadRequestUnits', 'MaxWriteRequestUnits'] as const) {
    const units = onDemand[member]
    if (units === undefined) continue
    if (billing === 'PROVISIONED') throw validationError(onDemandRefused(member, index))
    // -1 stands for "no limit".
    if (units < 1 && units !== -1) throw validationError(onDemandOutOfRange(member, index))
  }
}

export function isSameThroughput(one: Throughput | undefined, other: Throughput): boolean {
  return one?.ReadCapacityUnits === other.ReadCapacityUnits && one.WriteCapacityUnits === other.WriteCapacityUnits
}

/** What is kept of a throughput, with when it was last raised and lowered. */
export function changedThroughput(
  before: KeptThroughput | undefined,
  { ReadCapacityUnits: reads, WriteCapacityUnits: writes }: Throughput,
  now: number,
): KeptThroughput {
  const units = { ReadCapacityUnits: reads, WriteCapacityUnits: writes }
  if (before === undefined) return units
  const isRaised = reads > before.ReadCapacityUnits || writes > before.WriteCapacityUnits
  const isLowered = reads < before.ReadCapacityUnits || writes < before.WriteCapacityUnits
  return {
    ...before,
    ...units,
    ...(isRaised && { increasedAt: now }),
    ...(isLowered && { decreasedAt: now, decreases: decreasesOf(before, now) + 1 }),
  }
}

/** How often it was lowered on the day of `now`; days are those of UTC. */
export function decreasesOf({ decreasedAt, decreases = 0 }: KeptThroughput, now: number): number {
  if (decreasedAt === undefined) return 0
  return Math.floor(decreasedAt / DAY_S) === Math.floor(now / DAY_S) ? decreases : 0
}

/** What is kept of an index's throughput. */
export function keptIndexThroughput(input: IndexThroughput): IndexSettings {
  const { ProvisionedThroughput: throughput, OnDemandThroughput: onDemand, WarmThroughput: warm } = input
  return {
    ...(throughput !== undefined && { throughput: changedThroughput(undefined, throughput, 0) }),
    ...(onDemand !== undefined && { onDemand }),
    ...(warm !== undefined && { warm }),
  }
}
