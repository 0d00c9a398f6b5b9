/**
 * A transaction of the embedded engine: what is to be written is gathered, what is read is remembered, and at the end
 * all of it becomes commits in one frame of the log, or nothing does.
 *
 * Its reads see one moment and its own writes. Committing is one turn of the event loop, in which nothing else happens:
 * everything that was read is still as it was, every condition holds for the item that the next commit finds, every
 * change can be stored - then it is queued; so it is as if the whole transaction had run in that turn.
 */

import type {
  BackendTransaction,
  CheckRequest,
  DeleteRequest,
  GetRequest,
  ItemImages,
  KeyRequest,
  PutRequest,
  ReadRequest,
  UpdateRequest,
  WriteRequest,
} from '../../backend.js'
import { nextTurn } from '../../base/turn.js'
import {
  type CancellationReason,
  ResourceNotFoundException,
  TransactionCanceledException,
  UniqueIndexException,
  ValidationException,
} from '../../errors.js'
import { compileItemChange, ItemChange } from '../../model/expression/item-change.js'
import type { Predicate } from '../../model/expression/predicate.js'
import { compileProjection } from '../../model/expression/projection.js'
import { COPY_OFFSET } from '../../model/index/index-entry.js'
import { copyValue } from '../../model/item/copy.js'
import type { Item } from '../../model/item/item.js'
import { isPlainObject } from '../../model/item/plain-object.js'
import { checkKey, checkKeyTypes, type KeyValues, keyOf } from '../../model/key/key-schema.js'
import type { BulkTransaction } from '../../storage/log/commit.js'
import { RecordedTrees } from '../../storage/recorded-trees.js'
import { Memtable } from '../../storage/tree/memtable.js'
import type { Write } from '../../storage/tree/write.js'
import { type IndexState, indexedAttributes, keyNames, type TableState } from '../catalog/table-state.js'
import { decodeIndexed } from '../commit/plan-index.js'
import { isExpiredItem, liveItem } from '../commit/stored-item.js'
import {
  encodeNewItem,
  encodeUpdatedItem,
  type ItemWrite,
  keyItem,
  type NewItem,
  NO_CHANGE,
  needsOldItem,
  newShapes,
  notifierOf,
  ORIGINS,
  planWrite,
} from '../commit/write-item.js'
import type { EngineContext } from '../context.js'
import { compileCondition, conditionHolds } from '../operation/condition-check.js'
import { readPage } from '../operation/read-page.js'
import type { KeptAnswers } from './kept-answers.js'
import { ReleasedEntries } from './released-entries.js'

/** What DynamoDB takes; a transaction whose tables need not be portable takes more. */
const ACTION_LIMIT = 100
const BYTE_LIMIT = 4 * 1024 * 1024
const OWN_ACTION_LIMIT = 10_000
const OWN_BYTE_LIMIT = 32 * 1024 * 1024

const NONE: CancellationReason = Object.freeze({ code: 'None' })

/** Where an item is. */
interface Address {
  readonly table: TableState
  readonly key: KeyValues
  readonly primaryKey: string
}

/** What a transaction is to do with one item. */
interface Action extends Address {
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

interface Plan {
  readonly transactions: readonly BulkTransaction[]
  /** What is done, and for whom. */
  readonly done: readonly { readonly action: Action; readonly write: ItemWrite }[]
  /** Takes back what planning has learned, when nothing comes of it. */
  readonly forget: () => void
}

/** An action, or a read: which have reasons of their own in their order. */
type Step = Action | 'read'

export class LocalTransaction implements BackendTransaction {
  readonly #context: EngineContext
  readonly #answers: KeptAnswers
  readonly #steps: Step[] = []
  readonly #addressed = new Set<string>()
  /** What the transaction writes, as far as it is known before the end: above everything that it reads, if it reads. */
  readonly #own = new OwnWrites()
  #trees: RecordedTrees | undefined
  /** Indexes that had all their entries when the moment was taken. */
  #complete: ReadonlySet<number> = new Set()
  /** Updates whose outcome is not known yet: it takes reading the item. */
  readonly #unread = new Map<string, Action>()
  #byteLength = 0
  /** Whether it writes to a table that is: then it has DynamoDB's limits. */
  #isPortable = false
  /** Those that it has read. */
  readonly #readTables = new Set<TableState>()
  readonly #readIndexes = new Set<IndexState>()
  /** When the moment was, in milliseconds since 1970: what had not expired then does not expire for the reads. */
  #momentAt = 0

