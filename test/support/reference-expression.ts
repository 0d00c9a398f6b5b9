/**
 * What DynamoDB's expressions mean, by the shortest way there is: as plain data that never was text, evaluated slowly.
 * It shares nothing with the engine but `Decimal`, of which it reads the digits: numbers are compared and added as whole
 * numbers with a power of ten.
 */
import { Decimal } from '../../src/index.js'
import { type AnyItem, structured } from './reference-database.js'

export type Step = string | number
export type OperandSpec =
  | { readonly kind: 'path'; readonly path: readonly Step[] }
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'size'; readonly of: OperandSpec }

export type ConditionSpec =
  | { readonly kind: 'compare'; readonly operator: string; readonly left: OperandSpec; readonly right: OperandSpec }
  | { readonly kind: 'between'; readonly operand: OperandSpec; readonly low: OperandSpec; readonly high: OperandSpec }
  | { readonly kind: 'in'; readonly operand: OperandSpec; readonly list: readonly OperandSpec[] }
  | { readonly kind: 'call'; readonly name: string; readonly operands: readonly OperandSpec[] }
  | { readonly kind: 'and' | 'or'; readonly parts: readonly ConditionSpec[] }
  | { readonly kind: 'not'; readonly part: ConditionSpec }

export type ValueSpec =
  | OperandSpec
  | { readonly kind: 'sum'; readonly operator: '+' | '-'; readonly left: ValueSpec; readonly right: ValueSpec }
  | { readonly kind: 'if_not_exists'; readonly path: readonly Step[]; readonly otherwise: ValueSpec }
  | { readonly kind: 'list_append'; readonly first: ValueSpec; readonly second: ValueSpec }

export type ActionSpec =
  | { readonly section: 'SET'; readonly path: readonly Step[]; readonly value: ValueSpec }
  | { readonly section: 'REMOVE'; readonly path: readonly Step[] }
  | { readonly section: 'ADD' | 'DELETE'; readonly path: readonly Step[]; readonly value: unknown }

/** An update that makes no sense for an item; the code is that of the error. */
export class ReferenceRefusal extends Error {
  readonly code: string

  constructor(code: string) {
    super(code)
    this.code = code
  }
}

export function holds(spec: ConditionSpec, item: AnyItem): boolean {
  switch (spec.kind) {
    case 'and':
      return spec.parts.every((part) => holds(part, item))
    case 'or':
      return spec.parts.some((part) => holds(part, item))
    case 'not':
      return !holds(spec.part, item)
    case 'compare': {
      const left = operand(spec.left, item)
      const right = operand(spec.right, item)
      if (spec.operator === '=') return same(left, right)
      if (spec.operator === '<>') return !same(left, right)
      const found = order(left, right)
      if (found === undefined) return false
      return { '<': found < 0, '<=': found <= 0, '>': found > 0, '>=': found >= 0 }[spec.operator]!
    }
    case 'between': {
      const value = operand(spec.operand, item)
      const above = order(value, operand(spec.low, item))
      const below = order(value, operand(spec.high, item))
      return above !== undefined && below !== undefined && above >= 0 && below <= 0
    }
    case 'in':
      return spec.list.some((other) => same(operand(spec.operand, item), operand(other, item)))
    case 'call':
      return call(
        spec.name,
        spec.operands.map((each) => operand(each, item)),
      )
  }
}

function call(name: string, [first, second]: readonly unknown[]): boolean {
  switch (name) {
    case 'attribute_exists':
      return first !== undefined
    case 'attribute_not_exists':
      return first === undefined
    case 'attribute_type':
      return typeName(first) === second
    case 'begins_with':
      if (typeName(first) !== typeName(second)) return false
      if (typeof first === 'string') return first.slice(0, (second as string).length) === second
      if (!(first instanceof Uint8Array)) return false
      return hex(first).startsWith(hex(second as Uint8Array))
    case 'contains':
      if (first === undefined || second === undefined) return false
      if (typeof first === 'string') return typeof second === 'string' && first.indexOf(second) >= 0
      if (first instanceof Uint8Array) {
        return second instanceof Uint8Array && Buffer.from(first).indexOf(Buffer.from(second)) >= 0
      }
      if (!Array.isArray(first) && !(first instanceof Set)) return false
      return [...first].some((element) => same(element, second))
    default:
      throw new Error(`there is no function ${name}`)
  }
}

