/** What a SELECT shows of an item: the values at its paths, each under the name of its column. */
import type { AttributeMap, AttributeValue } from '../value/attribute-value.js'
import type { Column } from './statement.js'

/** A column that finds nothing is not there. */
export function rowOf(item: AttributeMap, columns: readonly Column[]): AttributeMap {
  const row: Record<string, AttributeValue> = {}
  for (const { name, path } of columns) {
    const value = valueAt(item, path)
    // No item has anything called `__proto__`, so that is never written.
    if (value !== undefined) row[name] = value
  }
  return row
}

function valueAt(item: AttributeMap, path: Column['path']): AttributeValue | undefined {
  let value: AttributeValue | undefined = { M: item }
  for (const step of path) {
    if (typeof step === 'number') value = value.L?.[step]
    else value = value.M !== undefined && Object.hasOwn(value.M, step) ? value.M[step] : undefined
    if (value === undefined) return undefined
  }
  return value
}
