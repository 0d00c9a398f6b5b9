/**
 * Filters, updates and key conditions, however they are written, as what DynamoDB itself takes: an expression with the
 * names and values of its placeholders. It is what an engine needs that runs elsewhere.
 *
 * What comes out has been read as an expression once more, so it keeps DynamoDB's limits.
 */
import { ValidationException } from '../../../errors.js'
import type { Item } from '../../item/item.js'
import { isPlainObject } from '../../item/plain-object.js'
import { sortKeyRange } from '../../key/key-range.js'
import { compileFilter } from '../compile-filter.js'
import { bindCondition, bindKeyCondition, bindUpdate } from '../dynamodb/bound-expression.js'
import { parseCondition } from '../dynamodb/condition-parser.js'
import type { ActionNode, ConditionNode } from '../dynamodb/expression.js'
import { ExpressionPrinter, type Meaning } from '../dynamodb/expression-printer.js'
import {
  type DdbExpression,
  type ExpressionSource,
  isDdbExpression,
  isExpressionSource,
  isRawExpression,
  type RawExpression,
} from '../dynamodb/expression-source.js'
import { parseProjection } from '../dynamodb/projection-parser.js'
import { parseUpdate } from '../dynamodb/update-parser.js'
import { compileProjection } from '../projection.js'
import { checkUpdate, type ItemUpdate } from '../update.js'
import { TreeBuilder, untranslatable } from './tree-builder.js'
import { treeFromFiltrex } from './tree-from-filtrex.js'
import { treeFromObject } from './tree-from-object.js'

/**
 * A filter as one of DynamoDB's expressions, with the same meaning.
 *
 * @example
 * translate({ total: { gt: 20 }, note: { exists: false } })
 * // { expression: '#n0 > :v0 AND attribute_not_exists(note)', names: { '#n0': 'total' }, values: { ':v0': 20 } }
 *
 * @throws {ValidationException} `EXPRESSION_UNTRANSLATABLE` when there is none: of a function, of a regular expression.
 * What is wrong with the filter itself, as everywhere.
 */
export function translate(filter: unknown): RawExpression {
  const translated = translateFilter(filter)
  if (typeof translated !== 'boolean') return translated
  throw untranslatable(`it ${translated ? 'lets every item pass; leave it out' : 'lets no item pass'}`)
}

/**
 * The same for who can do without an expression: `true` when every item passes, `false` when none does.
 *
 * @throws {ValidationException} As `translate` does.
 */
export function translateFilter(
  filter: unknown,
  kind: 'ConditionExpression' | 'FilterExpression' = 'FilterExpression',
): RawExpression | boolean {
  // Whatever is wrong with it is said as always.
  compileFilter(filter, { now: () => 0, kind })
  if (isExpressionSource(filter)) return rawCondition('FilterExpression', filter)
  if (typeof filter === 'function') throw untranslatable('a function can’t be looked into; write it as an object')
  const builder = new TreeBuilder()
  const tree = typeof filter === 'string' ? treeFromFiltrex(filter, builder) : treeFromObject(filter as Item, builder)
  if (typeof tree === 'boolean') return tree
  return checked(new ExpressionPrinter(builder.meaning).condition(tree), (raw) =>
    bindCondition('FilterExpression', raw),
  )
}

/**
 * An update as one of DynamoDB's expressions.
 *
 * @throws {ValidationException} `UPDATE_…` or `EXPRESSION_…`; `EXPRESSION_UNTRANSLATABLE` when it changes nothing.
 */
export function translateUpdate(update: unknown): RawExpression {
  if (isDdbExpression(update)) {
    bindUpdate(update)
    const { actions } = parseUpdate(update.text, { isTemplate: true })
    return new ExpressionPrinter(meaningOf(update)).update(actions)
  }
  if (isRawExpression(update)) {
    bindUpdate(update)
    return update
  }
  const builder = new TreeBuilder()
  const actions = actionsFromObject(checkUpdate(update, []), builder)
  if (actions.length === 0) throw untranslatable('it changes nothing; leave the expression out')
  return checked(new ExpressionPrinter(builder.meaning).update(actions), bindUpdate)
}