function operand(spec: OperandSpec, item: AnyItem): unknown {
  if (spec.kind === 'value') return spec.value
  if (spec.kind === 'path') return at(item, spec.path)
  const value = operand(spec.of, item)
  if (typeof value === 'string' || value instanceof Uint8Array || Array.isArray(value)) return value.length
  if (value instanceof Set) return value.size
  return typeName(value) === 'M' ? Object.keys(value as object).length : undefined
}

export function at(item: unknown, path: readonly Step[]): unknown {
  return path.reduce<unknown>((value, step) => {
    if (typeof step === 'number') return Array.isArray(value) ? value[step] : undefined
    if (typeName(value) !== 'M') return undefined
    return Object.getOwnPropertyDescriptor(value as object, step)?.value
  }, item)
}

/** The item with only these places in it. */
export function projection(item: AnyItem, paths: readonly (readonly Step[])[]): AnyItem {
  return (pick(item, paths) ?? {}) as AnyItem
}

function pick(value: unknown, paths: readonly (readonly Step[])[]): unknown {
  if (paths.some((path) => path.length === 0)) return value
  const steps = [...new Set(paths.map(([step]) => step!))]
  const inner = (step: Step) => {
    const next = at(value, [step])
    const rest = paths.filter(([first]) => first === step).map((path) => path.slice(1))
    return next === undefined ? undefined : pick(next, rest)
  }
  if (Array.isArray(value)) {
    const indexes = (steps as number[]).sort((a, b) => a - b)
    const found = indexes.map(inner).filter((element) => element !== undefined)
    return found.length === 0 ? undefined : found
  }
  const entries = steps.map((step) => [step, inner(step)] as const).filter(([, part]) => part !== undefined)
  return entries.length === 0 ? undefined : Object.fromEntries(entries)
}

// ── Updates ───────────────────────────────────────────────────────────────────────────────────────────────────────

const REMOVED = Symbol('removed')

/** The item after the update. */
export function updated(old: AnyItem, actions: readonly ActionSpec[]): AnyItem {
  const item = structured(old)
  const results = actions.map((action) => result(action, old))
  const late: { list: unknown[]; index: number; value: unknown }[] = []
  for (const [number, { path }] of actions.entries()) {
    const value = results[number]
    const step = path.at(-1)!
    const container = at(item, path.slice(0, -1))
    if (typeof step === 'number') {
      if (!Array.isArray(container)) throw new ReferenceRefusal('UPDATE_PATH')
      if (step < container.length) container[step] = value
      else if (value !== REMOVED) late.push({ list: container, index: step, value })
    } else {
      if (typeName(container) !== 'M') throw new ReferenceRefusal('UPDATE_PATH')
      if (value === REMOVED) delete (container as AnyItem)[step]
      else (container as AnyItem)[step] = value
    }
  }
  for (const { list, value } of late.sort((a, b) => a.index - b.index)) list.push(value)
  return withoutHoles(item) as AnyItem
}

function withoutHoles(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((element) => element !== REMOVED).map(withoutHoles)
  if (typeName(value) !== 'M') return value
  return Object.fromEntries(Object.entries(value as AnyItem).map(([name, part]) => [name, withoutHoles(part)]))
}

function result(action: ActionSpec, old: AnyItem): unknown {
  switch (action.section) {
    case 'SET':
      return structured(computed(action.value, old))
    case 'REMOVE':
      return REMOVED
    case 'ADD': {
      const before = at(old, action.path)
      if (before === undefined) return structured(action.value)
      if (typeName(action.value) === 'N') return sum(before, action.value, 1n)
      if (typeName(before) !== typeName(action.value)) throw new ReferenceRefusal('UPDATE_TYPE')
      const missing = [...(action.value as Set<unknown>)].filter((element) => !has(before as Set<unknown>, element))
      return new Set([...(before as Set<unknown>), ...missing])
    }
    case 'DELETE': {
      const before = at(old, action.path)
      if (before === undefined) return REMOVED
      if (typeName(before) !== typeName(action.value)) throw new ReferenceRefusal('UPDATE_TYPE')
      const left = [...(before as Set<unknown>)].filter((element) => !has(action.value as Set<unknown>, element))
      return left.length === 0 ? REMOVED : new Set(left)
    }
  }
}

