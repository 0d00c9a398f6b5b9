/**
 * What a change of an item changes in one index: entries to remove and to add, and what its keys teach about types. It is
 * derived from the item that is stored, never from what a caller believes to be there. An entry of a covering index is
 * written anew whenever the bytes of its item are others, wherever its key stays.
 *
 * A unique index refuses an entry that another item has. The holder is looked up as the next commit will find it, queued
 * commits included, so of two writers who want the same key at the same time the first has it. A holder whose time is over
 * is nobody's any more: it is removed, as an expiry, before the new one is stored. In a transaction a key is free that its
 * holder gives up in the same transaction, later perhaps; so whoever gives one up leaves the entry if it is another's by then.
 */
import { CorruptionError, UniqueIndexException, ValidationException } from '../../errors.js'
import { indexDelta } from '../../model/index/index-delta.js'
import { type IndexEntry, indexEntry, primaryKeyOfEntry, storedValue } from '../../model/index/index-entry.js'
import {
  type IndexKeySchema,
  type IndexKeyValues,
  indexKeyOf,
  indexKeysIfValid,
  indexKeysOf,
  indexTypesLearned,
} from '../../model/index/index-key.js'
import type { Item } from '../../model/item/item.js'
import type { Write } from '../../storage/tree/write.js'
import type { IndexState, TableState } from '../catalog/table-state.js'
import type { EngineContext } from '../context.js'
import { isExpiredItem, keyAttributes } from './stored-item.js'

/** What stands under a key once everything is committed that comes before. */
export type Head = (tree: number, key: string) => Uint8Array | undefined

/** The item that has an entry of a unique index. */
export interface Holder {
  readonly primaryKey: string
  readonly bytes: Uint8Array
}

/** The keys of unique indexes that the items of a transaction have before it and not afterwards. */
export interface Releases {
  has(index: IndexState, entryKey: string, primaryKey: string): boolean
}

/** A change of an item, and what has been planned of it so far. */
export interface IndexChange {
  readonly primaryKey: string
  /** What is stored now; its indexed attributes are enough, as they are of `newItem`. */
  readonly oldItem: Item | undefined
  readonly newItem: Item | undefined
  /** What is stored now and what is to be: covering indexes have it. */
  readonly oldBytes: Uint8Array | undefined
  readonly newBytes: Uint8Array | undefined
  readonly head: Head
  /** Of a transaction. */
  readonly releases: Releases | undefined
  readonly writes: Write[]
  /** Items that have expired and have keys that the new item is to have: to be removed first. */
  readonly expired: Holder[]
}

const NO_ENTRIES: readonly IndexEntry[] = Object.freeze([])

/**
 * Adds what changes in the index to what is planned, and returns the index's key with the types that are known by now.
 *
 * @throws {ValidationException} When an attribute that is an index's key can't be one.
 * @throws {UniqueIndexException} When another item has the key.
 */
export function planIndex(
  context: EngineContext,
  table: TableState,
  index: IndexState,
  change: IndexChange,
): IndexKeySchema {
  const { oldItem, newItem } = change
  if (index.definition.multi !== undefined) return planElements(context, table, index, change)
  // Nearly all indexes: one entry at most, and no lists of them.
  const newKey = newItem && indexKeyOf(index, newItem)
  const { isCovering } = index.definition
  if (oldItem !== undefined && newItem !== undefined && hasSameValues(index, oldItem, newItem)) {
    const isCopy = !isCovering || newKey === undefined || hasSameBytes(change)
    if (isCopy) return newKey === undefined ? index.key : indexTypesLearned(index.key, newKey)
  }
  const oldEntry = oldItem && entryIfValid(context, index, oldItem, change.primaryKey)
  const newEntry = newKey && indexEntry(index, context.keys, newKey, change.primaryKey)
  if (oldEntry?.key !== newEntry?.key) {
    if (oldEntry !== undefined) removeEntry(index, oldEntry, change)
    if (newEntry !== undefined) addEntry(context, table, index, newEntry, newKey!, change)
  } else if (newEntry !== undefined && isCovering) {
    // Where the key stays the copy does not.
    change.writes.push(entryWrite(index, newEntry, change.newBytes!))
  }
  return newKey === undefined ? index.key : indexTypesLearned(index.key, newKey)
}

/** The same of an index with an entry for each element. */
function planElements(
  context: EngineContext,
  table: TableState,
  index: IndexState,
  change: IndexChange,
): IndexKeySchema {
  const { oldItem, newItem, primaryKey } = change
  const newKeys = newItem === undefined ? [] : indexKeysOf(index, newItem)
  const newEntries = newKeys.map((values) => indexEntry(index, context.keys, values, primaryKey))
  const oldEntries = oldItem === undefined ? NO_ENTRIES : entriesIfValid(context, index, oldItem, primaryKey)
  const { removed, added } = indexDelta(oldEntries, newEntries)
  for (const entry of removed) removeEntry(index, entry, change)
  for (const entry of added) {
    addEntry(context, table, index, entry, () => newKeys[newEntries.indexOf(entry)]!, change)
  }
  return newKeys.length === 0 ? index.key : indexTypesLearned(index.key, newKeys[0]!)
}

