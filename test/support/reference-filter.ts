/**
 * Filters as plain data, what they mean by the shortest way there is, and the same filter in each notation the engine
 * takes. A missing attribute passes nothing but `ne` and `exists: false`; values of different types have no order.
 */
import { type DdbExpression, Decimal, type Where } from '../../src/index.js'
import { type AnyItem, compareKeys } from './reference-database.js'

type Scalar = string | number

export type FilterSpec =
  | {
      readonly kind: 'compare'
      readonly name: string
      readonly operator: 'eq' | 'ne' | 'lt' | 'lte' | 'gt' | 'gte'
      readonly value: Scalar
    }
  | { readonly kind: 'between'; readonly name: string; readonly low: number; readonly high: number }
  | { readonly kind: 'in'; readonly name: string; readonly values: readonly Scalar[] }
  | { readonly kind: 'exists'; readonly name: string; readonly wanted: boolean }
  | { readonly kind: 'beginsWith' | 'contains'; readonly name: string; readonly value: string }
  | { readonly kind: 'and' | 'or'; readonly parts: readonly FilterSpec[] }
  | { readonly kind: 'not'; readonly part: FilterSpec }

export function passes(spec: FilterSpec, item: AnyItem): boolean {
  switch (spec.kind) {
    case 'and':
      return spec.parts.every((part) => passes(part, item))
    case 'or':
      return spec.parts.some((part) => passes(part, item))
    case 'not':
      return !passes(spec.part, item)
  }
  const value = item[spec.name]
  switch (spec.kind) {
    case 'exists':
      return (value !== undefined) === spec.wanted
    case 'in':
      return spec.values.some((wanted) => order(value, wanted) === 0)
    case 'between':
      return order(value, spec.low)! >= 0 && order(value, spec.high)! <= 0
    case 'beginsWith':
      return typeof value === 'string' && value.startsWith(spec.value)
    case 'contains':
      if (typeof value === 'string') return value.includes(spec.value)
      return (Array.isArray(value) || value instanceof Set) && [...value].includes(spec.value)
    case 'compare': {
      const found = order(value, spec.value)
      if (spec.operator === 'ne') return found !== 0
      if (found === undefined) return false
      return { eq: found === 0, lt: found < 0, lte: found <= 0, gt: found > 0, gte: found >= 0 }[spec.operator]
    }
  }
}

/** Undefined where there is none, which is neither above nor below nor equal. */
function order(value: unknown, other: Scalar): number | undefined {
  const isNumber = typeof value === 'number' || typeof value === 'bigint' || value instanceof Decimal
  if (isNumber ? typeof other !== 'number' : typeof value !== 'string' || typeof other !== 'string') return undefined
  return compareKeys(value as Scalar, other)
}

export function asObject(spec: FilterSpec): Where<AnyItem> {
  switch (spec.kind) {
    case 'and':
      return { and: spec.parts.map(asObject) }
    case 'or':
      return { or: spec.parts.map(asObject) }
    case 'not':
      return { not: asObject(spec.part) }
    case 'compare':
      return spec.operator === 'eq' ? { [spec.name]: spec.value } : { [spec.name]: { [spec.operator]: spec.value } }
    case 'between':
      return { [spec.name]: { between: [spec.low, spec.high] } }
    case 'in':
      return { [spec.name]: { in: spec.values } }
    case 'exists':
      return { [spec.name]: { exists: spec.wanted } }
    default:
      return { [spec.name]: { [spec.kind]: spec.value } }
  }
}

export function asText(spec: FilterSpec): string {
  switch (spec.kind) {
    case 'and':
    case 'or':
      return `(${spec.parts.map(asText).join(` ${spec.kind} `)})`
    case 'not':
      return `(not ${asText(spec.part)})`
    case 'compare': {
      const sign = { eq: '==', ne: '!=', lt: '<', lte: '<=', gt: '>', gte: '>=' }[spec.operator]
      return `(${spec.name} ${sign} ${JSON.stringify(spec.value)})`
    }
    case 'between':
      return `(${spec.name} >= ${spec.low} and ${spec.name} <= ${spec.high})`
    case 'in':
      return `(${spec.name} in (${spec.values.map((value) => JSON.stringify(value)).join(', ')}))`
    case 'exists':
      return spec.wanted ? `exists(${spec.name})` : `(not exists(${spec.name}))`
    case 'beginsWith':
      return `begins_with(${spec.name}, ${JSON.stringify(spec.value)})`
    case 'contains':
      return `contains(${spec.name}, ${JSON.stringify(spec.value)})`
  }
}

/** As the template would have made it. */
export function asExpression(spec: FilterSpec): DdbExpression {
  const values: unknown[] = []
  const value = (given: unknown) => `:${values.push(given) - 1}`
  const text = (part: FilterSpec): string => {
    switch (part.kind) {
      case 'and':
      case 'or':
        return part.parts
          .map((inner) => (inner.kind === 'or' ? `(${text(inner)})` : text(inner)))
          .join(` ${part.kind} `)
      case 'not':
        return part.part.kind === 'and' || part.part.kind === 'or'
          ? `NOT (${text(part.part)})`
          : `NOT ${text(part.part)}`
      case 'compare': {
        const sign = { eq: '=', ne: '<>', lt: '<', lte: '<=', gt: '>', gte: '>=' }[part.operator]
        return `${part.name} ${sign} ${value(part.value)}`
      }
      case 'between':
        return `${part.name} BETWEEN ${value(part.low)} AND ${value(part.high)}`
      case 'in':
        return `${part.name} IN (${part.values.map(value).join(', ')})`
      case 'exists':
        return `${part.wanted ? 'attribute_exists' : 'attribute_not_exists'}(${part.name})`
      case 'beginsWith':
        return `begins_with(${part.name}, ${value(part.value)})`
      case 'contains':
        return `contains(${part.name}, ${value(part.value)})`
    }
  }
  return { kind: 'ddb', text: text(spec), values }
}
