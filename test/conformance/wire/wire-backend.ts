/**
 * A `Backend` on the other side of a wire: each request becomes one of DynamoDB's operations, or several, over HTTP. Whatever
 * runs on it has gone through a socket, the protocol, the door and the engine, and back.
 *
 * Callers can't wait for definitions, and so those are asked of the engine behind: a table that is defined with `defineTable`
 * is made natively, which is how there can be ones that DynamoDB could not declare. `createTable`, `changeTable` and what
 * drops something go over the wire like everything else.
 */
import { setTimeout } from 'node:timers/promises'
import type {
  Backend,
  BackendTransaction,
  BatchOperation,
  CountPage,
  CountRequest,
  DeleteRequest,
  DetailedTableDescription,
  DistinctPage,
  DistinctRequest,
  GetRequest,
  KnownTable,
  PageRequest,
  PageResponse,
  PreparedWrite,
  PutRequest,
  ReadOutline,
  ReadRequest,
  ReturnedItem,
  ScanPage,
  ScanRequest,
  TableChange,
  TableDescription,
  TableSettings,
  Unprocessed,
  UpdateRequest,
  VerifyProgress,
  VerifyReport,
} from '../../../src/backend.js'
import { ResourceNotFoundException, ValidationException } from '../../../src/errors.js'
import { valueKey } from '../../../src/model/expression/value-set.js'
import type { Item } from '../../../src/model/item/item.js'
import { itemSize } from '../../../src/model/item/item-size.js'
import { checkKey, keyOf } from '../../../src/model/key/key-schema.js'
import type { TableDefinition } from '../../../src/model/table/table-definition.js'
import type { AttributeMap } from '../../../src/server/value/attribute-value.js'
import { nativeItem } from '../../../src/server/value/native-value.js'
import type { Stats } from '../../../src/stats.js'
import type { DynamoDbClient, Members } from './dynamodb-client.js'
import { filterText } from './filter-expression.js'
import { itemInput, keyInput, preparedItemInput } from './item-input.js'
import { checkKeyCondition } from './key-condition.js'
import { partitionsOf } from './partition-pages.js'
import { RequestExpressions } from './request-expressions.js'
import { failureOf } from './service-failure.js'
import { addIndexRequests, createTableRequest } from './table-request.js'
import { updateText } from './update-text.js'
import { isBatchable, type WirePreparedWrite, wireBatchGet, wireBatchWrite } from './wire-batch.js'
import type { WireCursors } from './wire-cursor.js'
import { projectionText, type TableIdentity, WireRead } from './wire-read.js'
import { scanInSegments } from './wire-scan.js'
import { WireTransaction } from './wire-transaction.js'

const RETURN_VALUES: Readonly<Record<ReturnedItem, string>> = {
  none: 'NONE',
  old: 'ALL_OLD',
  new: 'ALL_NEW',
  updatedOld: 'UPDATED_OLD',
  updatedNew: 'UPDATED_NEW',
}

const POLL_MS = 5

export interface WireBackendOptions {
  readonly client: DynamoDbClient
  /** What knows definitions at once, and has a folder to look after. */
  readonly engine: Backend
  readonly cursors: WireCursors
}

export class WireBackend implements Backend {
  readonly #client: DynamoDbClient
  readonly #engine: Backend
  readonly #cursors: WireCursors

  constructor({ client, engine, cursors }: WireBackendOptions) {
    this.#client = client
    this.#engine = engine
    this.#cursors = cursors
  }

  // ── Items ───────────────────────────────────────────────────────────────────────────────────────────────────────

