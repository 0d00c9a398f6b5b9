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
  KeyRequest,
  PutRequest,
  ReadRequest,
  UpdateRequest,
  WriteRequest,
} from '../../backend.js'
import { nextTurn } from '../../base/turn.js'
import { ResourceNotFoundException, TransactionCanceledException, ValidationException } from '../../errors.js'
import { compileItemChange, type ItemChange } from '../../model/expression/item-change.js'
import { compileProjection } from '../../model/expression/projection.js'
import { taken } from '../../model/expression/taken.js'
import { COPY_OFFSET } from '../../model/index/index-entry.js'
import type { Item } from '../../model/item/item.js'
import { isPlainObject } from '../../model/item/plain-object.js'
import { checkKey, keyOf } from '../../model/key/key-schema.js'
import { RecordedTrees } from '../../storage/recorded-trees.js'
import { type IndexState, keyNames, type TableState } from '../catalog/table-state.js'
import { encodeNewItem, type NewItem, ownKey } from '../commit/item-write.js'
import { encodedAttributes, isExpiredItem, liveItem } from '../commit/stored-item.js'
import type { EngineContext } from '../context.js'
import { buildFailure } from '../maintenance/backfill-index.js'
import { compileCondition } from '../operation/condition-check.js'
import { readPage } from '../operation/read-page.js'
import { type Action, type Address, nameOf, updatedItem } from './action.js'
import type { KeptAnswers } from './kept-answers.js'
import { OwnWrites } from './own-writes.js'
import { type CommitPlan, planCommits, type Step } from './plan-commits.js'
import { checkActionCount, checkByteLength } from './transaction-limits.js'

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
  #queriesUnderWay = 0
  #isOver = false

  constructor(context: EngineContext, answers: KeptAnswers) {
    this.#context = context
    this.#answers = answers
  }

  put(request: PutRequest): void {
    const { catalog, keys, codec } = this.#context
    const table = catalog.get(request.table)
    const validated = request.validate === undefined ? request.item : request.validate(request.item)
    // Read once: an attribute that is computed may answer differently the next time.
    const item = isPlainObject(validated) ? { ...validated } : validated
    const next = encodeNewItem(this.#context, item)
    const key = ownKey(keyOf(table.key, encodedAttributes(codec, next, keyNames(table.key))))
    const primaryKey = keys.primaryKey(key)
    this.#add('put', request, { table, key, primaryKey }, next)
    this.#own.set(table.tree, primaryKey, next.bytes)
  }

  update(request: UpdateRequest): void {
    const address = this.#address(request)
    // It is applied when the transaction commits, and perhaps before: each time as it is now.
    const change = compileItemChange(taken(request.update), keyNames(address.table.key))
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
    this.#queriesUnderWay += 1
    try {
      return await this.#readPages(request, limit, trees)
    } finally {
      this.#queriesUnderWay -= 1
      if (this.#isOver) this.end()
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
    // From here on until all of it is queued it is one turn.
    this.#checkTables()
    const isUnchanged = this.#trees === undefined || this.#isUnchanged(this.#trees)
    const gathered = { steps: this.#steps, isUnchanged, isPortable: this.#isPortable }
    const plan = planCommits(this.#context, gathered, keeping?.writes ?? [])
    if ('reasons' in plan) {
      // What it was refused for may be queued only: to tell of it would be a lie if it were lost.
      await storage.settled()
      throw new TransactionCanceledException(plan.reasons)
    }
    // What it looked at may be queued only.
    if (plan.transactions.length === 0) await storage.settled()
    const committed = this.#queue(plan)
    keeping?.queued()
    // What is written now need not leave what was read as it was.
    this.end()
    await committed
    this.#fillImages(plan)
    return answer
  }

  end(): void {
    this.#isOver = true
    // A query that nobody waits for reads on.
    if (this.#queriesUnderWay === 0) this.#trees?.release()
  }

  async #readPages(request: ReadRequest, limit: number | undefined, trees: RecordedTrees): Promise<Item[]> {
    const items: Item[] = []
    const context = { ...this.#context, clock: { now: () => this.#momentAt } }
    let cursor: string | undefined
    for (;;) {
      // The first page refuses one that is none.
      const left = limit === undefined || items.length === 0 ? limit : limit - items.length
      const page = { limit: left, cursor, countOnly: false, holds: false, endsAtLimit: true }
      const found = await readPage(context, request, page, { trees })
      for (const item of found.items) items.push(item)
      cursor = found.cursor
      if (cursor === undefined || items.length === limit) return items
      await nextTurn()
    }
  }

  #queue({ transactions, forget }: CommitPlan): Promise<void> {
    try {
      return this.#context.storage.commitTogether(transactions)
    } catch (failure) {
      forget()
      throw failure
    }
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

  /** Finds out what an update makes of the item as it was at the moment of the reads. */
  #readForUpdate(action: Action, trees: RecordedTrees): void {
    const { table, primaryKey } = action
    this.#unread.delete(nameOf(action))
    const { bytes } = updatedItem(this.#context, action, trees.before(table.tree, primaryKey), this.#momentAt)
    this.#own.set(table.tree, primaryKey, bytes)
  }

  /** Of a check, what there was is what there is. */
  #fillImages({ done }: CommitPlan): void {
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
    this.#trees = new RecordedTrees(storage, this.#own)
    this.#momentAt = this.#context.clock.now()
    const indexes = catalog.tables().flatMap((table) => table.indexes)
    this.#complete = new Set(indexes.filter(({ status }) => status === 'ACTIVE').map(({ tree }) => tree))
    return this.#trees
  }

  #checkIndex(table: TableState, name: string): void {
    const index = table.indexes.find((other) => other.name === name)
    if (index !== undefined) this.#readIndexes.add(index)
    if (index !== undefined && !this.#complete.has(index.tree)) {
      if (index.status === 'FAILED') throw buildFailure(table, index)
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
  if (isDropped) throw new ResourceNotFoundException(name, 'dropped')
}

function refused(reason: string): ValidationException {
  return new ValidationException('TRANSACTION', `Cannot read in the transaction: ${reason}`)
}
