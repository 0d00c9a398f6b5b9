/**
 * Batches of any size as requests of the size that DynamoDB takes: 25 writes, 100 keys, no key twice in one request. What comes
 * back unprocessed is asked for again.
 */
import { setTimeout } from 'node:timers/promises'
import type { BatchOperation, GetRequest, PreparedWrite, Unprocessed } from '../../../src/backend.js'
import { ResourceNotFoundException, UniqueIndexException, ValidationException } from '../../../src/errors.js'
import { isExpressionSource } from '../../../src/model/expression/dynamodb/expression-source.js'
import { compileProjection } from '../../../src/model/expression/projection.js'
import { valueKey } from '../../../src/model/expression/value-set.js'
import type { Item } from '../../../src/model/item/item.js'
import type { AttributeMap } from '../../../src/server/value/attribute-value.js'
import { nativeItem } from '../../../src/server/value/native-value.js'
import type { Members } from './dynamodb-client.js'
import { RequestExpressions } from './request-expressions.js'
import { type Call, projectionText } from './wire-read.js'

const WRITE_LIMIT = 25
const KEY_LIMIT = 100
/** A request has 16 MB at most, and in JSON a byte takes up to six. */
const GROUP_BYTES = (16 * 1024 * 1024) / 6 - 512 * 1024
const FIRST_WAIT_MS = 10
const ATTEMPT_LIMIT = 8

/** A write as it is sent. */
export interface WirePreparedWrite extends PreparedWrite {
  /** Of the table that it was checked for: another one of the same name may have another key. */
  readonly tableId: string
  readonly keyText: string
  /** Of its item, as DynamoDB counts. */
  readonly byteLength: number
  readonly request: WriteRequest
}

type WriteRequest =
  | { readonly PutRequest: { readonly Item: AttributeMap } }
  | { readonly DeleteRequest: { readonly Key: AttributeMap } }

export async function wireBatchWrite(
  call: Call,
  table: string,
  writes: readonly WirePreparedWrite[],
): Promise<Unprocessed[]> {
  const unprocessed: Unprocessed[] = []
  for (const group of groupsOf(writes)) {
    try {
      await writeGroup(call, table, group)
    } catch (failure) {
      if (failure instanceof ResourceNotFoundException) throw failure
      const isOfOne = failure instanceof ValidationException || failure instanceof UniqueIndexException
      for (const write of group) {
        // One of them can't be stored, and the service does not say which. To store others once more changes nothing.
        if (isOfOne) await writeAlone(call, table, write, unprocessed)
        else unprocessed.push({ operation: operationOf(write.request), cause: failure as Error })
      }
    }
  }
  return unprocessed
}

/** In their order, no more in each than one request takes, and none of them twice. */
function* groupsOf(writes: readonly WirePreparedWrite[]): Generator<WirePreparedWrite[], void, undefined> {
  let group = new Map<string, WirePreparedWrite>()
  let byteLength = 0
  for (const write of writes) {
    byteLength += write.byteLength
    if (group.size === WRITE_LIMIT || group.has(write.keyText) || byteLength > GROUP_BYTES) {
      if (group.size > 0) yield [...group.values()]
      group = new Map()
      byteLength = write.byteLength
    }
    group.set(write.keyText, write)
  }
  if (group.size > 0) yield [...group.values()]
}

async function writeGroup(call: Call, table: string, group: readonly WirePreparedWrite[]): Promise<void> {
  await untilProcessed({ [table]: group.map(({ request }) => request) }, async (RequestItems) => {
    const { UnprocessedItems } = await call('BatchWriteItem', table, { RequestItems })
    return UnprocessedItems
  })
}

async function writeAlone(
  call: Call,
  TableName: string,
  { request }: WirePreparedWrite,
  unprocessed: Unprocessed[],
): Promise<void> {
  try {
    if ('PutRequest' in request) await call('PutItem', TableName, { TableName, ...request.PutRequest })
    else await call('DeleteItem', TableName, { TableName, ...request.DeleteRequest })
  } catch (cause) {
    unprocessed.push({ operation: operationOf(request), cause: cause as Error })
  }
}

function operationOf(request: WriteRequest): BatchOperation {
  return 'PutRequest' in request
    ? { put: nativeItem(request.PutRequest.Item) }
    : { delete: nativeItem(request.DeleteRequest.Key) }
}

/** All with one selection, which is of attributes by their names. */
export async function wireBatchGet(
  call: Call,
  table: string,
  keyNames: readonly string[],
  keys: readonly AttributeMap[],
  select: GetRequest['select'],
): Promise<(Item | undefined)[]> {
  const { attributes } = compileProjection(select)
  const view = compileProjection(attributes)
  const expressions = new RequestExpressions()
  // Which item is whose tells its key.
  const ProjectionExpression = projectionText(attributes && [...new Set([...attributes, ...keyNames])], expressions)
  const shared = { ConsistentRead: true, ProjectionExpression, ...expressions.members }
  const textOf = (item: Item) => valueKey(keyNames.map((name) => item[name]))
  const texts = keys.map((key) => textOf(nativeItem(key)))
  const distinct = [...new Map(texts.map((text, i) => [text, keys[i]!])).values()]
  const found = new Map<string, Item>()
  for (let from = 0; from < distinct.length; from += KEY_LIMIT) {
    const first = { [table]: { Keys: distinct.slice(from, from + KEY_LIMIT), ...shared } }
    await untilProcessed(first, async (RequestItems) => {
      const { Responses, UnprocessedKeys } = await call('BatchGetItem', table, { RequestItems })
      for (const map of (Responses as Readonly<Record<string, readonly AttributeMap[]>>)[table] ?? []) {
        const item = nativeItem(map)
        found.set(textOf(item), item)
      }
      return UnprocessedKeys
    })
  }
  return texts.map((text) => {
    const item = found.get(text)
    return item && view.project(item)
  })
}

/** Whether the items of several keys can be told apart by what is shown of them. */
export function isBatchable(select: GetRequest['select']): boolean {
  return !isExpressionSource(select)
}

async function untilProcessed(first: Members, request: (items: Members) => Promise<unknown>): Promise<void> {
  let left = first
  for (let attempt = 1; ; attempt++) {
    left = ((await request(left)) as Members | undefined) ?? {}
    if (Object.keys(left).length === 0) return
    if (attempt === ATTEMPT_LIMIT)
      throw new Error('the service leaves a part of the batch unprocessed, again and again')
    await setTimeout(FIRST_WAIT_MS * 2 ** attempt)
  }
}
