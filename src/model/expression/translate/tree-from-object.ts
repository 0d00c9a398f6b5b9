/** Typed objects as DynamoDB's syntax trees. The object has been read as a filter before, so it is known to be one. */
import { isNumberValue } from '../../item/decimal.js'
import { isPlainObject } from '../../item/plain-object.js'
import type { Comparator, OperandNode } from '../dynamodb/expression.js'
import { isOperators } from '../predicate-from-object.js'
import { every, not, some, type Translated, type TreeBuilder, untranslatable } from './tree-builder.js'

type AnyObject = Readonly<Record<string, unknown>>

/** @throws {ValidationException} `EXPRESSION_UNTRANSLATABLE` */
export function treeFromObject(where: AnyObject, builder: TreeBuilder): Translated {
  return conditions(where, [], builder)
}

/** It calls itself no deeper than such a filter may be. */
function conditions(where: AnyObject, path: readonly string[], builder: TreeBuilder): Translated {
  const parts = Object.keys(where).map((name) => {
    const operand = where[name]
    switch (name) {
      case 'and':
        return every((operand as readonly AnyObject[]).map((inner) => conditions(inner, path, builder)))
      case 'or':
        return some((operand as readonly AnyObject[]).map((inner) => conditions(inner, path, builder)))
      case 'not':
        return not(conditions(operand as AnyObject, path, builder))
      default:
        return attribute(operand, [...path, name], builder)
    }
  })
  return every(parts)
}

function attribute(operand: unknown, path: readonly string[], builder: TreeBuilder): Translated {
  if (isOperators(operand)) return operators(operand, builder.path(path), builder)
  if (isPlainObject(operand)) return conditions(operand, path, builder)
  return builder.compare(builder.path(path), '=', builder.value(operand))
}

const COMPARATORS: Readonly<Record<string, Comparator>> = {
  ...{ eq: '=', ne: '<>' },
  ...{ lt: '<', lte: '<=', gt: '>', gte: '>=' },
}

function operators(all: AnyObject, left: OperandNode, builder: TreeBuilder): Translated {
  return every(Object.keys(all).map((name) => operator(name, all[name], left, builder)))
}

function operator(name: string, operand: unknown, left: OperandNode, builder: TreeBuilder): Translated {
  const comparator = COMPARATORS[name]
  if (comparator !== undefined) return builder.compare(left, comparator, builder.value(operand))
  switch (name) {
    case 'in':
      return builder.oneOf(left, [...(operand as Iterable<unknown>)])
    case 'between': {
      const [low, high] = operand as readonly [unknown, unknown]
      return { kind: 'between', operand: left, low: builder.value(low), high: builder.value(high) }
    }
    case 'exists':
      if (left.kind !== 'path') throw untranslatable('a size can’t be asked whether it exists')
      return builder.call(operand === true ? 'attribute_exists' : 'attribute_not_exists', left)
    case 'beginsWith':
      return builder.call('begins_with', left, builder.value(operand))
    case 'contains':
      return builder.call('contains', left, builder.value(operand))
    case 'size': {
      const size = builder.call('size', left)
      if (isNumberValue(operand)) return builder.compare(size, '=', builder.value(operand))
      return operators(operand as AnyObject, size, builder)
    }
    default:
      throw untranslatable('DynamoDB has no regular expressions, so "matches" means nothing there')
  }
}
