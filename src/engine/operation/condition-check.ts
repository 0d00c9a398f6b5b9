/**
 * Conditions of writes. A condition is evaluated against the item as the next commit will find it, which may not be
 * durable yet; so an answer that is not itself a commit waits until everything it was derived from is.
 */
import type { HashedKey } from '../../base/key-hash.js'
import { ConditionalCheckFailedException, ValidationException } from '../../errors.js'
import { compileFilter } from '../../model/expression/compile-filter.js'
import { isExpressionSource } from '../../model/expression/dynamodb/expression-source.js'
import type { Predicate } from '../../model/expression/predicate.js'
import { predicateFromExpression } from '../../model/expression/predicate-from-expression.js'
import type { Item } from '../../model/item/item.js'
import type { TableState } from '../catalog/table-state.js'
import { isExpiredItem } from '../commit/stored-item.js'
import type { EngineContext } from '../context.js'
import { passes } from './selected-item.js'

const NOTHING: Item = Object.freeze({})

export function compileCondition(condition: unknown, context: EngineContext): Predicate | undefined {
  if (condition === undefined) return undefined
  // Most conditions, and the quick ones.
  if (isExpressionSource(condition)) return predicateFromExpression('ConditionExpression', condition)
  return compileFilter(condition, { now: () => context.clock.now() / 1000, kind: 'ConditionExpression' })
}

/** Whether a condition holds; an item that is not there has no attributes. */
export function conditionHolds(condition: Predicate | undefined, item: Item | undefined): boolean {
  return condition === undefined || condition.matches(item ?? NOTHING)
}

/** The same of the item under a key as the next commit will find it, of which no more is decoded than the condition asks for. */
export function passesHead(
  { storage, codec }: EngineContext,
  table: TableState,
  condition: Predicate,
  key: HashedKey,
  nowMs: number,
): boolean {
  const stored = storage.peekHead(table.tree, key)
  if (stored === undefined) return condition.matches(NOTHING)
  const { bytes, start, end } = stored
  const isOver = table.ttl !== undefined && isExpiredItem(codec, table, bytes, nowMs, start, end)
  if (isOver) return condition.matches(NOTHING)
  return passes(codec, condition, bytes, start, end)
}

/**
 * Remembers what is queued for an item before code of the caller's runs (a condition, a validator, a getter), and checks
 * afterwards that it wrote nothing there: what was read of the item before would no longer be true.
 *
 * @throws {ValidationException} FILTER_EVALUATION
 */
export function watchForWrites({ storage }: EngineContext, table: TableState, primaryKey: string): () => void {
  const before = storage.queued(table.tree, primaryKey)
  return () => {
    if (storage.queued(table.tree, primaryKey) === before) return
    const reason = 'a function of its own (a condition, a validator) wrote to the same item while it was asked'
    throw new ValidationException('FILTER_EVALUATION', `Cannot write the item: ${reason}`)
  }
}

/** Answers that the condition is false, once nothing can take that back. */
export async function conditionFailed(context: EngineContext, item: Item | undefined): Promise<never> {
  await context.storage.settled()
  throw new ConditionalCheckFailedException(item)
}
