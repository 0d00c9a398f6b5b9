/**
 * Conditions of writes. A condition is evaluated against the item as the next commit will find it, which may not be
 * durable yet; so an answer that is not itself a commit waits until everything it was derived from is.
 */
import { ConditionalCheckFailedException } from '../../errors.js'
import { compileFilter } from '../../model/expression/compile-filter.js'
import type { Predicate } from '../../model/expression/predicate.js'
import type { Item } from '../../model/item/item.js'
import type { EngineContext } from '../context.js'

const NOTHING: Item = Object.freeze({})

export function compileCondition(condition: unknown, context: EngineContext): Predicate | undefined {
  return condition === undefined ? undefined : compileFilter(condition, { now: () => context.clock.now() / 1000 })
}

/** Whether a condition holds; an item that is not there has no attributes. */
export function conditionHolds(condition: Predicate | undefined, item: Item | undefined): boolean {
  return condition === undefined || condition.matches(item ?? NOTHING)
}

/** Answers that the condition is false, once nothing can take that back. */
export async function conditionFailed(context: EngineContext, item: Item | undefined): Promise<never> {
  await context.storage.settled()
  throw new ConditionalCheckFailedException(item)
}
