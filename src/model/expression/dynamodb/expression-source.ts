/**
 * An expression as a caller hands it over: the raw form, with names and values of placeholders beside the text, or what
 * the `ddb` template made. Both are plain data, so they can be sent to a worker or to another process.
 */
import { isPlainObject } from '../../item/plain-object.js'

/** DynamoDB's own form, as the SDK has it, with plain values: for copy and paste. */
export interface RawExpression {
  readonly expression: string
  /** What the `#names` in it stand for. Each has to be used. */
  readonly names?: Readonly<Record<string, string>>
  /** What the `:values` in it stand for. Each has to be used. */
  readonly values?: Readonly<Record<string, unknown>>
}

/** What the `ddb` template makes. */
export interface DdbExpression {
  readonly kind: 'ddb'
  /** With `:0`, `:1`, … for the values. Reserved words and `#names` in it are names of attributes as they stand. */
  readonly text: string
  readonly values: readonly unknown[]
  /** What `ddb.attribute` was asked for. */
  readonly names?: Readonly<Record<string, string>>
}

export type ExpressionSource = RawExpression | DdbExpression

const RAW_KEYS: readonly string[] = ['expression', 'names', 'values']
const DDB_KEYS: readonly string[] = ['kind', 'text', 'values', 'names']

export function isExpressionSource(value: unknown): value is ExpressionSource {
  return isDdbExpression(value) || isRawExpression(value)
}

export function isDdbExpression(value: unknown): value is DdbExpression {
  if (!isObject(value) || value['kind'] !== 'ddb') return false
  if (!isPlainObject(value) || typeof value['text'] !== 'string' || !Array.isArray(value['values'])) return false
  return hasOnly(value, DDB_KEYS)
}

/** An object with a text `expression`, and nothing but `names` and `values` beside it. */
export function isRawExpression(value: unknown): value is RawExpression {
  if (!isObject(value) || typeof value['expression'] !== 'string') return false
  return isPlainObject(value) && hasOnly(value, RAW_KEYS)
}

function hasOnly(value: Record<string, unknown>, keys: readonly string[]): boolean {
  // Not `Object.keys`: this is asked of every expression, and a list of its keys would be made for it.
  for (const key in value) if (!keys.includes(key) && Object.hasOwn(value, key)) return false
  return true
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

/** The text as its author wrote it, or nearly so. */
export function textOf(source: ExpressionSource): string {
  return 'text' in source ? source.text : source.expression
}
