/** The options of a query that say what the sort key has to be, as the library wants them. */
import type { Command } from 'commander'
import { UsageError } from './arguments.js'
import { type KeyTypeName, keyValue } from './key-argument.js'

export interface SortOptions {
  readonly eq?: string
  readonly lt?: string
  readonly lte?: string
  readonly gt?: string
  readonly gte?: string
  readonly between?: string[]
  readonly beginsWith?: string
}

const COMPARISONS = ['eq', 'lt', 'lte', 'gt', 'gte', 'beginsWith'] as const

export function withSortOptions(command: Command): Command {
  return command
    .option('--eq <value>', 'the sort key is this')
    .option('--lt <value>', 'is lower')
    .option('--lte <value>', 'is lower or equal')
    .option('--gt <value>', 'is higher')
    .option('--gte <value>', 'is higher or equal')
    .option('--between <values...>', 'is one of two values or lies between them: --between a b')
    .option('--begins-with <prefix>', 'begins with this')
}

/**
 * The condition, or undefined when there is none.
 *
 * @throws {UsageError} When there are several, or one that can't be read.
 */
export function sortCondition(name: string | undefined, type: KeyTypeName, options: SortOptions): unknown {
  const given = [...COMPARISONS, 'between' as const].filter((operator) => options[operator] !== undefined)
  const [operator] = given
  if (operator === undefined) return undefined
  if (given.length > 1) throw new UsageError('Cannot query: a query has one sort condition; use --filter for others')
  if (name === undefined) throw new UsageError('Cannot query: there is no sort key, only a partition key')
  if (operator === 'between') {
    const [low, high, ...more] = options.between!
    if (low === undefined || high === undefined || more.length > 0) {
      throw new UsageError('Cannot query: --between takes two values and comes after the partition key')
    }
    return { between: [keyValue(name, type, low), keyValue(name, type, high)] }
  }
  return { [operator]: keyValue(name, type, options[operator]!) }
}
