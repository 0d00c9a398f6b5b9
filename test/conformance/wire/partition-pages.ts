/**
 * The partitions of an index, a page at a time, with how many items of each there are: a scan of the keys alone. Items of one
 * partition come one behind the other.
 */
import { ValidationException } from '../../../src/errors.js'
import { translateProjection } from '../../../src/model/expression/translate/translate.js'
import { valueKey } from '../../../src/model/expression/value-set.js'
import type { Item } from '../../../src/model/item/item.js'
import type { AttributeMap } from '../../../src/server/value/attribute-value.js'
import { nativeItem } from '../../../src/server/value/native-value.js'
import { RequestExpressions } from './request-expressions.js'
import type { Call, TableIdentity } from './wire-read.js'

export interface PartitionCount {
  readonly key: Item
  count: number
  /** Whether no page before has had it. */
  readonly isNew: boolean
}

interface Place {
  readonly startKey: AttributeMap
  /** The partition in which the page before ended. */
  readonly last: string | undefined
}

export async function partitionsOf(
  call: Call,
  table: TableIdentity,
  request: { readonly index: string; readonly after: string | undefined; readonly limit?: number | undefined },
): Promise<{ readonly partitions: readonly PartitionCount[]; readonly next: string | undefined }> {
  const index = table.indexes.find(({ name }) => name === request.index)
  if (index?.definition.multi !== undefined) {
    const reason = 'an item has several entries in it, and a scan does not tell which one it shows'
    throw new ValidationException('OPTION', `Cannot count the partitions of the index "${request.index}": ${reason}`)
  }
  const names = index?.definition.partition ?? []
  const expressions = new RequestExpressions()
  const place = request.after === undefined ? undefined : (JSON.parse(request.after, asBinary) as Place)
  const { Items, LastEvaluatedKey } = await call('Scan', table.name, {
    TableName: table.name,
    IndexName: request.index,
    ProjectionExpression: expressions.add(translateProjection(names)),
    ExclusiveStartKey: place?.startKey,
    Limit: request.limit,
    ...expressions.members,
  })
  const partitions = new Map<string, PartitionCount>()
  let last = place?.last
  for (const item of (Items as readonly AttributeMap[]).map(nativeItem)) {
    const text = valueKey(item)
    const known = partitions.get(text)
    if (known === undefined) partitions.set(text, { key: item, count: 1, isNew: text !== last })
    else known.count += 1
    last = text
  }
  const startKey = LastEvaluatedKey as AttributeMap | undefined
  const next = startKey && JSON.stringify({ startKey, last } satisfies Place, asText)
  return { partitions: [...partitions.values()], next }
}

function asText(_name: string, value: unknown): unknown {
  return value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value
}

function asBinary(name: string, value: unknown): unknown {
  return name === 'B' && typeof value === 'string' ? new Uint8Array(Buffer.from(value, 'base64')) : value
}