function removeEntry(index: IndexState, entry: IndexEntry, { head, releases, writes }: IndexChange): void {
  if (isOwn(index, entry, head, releases)) writes.push({ tree: index.tree, key: entry.key, value: undefined })
}

function addEntry(
  context: EngineContext,
  table: TableState,
  index: IndexState,
  entry: IndexEntry,
  values: IndexKeyValues | (() => IndexKeyValues),
  { primaryKey, newBytes, head, releases, writes, expired }: IndexChange,
): void {
  const holder = index.definition.isUnique ? holderOf(table, index, entry, head) : undefined
  const isTaken = holder !== undefined && holder.primaryKey !== primaryKey
  if (isTaken && releases?.has(index, entry.key, holder.primaryKey) !== true) {
    const { codec, clock } = context
    // One that is over, but that the same transaction writes, can't be removed before it is there.
    const isGone = isExpiredItem(codec, table, holder.bytes, clock.now()) && isStored(context, table, holder)
    if (!isGone) {
      const key = indexKeyItem(index, typeof values === 'function' ? values() : values)
      throw new UniqueIndexException(table.name, index.name, key, keyAttributes(codec, table, holder.bytes))
    }
    expired.push(holder)
  }
  writes.push(entryWrite(index, entry, newBytes!))
}

function entryIfValid(
  { keys }: Pick<EngineContext, 'keys'>,
  index: IndexState,
  item: Item,
  primaryKey: string,
): IndexEntry | undefined {
  try {
    const values = indexKeyOf(index, item)
    return values && indexEntry(index, keys, values, primaryKey)
  } catch (failure) {
    if (failure instanceof ValidationException) return undefined
    throw failure
  }
}

/** The entries of a stored item: none where it has no valid key. */
export function entriesIfValid(
  { keys }: Pick<EngineContext, 'keys'>,
  index: IndexState,
  item: Item,
  primaryKey: string,
): readonly IndexEntry[] {
  return indexKeysIfValid(index, item).map((values) => indexEntry(index, keys, values, primaryKey))
}

/** @param item The item's bytes, of which a covering index has a copy. */
export function entryWrite({ tree, definition }: IndexState, entry: IndexEntry, item: Uint8Array): Write {
  return { tree, key: entry.key, value: storedValue(definition, entry, item) }
}

/** The item that has a unique index's entry, if there is one. */
export function holderOf(table: TableState, index: IndexState, entry: IndexEntry, head: Head): Holder | undefined {
  const value = head(index.tree, entry.key)
  if (value === undefined) return undefined
  const primaryKey = primaryKeyOfEntry(index.definition, entry.key, Buffer.from(value).toString('latin1'))
  const bytes = head(table.tree, primaryKey)
  if (bytes !== undefined) return { primaryKey, bytes }
  throw new CorruptionError(`index ${table.name}.${index.name}`, 0, 'an entry stands for an item that is not there')
}

function isStored({ storage }: EngineContext, { tree }: TableState, { primaryKey, bytes }: Holder): boolean {
  const stored = storage.head(tree, primaryKey)
  return stored !== undefined && Buffer.compare(stored, bytes) === 0
}

/**
 * While a unique index is built, the entry of an item that it has not come to may be another item's; and in a transaction
 * that of an item may have been taken by one that was written before it.
 */
function isOwn(index: IndexState, entry: IndexEntry, head: Head, releases: Releases | undefined): boolean {
  if (!index.definition.isUnique || (index.status === 'ACTIVE' && releases === undefined)) return true
  const value = head(index.tree, entry.key)
  return value !== undefined && Buffer.from(value).toString('latin1') === entry.value
}

/** Whether nothing changes: most writes leave the attributes of an index as they are. */
function hasSameValues({ key }: IndexState, oldItem: Item, newItem: Item): boolean {
  for (const { name } of key.partition) if (oldItem[name] !== newItem[name]) return false
  for (const { name } of key.sort) if (oldItem[name] !== newItem[name]) return false
  return true
}

/** Whether the item stays as it is, byte by byte. */
function hasSameBytes({ oldBytes, newBytes }: IndexChange): boolean {
  return oldBytes !== undefined && newBytes !== undefined && Buffer.compare(oldBytes, newBytes) === 0
}

/** The values of an index's key, by the names of their attributes. */
export function indexKeyItem({ key }: Pick<IndexState, 'key'>, { partition, sort }: IndexKeyValues): Item {
  const pairs = [
    ...key.partition.map(({ name }, i) => [name, partition[i]] as const),
    ...key.sort.map(({ name }, i) => [name, sort[i]] as const),
  ]
  return Object.fromEntries(pairs)
}
