/**
 * A page of a query or a scan: one request. It looks at `Limit` items, and what does not pass a filter is missing from it; so
 * with a filter a page may have fewer than were asked for, or none, and a cursor all the same.
 *
 * That looks at no item too many, which tests count, and takes as many requests as it takes. Where each of them is paid for one
 * would ask for more than is wanted, and make the cursor of the last item that is kept.
 */
import type { KnownTable, PageRequest, PageResponse, ReadRequest } from '../../../src/backend.js'
import { ValidationException } from '../../../src/errors.js'
import { CompiledProjection } from '../../../src/model/expression/projection.js'
import { translateKeyCondition, translateProjection } from '../../../src/model/expression/translate/translate.js'
import type { AttributeMap } from '../../../src/server/value/attribute-value.js'
import { nativeItem } from '../../../src/server/value/native-value.js'
import type { Members } from './dynamodb-client.js'
import { filterText } from './filter-expression.js'
import { unmistakable } from './key-condition.js'
import { RequestExpressions } from './request-expressions.js'
import type { WireCursors } from './wire-cursor.js'

/** @param table The one that is missing when the service says that one is. */
export type Call = (operation: string, table: string | undefined, input: Members) => Promise<Members>

/** Half a unit of capacity pays for as much, where a read need not be consistent. */
const UNIT_BYTES = 4096

interface ReadAnswer {
  readonly Items?: readonly AttributeMap[]
  readonly Count: number
  readonly ScannedCount: number
  readonly LastEvaluatedKey?: AttributeMap
  readonly ConsumedCapacity?: { readonly CapacityUnits: number }
}

export class WireRead {
  readonly #call: Call
  readonly #operation: 'Query' | 'Scan'
  readonly #table: TableIdentity
  /** Where it looks. A cursor goes with that: filters and selections may be others on the next page. */
  readonly #place: Members
  /** What it shows of what it finds. */
  readonly #view: Members
  readonly #isConsistent: boolean

  /** @throws {ValidationException} When DynamoDB has no such read. */
  constructor(call: Call, request: ReadRequest, { countOnly }: Pick<PageRequest, 'countOnly'>, table: TableIdentity) {
    const { index: IndexName, reverse, segment: Segment, totalSegments: TotalSegments } = request
    const where = unmistakable(table, request)
    checkSegment(request)
    if (where === undefined && reverse) {
      throw new ValidationException('OPTION', 'Cannot scan backwards: DynamoDB scans in one direction only')
    }
    const expressions = new RequestExpressions()
    const condition = where && expressions.add(translateKeyCondition(where))
    this.#call = call
    this.#operation = where === undefined ? 'Scan' : 'Query'
    this.#table = table
    this.#place = {
      ...{ TableName: table.name, IndexName, Segment, TotalSegments },
      ...(where !== undefined && { KeyConditionExpression: condition, ScanIndexForward: !reverse }),
      ...expressions.members,
    }
    const FilterExpression = filterText(request.filter, 'FilterExpression', expressions)
    const ProjectionExpression = countOnly ? undefined : projectionText(request.select, expressions)
    this.#view = {
      FilterExpression,
      ProjectionExpression,
      ...(countOnly && { Select: 'COUNT' }),
      ...expressions.members,
    }
    const index = table.indexes.find(({ name }) => name === IndexName)
    this.#isConsistent = IndexName === undefined || index?.definition.isLocal === true
  }

  async page(cursors: WireCursors, page: PageRequest): Promise<PageResponse> {
    const { cursor, endsAtLimit, measures = false } = page
    const scope = [this.#table.id, this.#place]
    const limit = checkLimit(page.limit)
    const startKey = cursor === undefined ? undefined : cursors.decode(cursor, scope)
    const answer = await this.#ask({
      ...this.#view,
      Limit: limit,
      ExclusiveStartKey: startKey,
      // A measure is of what is charged without consistency: of half units there are twice as many.
      ...(measures ? { ReturnConsumedCapacity: 'TOTAL' } : { ConsistentRead: this.#isConsistent }),
    })
    const isFull = limit !== undefined && answer.ScannedCount >= limit
    const isEnd = isFull && (endsAtLimit ? answer.Count === limit : !(await this.#hasMore(answer.LastEvaluatedKey)))
    const { LastEvaluatedKey: lastKey } = answer
    return {
      items: (answer.Items ?? []).map(nativeItem),
      cursor: lastKey === undefined || isEnd ? undefined : cursors.encode(lastKey, scope),
      count: answer.Count,
      scanned: answer.ScannedCount,
      // There is none: what is written between two pages shows.
      snapshot: undefined,
      ...(measures && { measure: measureOf(answer) }),
    }
  }

  /** DynamoDB tells of a last key when there may be more: here a cursor means that there is. */
  async #hasMore(lastKey: AttributeMap | undefined): Promise<boolean> {
    let startKey = lastKey
    while (startKey !== undefined) {
      const bounds = { Limit: 1, Select: 'COUNT', ConsistentRead: this.#isConsistent, ExclusiveStartKey: startKey }
      const { Count, LastEvaluatedKey } = await this.#ask(bounds)
      if (Count > 0) return true
      startKey = LastEvaluatedKey
    }
    return false
  }

  async #ask(input: Members): Promise<ReadAnswer> {
    return (await this.#call(this.#operation, this.#table.name, { ...this.#place, ...input })) as unknown as ReadAnswer
  }
}

/** What of a table has to be known to read it. */
export type TableIdentity = Pick<KnownTable, 'name' | 'key' | 'indexes'> & { readonly id: string }

export function projectionText(select: ReadRequest['select'], expressions: RequestExpressions): string | undefined {
  if (select === undefined) return undefined
  if (select instanceof CompiledProjection) throw new TypeError('only the server compiles projections')
  return expressions.add(translateProjection(select))
}

function checkLimit(limit: number | undefined): number | undefined {
  if (limit === undefined || (Number.isInteger(limit) && limit >= 1)) return limit
  throw new ValidationException('OPTION', 'Cannot read: "limit" has to be a whole number from 1')
}

/** The service cuts off what is behind the point of a number that has to be whole. */
function checkSegment({ segment = 0, totalSegments = 1 }: ReadRequest): void {
  if (Number.isInteger(segment) && Number.isInteger(totalSegments)) return
  throw new ValidationException('OPTION', 'Cannot scan: "segment" and "totalSegments" go together, as whole numbers')
}

/** As exactly as the bill says it. */
function measureOf({ ConsumedCapacity: consumed }: ReadAnswer): NonNullable<PageResponse['measure']> {
  return { byteLength: 2 * (consumed?.CapacityUnits ?? 0) * UNIT_BYTES, partitions: 1 }
}