  async put(request: PutRequest): Promise<Item | undefined> {
    const { table, item, validate = (same: Item) => same, returnOld = false } = request
    const expressions = new RequestExpressions()
    const input = {
      TableName: table,
      Item: itemInput(validate(item)),
      ConditionExpression: filterText(request.condition, 'ConditionExpression', expressions),
      ...expressions.members,
      ...(returnOld && { ReturnValues: 'ALL_OLD', ReturnValuesOnConditionCheckFailure: 'ALL_OLD' }),
    }
    return attributesOf(await this.#call('PutItem', table, input))
  }

  async get({ table, key, select }: GetRequest): Promise<Item | undefined> {
    const expressions = new RequestExpressions()
    const input = {
      TableName: table,
      Key: this.#key(table, key),
      ConsistentRead: true,
      ProjectionExpression: projectionText(select, expressions),
      ...expressions.members,
    }
    const { Item: found } = await this.#ofKey(table, key, this.#call('GetItem', table, input))
    return found === undefined ? undefined : nativeItem(found as AttributeMap)
  }

  async update(request: UpdateRequest): Promise<Item | undefined> {
    const { table, key, condition, returns = 'new', returnOld = returns === 'old' } = request
    const ReturnValues = Object.hasOwn(RETURN_VALUES, returns) ? RETURN_VALUES[returns] : returns
    const expressions = new RequestExpressions()
    const input = {
      TableName: table,
      Key: this.#key(table, key),
      UpdateExpression: updateText(request, expressions),
      ConditionExpression: filterText(condition, 'ConditionExpression', expressions),
      ...expressions.members,
      ReturnValues,
      ...(returnOld && { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' }),
    }
    return attributesOf(await this.#ofKey(table, key, this.#call('UpdateItem', table, input)))
  }

  async delete({
    table,
    key,
    condition,
    returnOld = false,
    returns = 'old',
  }: DeleteRequest): Promise<Item | undefined> {
    const expressions = new RequestExpressions()
    const input = {
      TableName: table,
      Key: this.#key(table, key),
      ConditionExpression: filterText(condition, 'ConditionExpression', expressions),
      ...expressions.members,
      ReturnValues: returns === 'old' ? 'ALL_OLD' : 'NONE',
      ...(returnOld && { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' }),
    }
    return attributesOf(await this.#ofKey(table, key, this.#call('DeleteItem', table, input)))
  }

  prepare(tableName: string, operation: BatchOperation): WirePreparedWrite {
    const table = this.#table(tableName)
    const isPut = 'put' in operation
    const map = isPut ? preparedItemInput(operation.put) : keyInput(table.key, operation.delete)
    const item = nativeItem(map)
    const key = isPut ? keyOf(table.key, item) : checkKey(table.key, item)
    return {
      count: 1,
      tableId: table.id,
      keyText: valueKey([key.partition, key.sort]),
      byteLength: itemSize(item),
      request: isPut ? { PutRequest: { Item: map } } : { DeleteRequest: { Key: map } },
    }
  }

  async batchWrite(table: string, prepared: readonly PreparedWrite[]): Promise<Unprocessed[]> {
    const writes = prepared as readonly WirePreparedWrite[]
    const { id } = this.#table(table)
    if (writes.some(({ tableId }) => tableId !== id)) throw new ResourceNotFoundException(table)
    return wireBatchWrite(this.#call, table, writes)
  }

  async batchGet(requests: readonly GetRequest[]): Promise<(Item | undefined)[]> {
    const [first] = requests
    if (first === undefined) return []
    const { table, select } = first
    const isOne = requests.every((other) => other.table === table && other.select === select)
    if (!isOne || !isBatchable(select)) return Promise.all(requests.map((request) => this.get(request)))
    const { key } = this.#table(table)
    const names = key.sort === undefined ? [key.partition.name] : [key.partition.name, key.sort.name]
    const keys = requests.map((request) => {
      checkKey(key, request.key)
      return this.#key(table, request.key)
    })
    return wireBatchGet(this.#call, table, names, keys, select)
  }

  begin(): BackendTransaction {
    return new WireTransaction(this.#call, (table, key) => this.#key(table, key))
  }

  // ── Many items ──────────────────────────────────────────────────────────────────────────────────────────────────

  async read(request: ReadRequest, wanted: PageRequest): Promise<PageResponse> {
    const table = this.#table(request.table)
    const page = () => new WireRead(this.#call, request, wanted, table).page(this.#cursors, wanted)
    try {
      return await page()
    } catch (failure) {
      if (!(failure instanceof ValidationException)) throw failure
      // In the engine's words, if it is the key condition that is wrong.
      checkKeyCondition(table, request)
      if (!failure.message.startsWith('Cannot read from backfilling')) throw failure
      await this.indexReady(request.table, request.index!)
      return page()
    }
  }

  scan(request: ScanRequest): AsyncGenerator<ScanPage, void, undefined> {
    return scanInSegments(request, (segment, page) => this.read(segment, page))
  }

  async countKeys(request: CountRequest): Promise<CountPage> {
    this.outline(request.table, request.index)
    const { partitions, next } = await partitionsOf(this.#call, this.#table(request.table), request)
    const counts = partitions.map(({ key, count }) => ({ id: valueKey(key), key, count }))
    return { counts, next, snapshot: undefined }
  }

  async distinctKeys(request: DistinctRequest): Promise<DistinctPage> {
    this.outline(request.table, request.index)
    const { partitions, next } = await partitionsOf(this.#call, this.#table(request.table), request)
    return { keys: partitions.filter(({ isNew }) => isNew).map(({ key }) => key), next, snapshot: undefined }
  }

  // ── Tables ──────────────────────────────────────────────────────────────────────────────────────────────────────

  async createTable(definition: TableDefinition, settings: TableSettings = {}): Promise<void> {
    checkNoSettings(settings)
    const { name, ttl } = definition
    await this.#call('CreateTable', name, createTableRequest(definition))
    await this.#whenActive(name)
    if (ttl !== undefined) await this.changeTable(name, { ttl: { attribute: ttl } })
  }

  async changeTable(name: string, { definition, droppedIndex, ttl, settings }: TableChange): Promise<void> {
    checkNoSettings(settings)
    if (droppedIndex !== undefined) await this.dropIndex(name, droppedIndex)
    for (const request of definition === undefined ? [] : addIndexRequests(definition)) {
      await this.#call('UpdateTable', name, request)
      await this.#whenActive(name)
    }
    if (ttl !== undefined) await this.#changeTimeToLive(name, ttl.attribute)
  }

  async dropTable(name: string): Promise<void> {
    await this.#call('DeleteTable', name, { TableName: name })
  }

  async dropIndex(table: string, index: string): Promise<void> {
    const GlobalSecondaryIndexUpdates = [{ Delete: { IndexName: index } }]
    try {
      await this.#call('UpdateTable', table, { TableName: table, GlobalSecondaryIndexUpdates })
    } catch (failure) {
      // Which of the two is not there DynamoDB does not say.
      if (failure instanceof ResourceNotFoundException) this.outline(table, index)
      throw failure
    }
    await this.#whenActive(table)
  }

  async indexReady(table: string, index: string): Promise<void> {
    this.outline(table, index)
    await this.#whenActive(table)
  }

  defineTable(definition: TableDefinition): void {
    this.#engine.defineTable(definition)
  }

  tableNames(): string[] {
    return this.#engine.tableNames()
  }

  describeTable(name: string): DetailedTableDescription {
    return this.#engine.describeTable(name)
  }

  describeTables(): TableDescription[] {
    return this.#engine.describeTables()
  }

  findTable(name: string): KnownTable | undefined {
    return this.#engine.findTable(name)
  }

  outline(table: string, index: string | undefined): ReadOutline {
    return this.#engine.outline(table, index)
  }

  // ── What the protocol has no words for ──────────────────────────────────────────────────────────────────────────

  listen(): never {
    throw unknownToProtocol('listen to changes')
  }

  snapshot(): never {
    throw unknownToProtocol('hold a moment')
  }

  // ── The folder ──────────────────────────────────────────────────────────────────────────────────────────────────

  stats(): Stats {
    return this.#engine.stats()
  }

  checkOpen(): void {
    this.#engine.checkOpen()
  }

  flush(): Promise<void> {
    return this.#engine.flush()
  }

  checkpoint(): Promise<void> {
    return this.#engine.checkpoint()
  }

  compact(): Promise<void> {
    return this.#engine.compact()
  }

  verify(onProgress?: (progress: VerifyProgress) => void): Promise<VerifyReport> {
    return this.#engine.verify(onProgress)
  }

  close(): Promise<void> {
    return this.#engine.close()
  }

  readonly #call = async (operation: string, table: string | undefined, input: Members): Promise<Members> => {
    try {
      return await this.#client.call(operation, input)
    } catch (failure) {
      throw failureOf(failure, { table, knownTables: () => this.tableNames() })
    }
  }

  #table(name: string): KnownTable & TableIdentity {
    const known = this.findTable(name)
    if (known === undefined) throw new ResourceNotFoundException(name, this.tableNames())
    const { key, ttl, indexes, settings } = known
    return { name, key, ttl, indexes, settings, id: this.describeTable(name).id }
  }

  #key(table: string, key: Item): AttributeMap {
    return keyInput(this.#table(table).key, key)
  }

  /** DynamoDB has one sentence for every key that names no item: here is what is wrong with it. */
  async #ofKey(table: string, key: Item, answer: Promise<Members>): Promise<Members> {
    try {
      return await answer
    } catch (failure) {
      if (failure instanceof ValidationException && failure.code === 'KEY_TYPE') checkKey(this.#table(table).key, key)
      throw failure
    }
  }

  async #changeTimeToLive(name: string, attribute: string | undefined): Promise<void> {
    const { ttl = attribute } = this.#table(name)
    const TimeToLiveSpecification = { Enabled: attribute !== undefined, AttributeName: attribute ?? ttl }
    await this.#call('UpdateTimeToLive', name, { TableName: name, TimeToLiveSpecification })
  }

  /** Waits until the table, and every index of it, can be used. */
  async #whenActive(name: string): Promise<void> {
    for (;;) {
      const { Table } = await this.#call('DescribeTable', name, { TableName: name })
      const { TableStatus, GlobalSecondaryIndexes: indexes = [] } = Table as {
        readonly TableStatus: string
        readonly GlobalSecondaryIndexes?: readonly { readonly IndexStatus: string }[]
      }
      if (TableStatus === 'ACTIVE' && indexes.every(({ IndexStatus }) => IndexStatus === 'ACTIVE')) return
      await setTimeout(POLL_MS)
    }
  }
}

function attributesOf({ Attributes }: Members): Item | undefined {
  return Attributes === undefined ? undefined : nativeItem(Attributes as AttributeMap)
}

function checkNoSettings(settings: TableSettings = {}): void {
  if (Object.keys(settings).length > 0) throw unknownToProtocol('keep settings with a table')
}

function unknownToProtocol(what: string): ValidationException {
  return new ValidationException('OPTION', `Cannot ${what}: DynamoDB’s protocol has no words for it`)
}