function computed(spec: ValueSpec, old: AnyItem): unknown {
  switch (spec.kind) {
    case 'sum':
      return sum(computed(spec.left, old), computed(spec.right, old), spec.operator === '+' ? 1n : -1n)
    case 'if_not_exists':
      return at(old, spec.path) === undefined ? computed(spec.otherwise, old) : at(old, spec.path)
    case 'list_append': {
      const first = computed(spec.first, old)
      const second = computed(spec.second, old)
      if (!Array.isArray(first) || !Array.isArray(second)) throw new ReferenceRefusal('UPDATE_TYPE')
      return first.concat(second)
    }
    default: {
      const value = operand(spec, old)
      if (value === undefined) throw new ReferenceRefusal('UPDATE_PATH')
      return value
    }
  }
}

function has(set: ReadonlySet<unknown>, element: unknown): boolean {
  return [...set].some((other) => same(other, element))
}

// ── Values ────────────────────────────────────────────────────────────────────────────────────────────────────────

export function typeName(value: unknown): string | undefined {
  if (value === undefined || typeof value === 'symbol') return undefined
  if (value === null) return 'NULL'
  if (typeof value === 'string') return 'S'
  if (typeof value === 'boolean') return 'BOOL'
  if (typeof value !== 'object' || value instanceof Decimal) return 'N'
  if (value instanceof Uint8Array) return 'B'
  if (Array.isArray(value)) return 'L'
  return value instanceof Set ? `${typeName([...value][0])}S` : 'M'
}

/** A text that is the same for equal values, numbers by what they are worth. */
export function worthOf(value: unknown): string {
  const type = typeName(value)
  switch (type) {
    case 'N': {
      const { whole, power } = exact(value)
      return `N${whole}e${power}`
    }
    case 'B':
      return `B${hex(value as Uint8Array)}`
    case 'L':
      return `L[${(value as unknown[]).map(worthOf).join()}]`
    case 'M':
      return `M{${Object.entries(value as AnyItem)
        .map(([name, part]) => `${JSON.stringify(name)}:${worthOf(part)}`)
        .sort()
        .join()}}`
    case 'SS':
    case 'NS':
    case 'BS':
      return `${type}{${[...(value as Set<unknown>)].map(worthOf).sort().join()}}`
    default:
      return `${type}${JSON.stringify(value)}`
  }
}

function same(left: unknown, right: unknown): boolean {
  return left !== undefined && right !== undefined && worthOf(left) === worthOf(right)
}

function order(left: unknown, right: unknown): number | undefined {
  const type = typeName(left)
  if (type === undefined || type !== typeName(right)) return undefined
  if (type === 'S') return Buffer.compare(Buffer.from(left as string), Buffer.from(right as string))
  if (type === 'B') return Buffer.compare(left as Uint8Array, right as Uint8Array)
  if (type !== 'N') return undefined
  const [a, b] = aligned(left, right)
  return a < b ? -1 : a > b ? 1 : 0
}

/** A number as a whole number times a power of ten, without zeros at its end. */
function exact(value: unknown): { readonly whole: bigint; readonly power: number } {
  const [digits, exponent = '0'] = String(value).toLowerCase().split('e') as [string, string?]
  const [before, after = ''] = digits.split('.') as [string, string?]
  let whole = BigInt(before + after)
  let power = Number(exponent) - after.length
  if (whole === 0n) return { whole, power: 0 }
  for (; whole % 10n === 0n; whole /= 10n) power += 1
  return { whole, power }
}

function aligned(left: unknown, right: unknown): [bigint, bigint, number] {
  const [a, b] = [exact(left), exact(right)]
  const power = Math.min(a.power, b.power)
  return [a.whole * 10n ** BigInt(a.power - power), b.whole * 10n ** BigInt(b.power - power), power]
}

function sum(left: unknown, right: unknown, sign: bigint): unknown {
  if (typeName(left) !== 'N' || typeName(right) !== 'N') throw new ReferenceRefusal('UPDATE_TYPE')
  const [a, b, power] = aligned(left, right)
  const text = `${a + sign * b}e${power}`
  const { whole } = exact(text)
  if (String(whole).replace('-', '').length > 38) throw new ReferenceRefusal('NUMBER')
  try {
    return Decimal.from(text.length > 900 ? `${whole}e${exact(text).power}` : text)
  } catch {
    throw new ReferenceRefusal('NUMBER')
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
