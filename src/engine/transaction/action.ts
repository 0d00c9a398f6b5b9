/** What a transaction is to do with one item, and what comes of it at the moment when it commits. */
import type { ItemImages } from '../../backend.js'
import { type CancellationReason, UniqueIndexException, ValidationException } from '../../errors.js'
import type { ItemChange } from '../../model/expression/item-change.js'
import type { Predicate } from '../../model/expression/predicate.js'
import type { Item } from '../../model/item/item.js'
import type { KeyValues } from '../../model/key/key-schema.js'
import { validatedUpdate } from '../../model/schema/validated-update.js'
import type { TableState } from '../catalog/table-state.js'
import { encodeUpdatedItem, encodeValidatedItem, type ItemWrite, keyItem, type NewItem } from '../commit/item-write.js'
import { liveItem } from '../commit/stored-item.js'
import { needsOldItem } from '../commit/write-item.js'
import type { EngineContext } from '../context.js'
import { conditionHolds } from '../operation/condition-check.js'

/** Where an item is. */
export interface Address {
  readonly table: TableState
  readonly key: KeyValues
  readonly primaryKey: string
}

/** What a transaction is to do with one item. */
export interface Action extends Address {
  readonly kind: 'put' | 'update' | 'delete' | 'check'
  readonly condition: Predicate | undefined
  readonly returnsOld: boolean
  /** Of a put. */
  readonly next: NewItem | undefined
  /** Of an update. */
  readonly change: ItemChange | undefined
  readonly validate: ((item: Item) => Item) | undefined
  /** To be filled in when it is done. */
  readonly images: ItemImages | undefined
}

/** By which an item is told from all others. */
export function nameOf({ table, primaryKey }: Omit<Address, 'key'>): string {
  return `${table.tree}/${primaryKey}`
}

/** Whether an action can be done, and what it writes. */
export function evaluate(
  context: EngineContext,
  action: Action,
): { readonly reason?: CancellationReason; readonly write?: ItemWrite } {
  try {
    return evaluated(context, action)
  } catch (failure) {
    const reason = reasonFor(failure)
    if (reason === undefined) throw failure
    return { reason }
  }
}

function evaluated(
  context: EngineContext,
  action: Action,
): { readonly reason?: CancellationReason; readonly write?: ItemWrite } {
  const { storage, clock, codec } = context
  const { kind, table, key, primaryKey, condition, returnsOld, images } = action
  const isAsked = condition !== undefined || images !== undefined
  const isBlind = kind === 'put' && !isAsked && !needsOldItem(context, table)
  const oldBytes = isBlind ? undefined : storage.head(table.tree, primaryKey)
  const now = clock.now()
  if (condition !== undefined && !conditionHolds(condition, liveItem(codec, table, oldBytes, now))) {
    const item = returnsOld ? liveItem(codec, table, oldBytes, now) : undefined
    const reason = { code: 'ConditionalCheckFailed', message: 'The conditional request failed' } as const
    return { reason: item === undefined ? reason : { ...reason, item } }
  }
  if (kind === 'check' && images === undefined) return {}
  if (kind === 'delete' && oldBytes === undefined) return {}
  const next = kind === 'update' ? updatedItem(context, action, oldBytes, now) : action.next
  // A check has none; it is only for who asks what there was.
  const type = kind === 'check' ? 'delete' : kind
  return { write: { type, table, key, primaryKey, oldBytes, next } }
}

/** What an update makes of an item. */
export function updatedItem(
  context: EngineContext,
  { table, key, primaryKey, change, validate }: Action,
  oldBytes: Uint8Array | undefined,
  now: number,
): NewItem {
  const { codec } = context
  const readStored = () => liveItem(codec, table, oldBytes, now)
  const updated = change!.apply(readStored(), keyItem(table, key))
  if (validate === undefined) return encodeUpdatedItem(context, updated)
  return encodeValidatedItem(context, { table, key, primaryKey }, validatedUpdate(validate, updated, readStored))
}

/** What is wrong with one action alone is its reason; anything else is the whole transaction's failure. */
export function reasonFor(failure: unknown): CancellationReason | undefined {
  if (failure instanceof UniqueIndexException)
    return { code: 'DuplicateItem', message: failure.message, cause: failure }
  if (failure instanceof ValidationException)
    return { code: 'ValidationError', message: failure.message, cause: failure }
  return undefined
}
