/**
 * What a chain of calls says about a read before anything is read: `orders.query(…).where(…).orderBy(…).limit(…)`. A plan
 * never changes. Each call makes another one, so what two queries begin with alike can be written once and used for both.
 */

import type { ReadRequest } from './backend.js'
import { ValidationException } from './errors.js'
import { Conjunction } from './model/expression/conjunction.js'
import { taken } from './model/expression/taken.js'
import type { AttributeName, Selected } from './model/item/attributes.js'
import type { Item } from './model/item/item.js'
import type { Results } from './results.js'
import type { Direction, Filter } from './types.js'

export interface ReadPlan {
  readonly request: ReadRequest
  /** By which attributes the items are sorted: the first one decides, and of equals the next. */
  readonly orders: readonly Order[]
  readonly limit: number | undefined
  readonly cursor: string | undefined
  readonly consistent: boolean | undefined
  readonly sortBytes: number | undefined
  readonly workers: number | undefined
  readonly signal: AbortSignal | undefined
}

export interface Order {
  readonly attribute: string
  readonly direction: Direction
}

/** Makes results of a plan, of whatever kind it takes. */
export type Opener = <T>(plan: ReadPlan) => Results<T>

/** The calls that make other results of results. */
export abstract class PlannedResults<T> {
  protected readonly plan: ReadPlan
  protected readonly open: Opener

  constructor(plan: ReadPlan, open: Opener) {
    this.plan = plan
    this.open = open
  }

  where(filter: Filter<T>): Results<T> {
    if (filter === undefined) throw refusal('where', 'it takes a filter; leave the call out for none')
    const { request } = this.plan
    return this.open({ ...this.plan, request: { ...request, filter: Conjunction.of(request.filter, taken(filter)) } })
  }

  orderBy(attribute: AttributeName<T>, direction: Direction = 'ascending'): Results<T> {
    if (typeof attribute !== 'string' || attribute === '') {
      throw refusal('orderBy', `it takes the name of an attribute, not ${shown(attribute)}`)
    }
    if (direction !== 'ascending' && direction !== 'descending') {
      throw refusal('orderBy', `the direction is 'ascending' or 'descending', not ${shown(direction)}`)
    }
    const orders = this.plan.orders.filter((order) => order.attribute !== attribute)
    // Of two by the same attribute the first one has decided everything.
    if (orders.length < this.plan.orders.length) return this.open(this.plan)
    return this.open({ ...this.plan, orders: [...orders, { attribute, direction }] })
  }

  limit(count: number): Results<T> {
    if (Number.isInteger(count) && count >= 1) return this.open({ ...this.plan, limit: count })
    throw refusal('limit', `it takes a whole number from 1, not ${shown(count)}`)
  }

  select<const P extends AttributeName<T>>(...attributes: readonly P[]): Results<Selected<T, P>> {
    return this.open({ ...this.plan, request: { ...this.plan.request, select: attributes } })
  }
}

function refusal(call: string, reason: string): ValidationException {
  return new ValidationException('OPTION', `Cannot use "${call}": ${reason}`)
}

function shown(value: unknown): string {
  return typeof value === 'string'
    ? JSON.stringify(value.slice(0, 60))
    : typeof value === 'number' || value === null
      ? String(value)
      : `a ${typeof value}`
}

/**
 * What may be wrong with any plan, and would be of no account in some ways of asking.
 *
 * @throws {ValidationException} `OPTION`
 */
export function checkPlan({ limit, sortBytes }: ReadPlan): void {
  if (limit !== undefined) checkWhole('limit', limit)
  if (sortBytes !== undefined) checkWhole('sortBytes', sortBytes)
}

function checkWhole(option: string, given: unknown): void {
  if (Number.isInteger(given) && (given as number) >= 1) return
  throw new ValidationException(
    'OPTION',
    `Cannot read: "${option}" has to be a whole number from 1, not ${shown(given)}`,
  )
}

/** The condition of a query, as it is now. Without one a read is a scan: a variable that was not set must not read everything. */
export function keyCondition(where: unknown): Item {
  return taken(where ?? {}) as Item
}