/**
 * A key condition as one of DynamoDB's expressions.
 *
 * @throws {ValidationException} `KEY_…`, `NUMBER_…` or `EXPRESSION_…`; `EXPRESSION_UNTRANSLATABLE` for several values at once.
 */
export function translateKeyCondition(where: unknown): RawExpression {
  if (isExpressionSource(where)) {
    bindKeyCondition(where)
    return rawCondition('KeyConditionExpression', where)
  }
  const builder = new TreeBuilder()
  // As in the engine, a condition that is undefined is none.
  const conditions = Object.entries(where as Item).filter(([, condition]) => condition !== undefined)
  const parts = conditions.map(([name, condition]) => {
    if (isOfSeveral(condition)) throw untranslatable('DynamoDB looks for one value of a key at a time; query each')
    // Whatever is wrong with it is said as always.
    sortKeyRange('', condition, { name, type: undefined })
    return treeFromObject({ [name]: condition }, builder) as ConditionNode
  })
  const tree: ConditionNode = parts.length === 1 ? parts[0]! : { kind: 'and', parts }
  return checked(new ExpressionPrinter(builder.meaning).condition(tree), bindKeyCondition)
}

/** What an index with several entries for an item is asked for: the items that have any of several values, or all. */
function isOfSeveral(condition: unknown): boolean {
  return isPlainObject(condition) && (Array.isArray(condition['any']) || Array.isArray(condition['all']))
}

/**
 * A selection, of attributes by their names or of paths, as a projection expression.
 *
 * @throws {ValidationException} `OPTION` or `EXPRESSION_…`
 */
export function translateProjection(select: readonly string[] | ExpressionSource): RawExpression {
  // Whatever is wrong with it is said as always.
  const { attributes = [] } = compileProjection(select)
  if (isRawExpression(select)) return select
  if (isDdbExpression(select)) {
    const { paths } = parseProjection(select.text, { isTemplate: true })
    return new ExpressionPrinter(meaningOf(select)).projection(paths)
  }
  const builder = new TreeBuilder()
  return new ExpressionPrinter(builder.meaning).projection(attributes.map((name) => builder.path([name])))
}

function rawCondition(kind: 'FilterExpression' | 'KeyConditionExpression', source: ExpressionSource): RawExpression {
  if (!isDdbExpression(source)) return source
  const { condition } = parseCondition(kind, source.text, { isTemplate: true })
  const raw = new ExpressionPrinter(meaningOf(source)).condition(condition)
  // With placeholders for its names it may be too long.
  return checked(raw, kind === 'FilterExpression' ? (text) => bindCondition(kind, text) : bindKeyCondition)
}

/** What stands in a template, with reserved words and everything. */
function meaningOf({ names, values }: DdbExpression): Meaning {
  return {
    name: ({ kind, text }) => {
      if (kind === 'word') return text
      return names !== undefined && Object.hasOwn(names, text) ? names[text]! : text.slice(1)
    },
    value: (placeholder) => values[Number(placeholder.slice(1))],
  }
}

function actionsFromObject({ set, add, remove, append }: Required<ItemUpdate>, builder: TreeBuilder): ActionNode[] {
  const path = (name: string) => builder.path([name])
  return [
    ...Object.keys(set).map((name): ActionNode => {
      return { section: 'SET', path: path(name), value: builder.value(set[name]) }
    }),
    ...Object.keys(append).map((name): ActionNode => {
      const old = builder.call('if_not_exists', path(name), builder.value([]))
      return { section: 'SET', path: path(name), value: builder.call('list_append', old, builder.value(append[name])) }
    }),
    ...remove.map((name): ActionNode => ({ section: 'REMOVE', path: path(name) })),
    ...Object.keys(add).map((name): ActionNode => {
      return { section: 'ADD', path: path(name), value: builder.value(add[name]) }
    }),
  ]
}

/** DynamoDB refuses a few things that other notations can say: to compare an attribute with itself, 301 operators. */
function checked(raw: RawExpression, read: (raw: RawExpression) => unknown): RawExpression {
  try {
    read(raw)
    return raw
  } catch (cause) {
    // A value that is none is wrong in any notation.
    const isOurs = cause instanceof ValidationException && cause.code.startsWith('EXPRESSION_')
    throw isOurs ? untranslatable(cause.message, { cause }) : cause
  }
}
