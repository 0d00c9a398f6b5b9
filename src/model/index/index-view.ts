/**
 * What a read through an index shows of its items: its projection. Nothing is stored for it, as items are read whole, where
 * they are or as the copies of a covering index; so it costs no space, and only says what is seen. The rules and their
 * sentences are DynamoDB's:
 *
 * - Without a selection a read shows what is projected: the table's key, the index's key, and what it includes.
 * - A selection of other attributes is refused by a global index, and served by a local one.
 * - A filter on other attributes is refused by a query. In a scan it finds them missing.
 */
import { ValidationException } from '../../errors.js'
import type { Predicate } from '../expression/predicate.js'
import { compileProjection, type Projection, type Selection } from '../expression/projection.js'
import { indexKeyNames } from './index-definition.js'
import type { KeyedIndex } from './index-key.js'

const INVALID = 'One or more parameter values were invalid:'

/** The attributes that a read through an index shows; undefined for all. */
export function projectedNames({ definition }: KeyedIndex, tableKey: readonly string[]): readonly string[] | undefined {
  const { projection } = definition
  if (projection === 'ALL') return undefined
  const included = projection === 'KEYS_ONLY' ? [] : projection
  return [...new Set([...tableKey, ...indexKeyNames(definition), ...included])]
}

/**
 * The selection of a read through an index.
 *
 * @throws {ValidationException} INDEX_PROJECTION when a global index does not project what is selected; OPTION
 */
export function indexProjection(
  index: KeyedIndex,
  tableKey: readonly string[],
  select: Selection | undefined,
): Projection {
  const shown = projectedNames(index, tableKey)
  if (select === undefined) return compileProjection(shown)
  const selection = compileProjection(select)
  if (shown === undefined || index.definition.isLocal) return selection
  const missing = selection.attributes?.filter((name) => !shown.includes(name)) ?? ['*']
  if (missing.length === 0) return selection
  throw new ValidationException(
    'INDEX_PROJECTION',
    `${INVALID} Global secondary index ${index.name} does not project [${missing.join(', ')}]`,
  )
}

/**
 * The filter of a read through an index: it sees what is projected.
 *
 * @throws {ValidationException} INDEX_PROJECTION when it asks a query for anything else
 */
export function indexFilter(
  index: KeyedIndex,
  tableKey: readonly string[],
  filter: Predicate | undefined,
  { isQuery }: { readonly isQuery: boolean },
): Predicate | undefined {
  const shown = projectedNames(index, tableKey)
  if (filter === undefined || shown === undefined) return filter
  const missing = filter.attributes?.filter((name) => !shown.includes(name)) ?? []
  if (isQuery && missing.length > 0) {
    throw new ValidationException(
      'INDEX_PROJECTION',
      `${INVALID} Secondary index ${index.name} does not project one or more filter attributes: [${missing.join(', ')}]`,
    )
  }
  const view = compileProjection(shown)
  return {
    source: filter.source,
    attributes: filter.attributes?.filter((name) => shown.includes(name)) ?? shown,
    matches: (item) => filter.matches(view.project(item)),
  }
}
