/**
 * What only the AWS door knows of a table: how it is billed, its tags, what it says about streams and encryption. Clients ask
 * for it and nothing here acts on it. It is kept with the table, in its record in the catalog; a table that was defined
 * natively has none of it, and is described as one that is paid for by request.
 *
 * Names that clients choose are never those of properties here, but the first of a pair.
 */
import type { TableSettings } from '../../backend.js'
import type { BillingMode, OnDemandThroughput, StreamViewType, Throughput, WarmThroughput } from './table-input.js'

/** Of times, seconds since 1970. */
export interface KeptThroughput extends Throughput {
  readonly increasedAt?: number
  readonly decreasedAt?: number
  /** On the day of the last one. */
  readonly decreases?: number
}

export interface IndexSettings {
  readonly throughput?: KeptThroughput
  readonly onDemand?: OnDemandThroughput
  readonly warm?: WarmThroughput
}

export interface DoorSettings {
  /** @default 'PAY_PER_REQUEST' */
  readonly billing?: BillingMode
  /** When it was last switched to payment by request, if ever. */
  readonly onDemandSince?: number
  readonly throughput?: KeptThroughput
  readonly onDemand?: OnDemandThroughput
  readonly warm?: WarmThroughput
  readonly indexes?: readonly (readonly [name: string, settings: IndexSettings])[]
  /** The view of the stream that is enabled. */
  readonly stream?: StreamViewType
  /** Of the last stream that was enabled: it is known even when it ended. */
  readonly streamLabel?: string
  /** The key of the encryption that was asked for. */
  readonly kmsKeyArn?: string
  readonly tableClass?: string
  readonly tableClassChangedAt?: number
  readonly isProtected?: boolean
  /** Of a table to begin with, until all its items are stored: see seed.ts. */
  readonly isUnfinishedSeed?: true
  readonly tags?: readonly (readonly [key: string, value: string])[]
  readonly policy?: { readonly text: string; readonly revision: string }
  /** Where contributor insights were asked for: an index, or null for the table. */
  readonly insights?: readonly (readonly [index: string | null, mode: string, since: number])[]
}

/** Nobody else writes them, so they are what was written. */
export function doorSettings({ settings }: { readonly settings: TableSettings }): DoorSettings {
  return settings as DoorSettings
}

/** The same with some of it changed; undefined takes away. */
export function changedSettings(
  settings: DoorSettings,
  changes: { readonly [Name in keyof DoorSettings]?: DoorSettings[Name] | undefined },
): TableSettings {
  return Object.fromEntries(Object.entries({ ...settings, ...changes }).filter(([, value]) => value !== undefined))
}

export function indexSettings({ indexes = [] }: DoorSettings, name: string): IndexSettings {
  return indexes.find(([other]) => other === name)?.[1] ?? {}
}

export function billingOf({ billing = 'PAY_PER_REQUEST' }: DoorSettings): BillingMode {
  return billing
}