  constructor(context: EngineContext, answers: KeptAnswers) {
    this.#context = context
    this.#answers = answers
  }

  put(request: PutRequest): void {
    const { catalog, keys } = this.#context
    const table = catalog.get(request.table)
    const validated = request.validate === undefined ? request.item : request.validate(request.item)
    // Read once: an attribute that is computed may answer differently the next time.
    const item = isPlainObject(validated) ? { ...validated } : validated
    const next = encodeNewItem(this.#context, item)
    const key = ownKey(keyOf(table.key, item))
    const primaryKey = keys.primaryKey(key)
    this.#add('put', request, { table, key, primaryKey }, next)
    this.#own.set(table.tree, primaryKey, next.bytes)
  }

  update(request: UpdateRequest): void {
    const address = this.#address(request)
    const change = compileItemChange(ownUpdate(request.update), keyNames(address.table.key))
    const { condition, validate, returns, images, returnOld = returns === 'old' } = request
    const action = this.#add('update', { condition, validate, returnOld, images }, address, undefined, change)
    this.#unread.set(nameOf(action), action)
  }

  delete(request: DeleteRequest): void {
    const address = this.#address(request)
    this.#add('delete', request, address)
    this.#own.set(address.table.tree, address.primaryKey, undefined)
  }

  check(request: CheckRequest): void {
    const address = this.#address(request)
    this.#add('check', request, address)
  }

  async get(request: GetRequest): Promise<Item | undefined> {
    this.#steps.push('read')
    const projection = compileProjection(request.select)
    const { table, primaryKey } = this.#address(request)
    this.#readTables.add(table)
    const trees = this.#moment()
    const unread = this.#unread.get(nameOf({ table, primaryKey }))
    if (unread !== undefined) this.#readForUpdate(unread, trees)
    const item = liveItem(this.#context.codec, table, trees.get(table.tree, primaryKey), this.#momentAt)
    return item && projection.project(item)
  }

  async query(request: ReadRequest, limit: number | undefined): Promise<Item[]> {
    this.#steps.push('read')
    const table = this.#context.catalog.get(request.table)
    this.#readTables.add(table)
    const trees = this.#moment()
    if (request.index !== undefined) this.#checkIndex(table, request.index)
    for (const action of [...this.#unread.values()]) if (action.table === table) this.#readForUpdate(action, trees)
    const items: Item[] = []
    const context = { ...this.#context, clock: { now: () => this.#momentAt } }
    let cursor: string | undefined
    for (;;) {
      const left = limit === undefined ? undefined : limit - items.length
      const page = { limit: left, cursor, countOnly: false, holds: false, endsAtLimit: true }
      const found = await readPage(context, request, page, { trees })
      for (const item of found.items) items.push(item)
      cursor = found.cursor
      if (cursor === undefined || items.length === limit) return items
      await nextTurn()
    }
  }

  async answered(token: string): Promise<{ readonly answer: unknown } | undefined> {
    const known = this.#answers.find(token)
    if (known !== undefined) await this.#context.storage.settled()
    return known
  }

  async commit(answer: unknown, token?: string): Promise<unknown> {
    const { storage } = this.#context
    // What was read is of one moment, and so true for the whole of it.
    if (this.#addressed.size === 0 && token === undefined) return answer
    storage.checkWritable()
    const known = token === undefined ? undefined : this.#answers.find(token)
    if (known !== undefined) {
      await storage.settled()
      return known.answer
    }
    const keeping = token === undefined ? undefined : this.#answers.keep(token, answer, this.#tables())
    const plan = this.#plan(keeping?.writes ?? [])
    if ('reasons' in plan) {
      // What it was refused for may be queued only: to tell of it would be a lie if it were lost.
      await storage.settled()
      throw new TransactionCanceledException(plan.reasons)
    }
    // What it looked at may be queued only.
    if (plan.transactions.length === 0) await storage.settled()
    const committed = this.#queue(plan)
    keeping?.queued()
    await committed
    this.#fillImages(plan)
    return answer
  }

  end(): void {
    this.#trees?.release()
    this.#trees = undefined
  }

  #queue({ transactions, forget }: Plan): Promise<void> {
    try {
      return this.#context.storage.commitTogether(transactions)
    } catch (failure) {
      forget()
      throw failure
    }
  }

  /** Everything in this is one turn. Answers what is to be committed, or why nothing is. */
  #plan(more: readonly Write[]): Plan | { readonly reasons: readonly CancellationReason[] } {
    const context = this.#context
    const { storage } = context
    const queuedLsn = storage.queuedLsn
    this.#checkTables()
    const isUnchanged = this.#trees === undefined || this.#isUnchanged(this.#trees)
    const reasons = this.#steps.map((): CancellationReason => NONE)
    const writes: { readonly write: ItemWrite; readonly step: number }[] = []
    const done: { readonly action: Action; readonly write: ItemWrite }[] = []
    for (const [i, step] of this.#steps.entries()) {
      if (step === 'read') {
        if (!isUnchanged) reasons[i] = CONFLICT
        continue
      }
      const { reason, write } = this.#evaluate(step)
      if (reason !== undefined) reasons[i] = reason
      else if (write !== undefined) {
        if (step.kind !== 'check') writes.push({ write, step: i })
        if (step.images !== undefined) done.push({ action: step, write })
      }
    }
    if (reasons.some(({ code }) => code !== 'None')) return { reasons }
    if (storage.queuedLsn !== queuedLsn) {
      const reason = 'a function of its own (a condition, a validator) wrote to the database while it was asked'
      throw new ValidationException('FILTER_EVALUATION', `Cannot commit the transaction: ${reason}`)
    }

    // What updates have made is known only now.
    const byteLength = writes.reduce((sum, { write }) => sum + (write.next?.bytes.length ?? 0), 0)
    checkByteLength(byteLength, this.#isPortable)
    const transactions: BulkTransaction[] = []
    const planned = new PlannedWrites(context)
    const releases = new ReleasedEntries(
      context,
      writes.map(({ write }) => write),
    )
    const learned = rememberTypes(writes.map(({ write }) => write.table))
    for (const { write, step } of writes) {
      try {
        checkKeyTypes(write.table.key, write.key)
        const ready = readyWrite(context, write, planned)
        const own = planWrite(context, ready, { head: planned.head, releases })
        planned.add(own)
        transactions.push({ writes: own, origin: ORIGINS[ready.type], ...notification(context, ready) })
      } catch (failure) {
        learned.forget()
        const reason = reasonFor(failure)
        if (reason === undefined) throw failure
        reasons[step] = reason
        return { reasons }
      }
    }
    const kept = [...newShapes(context), ...more]
    // Before all of them, as any may have such a shape.
    if (kept.length > 0) transactions.unshift({ writes: kept, origin: NO_CHANGE })
    return { transactions, done, forget: learned.forget }
  }

  /** What it has read or is to write. */
  #tables(): ReadonlySet<TableState> {
    const tables = new Set(this.#readTables)
    for (const step of this.#steps) if (step !== 'read') tables.add(step.table)
    return tables
  }

  /**
   * A table that was dropped meanwhile is not there to be written, nor was it to be read.
   *
   * @throws {ResourceNotFoundException}
   */
  #checkTables(): void {
    for (const table of this.#tables()) checkThere(table)
  }

  /** Whether everything is as it was read. */
  #isUnchanged(trees: RecordedTrees): boolean {
    // An index that was dropped stays as it was, whatever becomes of the items, until its tree goes.
    for (const { isDropped } of this.#readIndexes) if (isDropped) return false
    return trees.isUnchanged(this.#context.storage) && !this.#hasExpired(trees)
  }

  /** Whether something that was read as being there is over by now, or the other way round, after five years. */
  #hasExpired(trees: RecordedTrees): boolean {
    const { catalog, clock, codec } = this.#context
    const now = clock.now()
    const hasExpired = (table: TableState, bytes: Uint8Array, start?: number) =>
      isExpiredItem(codec, table, bytes, now, start) !== isExpiredItem(codec, table, bytes, this.#momentAt, start)
    return catalog.tables().some((table) => {
      if (table.ttl === undefined) return false
      if (trees.some(table.tree, (bytes) => hasExpired(table, bytes))) return true
      // Of a covering index the copies were read, and the items were not.
      const covering = table.indexes.filter(({ definition }) => definition.isCovering)
      return covering.some(({ tree }) => trees.some(tree, (bytes) => hasExpired(table, bytes, COPY_OFFSET)))
    })
  }

  /** Whether an action can be done, and what it writes. */
  #evaluate(action: Action): { readonly reason?: CancellationReason; readonly write?: ItemWrite } {
    try {
      return this.#evaluated(action)
    } catch (failure) {
      const reason = reasonFor(failure)
      if (reason === undefined) throw failure
      return { reason }
    }
  }

  #evaluated(action: Action): { readonly reason?: CancellationReason; readonly write?: ItemWrite } {
    const { storage, clock, codec } = this.#context
    const { kind, table, key, primaryKey, condition, returnsOld, images } = action
    const isAsked = condition !== undefined || images !== undefined
    const isBlind = kind === 'put' && !isAsked && !needsOldItem(this.#context, table)
    const oldBytes = isBlind ? undefined : storage.head(table.tree, primaryKey)
    const now = clock.now()
    if (condition !== undefined && !conditionHolds(condition, liveItem(codec, table, oldBytes, now))) {
      const item = returnsOld ? liveItem(codec, table, oldBytes, now) : undefined
      const reason = { code: 'ConditionalCheckFailed', message: 'The conditional request failed' } as const
      return { reason: item === undefined ? reason : { ...reason, item } }
    }
    if (kind === 'check' && images === undefined) return {}
    if (kind === 'delete' && oldBytes === undefined) return {}
    const next = kind === 'update' ? this.#updated(action, oldBytes, now) : action.next
    // A check has none; it is only for who asks what there was.
    const type = kind === 'check' ? 'delete' : kind
    return { write: { type, table, key, primaryKey, oldBytes, next } }
  }

  #updated(
    { table, key, primaryKey, change, validate }: Action,
    oldBytes: Uint8Array | undefined,
    now: number,
  ): NewItem {
    const { codec, keys } = this.#context
    const updated = change!.apply(liveItem(codec, table, oldBytes, now), keyItem(table, key))
    const item = validate === undefined ? updated : validate(updated)
    // A validator may put other values in: the key must stay what it was.
    const isSame = keys.primaryKey(keyOf(table.key, item)) === primaryKey
    return encodeUpdatedItem(this.#context, isSame ? item : { ...item, ...keyItem(table, key) })
  }

  /** Finds out what an update makes of the item as it was at the moment of the reads. */
  #readForUpdate(action: Action, trees: RecordedTrees): void {
    const { table, primaryKey } = action
    this.#unread.delete(nameOf(action))
    const { bytes } = this.#updated(action, trees.before(table.tree, primaryKey), this.#momentAt)
    this.#own.set(table.tree, primaryKey, bytes)
  }

  /** Of a check, what there was is what there is. */
  #fillImages({ done }: Plan): void {
    const { codec, clock } = this.#context
    for (const { action, write } of done) {
      const { table, kind } = action
      const images = action.images!
      images.before = liveItem(codec, table, write.oldBytes, clock.now())
      images.after = kind === 'check' ? images.before : write.next && codec.decode(write.next.bytes)
    }
  }

  #moment(): RecordedTrees {
    if (this.#trees !== undefined) return this.#trees
    const { storage, catalog } = this.#context
    this.#trees = new RecordedTrees(storage, this.#own.memtable())
    this.#momentAt = this.#context.clock.now()
    const indexes = catalog.tables().flatMap((table) => table.indexes)
    this.#complete = new Set(indexes.filter(({ status }) => status === 'ACTIVE').map(({ tree }) => tree))
    return this.#trees
  }

  #checkIndex(table: TableState, name: string): void {
    const index = table.indexes.find((other) => other.name === name)
    if (index !== undefined) this.#readIndexes.add(index)
    if (index !== undefined && !this.#complete.has(index.tree)) {
      throw refused(`the index "${name}" was not complete when the transaction began to read`)
    }
    if (this.#steps.some((step) => step !== 'read' && step.kind !== 'check' && step.table === table)) {
      throw refused(`it has written to "${table.name}", and an index does not show that yet; query it before writing`)
    }
  }

  #address(request: KeyRequest): Address {
    const { catalog, keys } = this.#context
    const table = catalog.get(request.table)
    const key = ownKey(checkKey(table.key, request.key))
    return { table, key, primaryKey: keys.primaryKey(key) }
  }

  #add(
    kind: Action['kind'],
    { condition, validate, returnOld, images }: Pick<WriteRequest, 'condition' | 'validate' | 'returnOld' | 'images'>,
    { table, key, primaryKey }: Address,
    next?: NewItem,
    change?: ItemChange,
  ): Action {
    const action: Action = {
      kind,
      table,
      key,
      primaryKey,
      condition: compileCondition(condition, this.#context),
      returnsOld: returnOld === true,
      next,
      change,
      validate,
      images,
    }
    const name = nameOf(action)
    if (this.#addressed.has(name)) {
      throw new ValidationException('TRANSACTION', 'Transaction request cannot include multiple operations on one item')
    }
    const byteLength = this.#byteLength + (next?.bytes.length ?? 0)
    const isPortable = this.#isPortable || table.isPortable
    checkActionCount(this.#addressed.size + 1, isPortable)
    checkByteLength(byteLength, isPortable)
    this.#isPortable = isPortable
    this.#byteLength = byteLength
    this.#addressed.add(name)
    this.#steps.push(action)
    return action
  }
}

function checkThere({ name, isDropped }: TableState): void {
  if (isDropped) throw new ResourceNotFoundException(name)
}

function checkActionCount(count: number, isPortable: boolean): void {
  const limit = isPortable ? ACTION_LIMIT : OWN_ACTION_LIMIT
  if (count <= limit) return
  const reason = `Member must have length less than or equal to ${limit}: a transaction has at most ${limit} actions`
  throw new ValidationException('TRANSACTION', `${reason}${hint(isPortable)}`)
}

function checkByteLength(byteLength: number, isPortable: boolean): void {
  if (byteLength <= (isPortable ? BYTE_LIMIT : OWN_BYTE_LIMIT)) return
  throw new ValidationException('TRANSACTION', `Transaction items size exceeds the maximum allowed${hint(isPortable)}`)
}

/** Kept as they are until somebody reads; then they are what lies above all that is read. */
class OwnWrites {
  #writes: Write[] = []
  #memtable: Memtable | undefined

  set(tree: number, key: string, value: Uint8Array | undefined): void {
    if (this.#memtable === undefined) this.#writes.push({ tree, key, value })
    else this.#memtable.set(tree, key, value, 0)
  }

  memtable(): Memtable {
    this.#memtable ??= new Memtable()
    for (const { tree, key, value } of this.#writes) this.#memtable.set(tree, key, value, 0)
    this.#writes = []
    return this.#memtable
  }
}

function hint(isPortable: boolean): string {
  return isPortable ? '; tables with "portable: false" take larger ones' : ''
}

/** What the commits of a transaction have written so far, above what is queued. */
class PlannedWrites {
  readonly #values = new Map<string, Uint8Array | undefined>()
  readonly head: (tree: number, key: string) => Uint8Array | undefined

  constructor({ storage }: EngineContext) {
    this.head = (tree, key) => {
      const name = `${tree}/${key}`
      return this.#values.has(name) ? this.#values.get(name) : storage.head(tree, key)
    }
  }

  add(writes: readonly Write[]): void {
    for (const { tree, key, value } of writes) this.#values.set(`${tree}/${key}`, value)
  }
}

/** Planning a write learns the types of keys; what comes of nothing must teach nothing. */
function rememberTypes(tables: readonly TableState[]): { forget(): void } {
  const known = [...new Set(tables)].map((table) => ({
    table,
    key: table.key,
    indexes: table.indexes.map((index) => ({ index, key: index.key })),
  }))
  return {
    forget() {
      for (const { table, key, indexes } of known) {
        table.key = key
        for (const each of indexes) each.index.key = each.key
      }
    },
  }
}

/**
 * The write as it is when those before it are done: a holder of a unique key whose time was over may have been removed
 * since the item was looked at. What its indexes are made of is read from what is stored, not from the caller's objects.
 */
function readyWrite(context: EngineContext, write: ItemWrite, planned: PlannedWrites): ItemWrite {
  const { type, table, key, primaryKey, next } = write
  const oldBytes = write.oldBytes && planned.head(table.tree, primaryKey)
  const isIndexed = next !== undefined && table.indexes.length > 0
  const own = isIndexed
    ? { item: decodeIndexed(context.codec, next.bytes, indexedAttributes(table)), bytes: next.bytes }
    : next
  return { type, table, key, primaryKey, oldBytes, next: own }
}

/** What is binary in a key is the caller's to change. */
function ownKey({ partition, sort }: KeyValues): KeyValues {
  return { partition: copyValue(partition), sort: copyValue(sort) }
}

/** It is applied when the transaction commits, and perhaps before: each time as it is now. */
function ownUpdate(update: unknown): unknown {
  if (update instanceof ItemChange) return update
  try {
    return copyValue(update)
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause
    throw new ValidationException('VALUE_CYCLE', 'Cannot use the update: it contains itself, or is too deep', { cause })
  }
}

function notification(context: EngineContext, write: ItemWrite): Pick<BulkTransaction, 'onDurable'> {
  const onDurable = notifierOf(context, write)
  return onDurable === undefined ? {} : { onDurable }
}

const CONFLICT: CancellationReason = Object.freeze({
  code: 'TransactionConflict',
  message: 'Transaction is ongoing for the item',
})

/** What is wrong with one action alone is its reason; anything else is the whole transaction's failure. */
function reasonFor(failure: unknown): CancellationReason | undefined {
  if (failure instanceof UniqueIndexException)
    return { code: 'DuplicateItem', message: failure.message, cause: failure }
  if (failure instanceof ValidationException)
    return { code: 'ValidationError', message: failure.message, cause: failure }
  return undefined
}

function refused(reason: string): ValidationException {
  return new ValidationException('TRANSACTION', `Cannot read in the transaction: ${reason}`)
}

function nameOf({ table, primaryKey }: Omit<Address, 'key'>): string {
  return `${table.tree}/${primaryKey}`
}
