/**
 * From what a caller hands over to an expression that is ready to be used: its text is parsed and compiled once and kept,
 * its values are checked each time.
 *
 * What is kept is bounded in number and in size. A text is kept with the names it was last used with; with other names
 * it is compiled again.
 */
import { LRUCache } from 'lru-cache'
import { ValidationException } from '../../../errors.js'
import { isPlainObject } from '../../item/plain-object.js'
import { taken } from '../taken.js'
import { type Condition, compileCondition } from './condition.js'
import { parseCondition } from './condition-parser.js'
import type { DdbExpression, ExpressionSource, RawExpression } from './expression-source.js'
import { compileKeyCondition, type KeyConditions } from './key-condition.js'
import {
  checkNames,
  checkTotalSize,
  checkUnused,
  checkValue,
  checkValues,
  type Names,
  type Values,
} from './placeholder.js'
import { compileProjection, type DocumentProjection } from './projection.js'
import { parseProjection } from './projection-parser.js'
import { type Requirements, Scope } from './scope.js'
import { compileUpdate, type Update } from './update.js'
import { parseUpdate } from './update-parser.js'
import { type ExpressionKind, refusal, undefinedValue } from './wording.js'

/** How many compiled expressions of a kind are kept, and how many characters all of them have: each takes some 40 bytes. */
const CACHE_ENTRY_LIMIT = 1000
const CACHE_CHARACTER_LIMIT = 64 * 1024

export interface Bound<Compiled> {
  readonly compiled: Compiled
  /** By the numbers that the compiled expression has for them. */
  readonly values: readonly unknown[]
}

export interface BindOptions {
  /**
   * Whether names and values belong to this expression alone. Expressions of one request share theirs: whoever binds
   * those looks for unused ones himself. @default true
   */
  readonly ownsPlaceholders?: boolean
}

/** @throws {ValidationException} `EXPRESSION_…`, or what is wrong with a value. */
export function bindCondition(
  kind: 'ConditionExpression' | 'FilterExpression',
  source: ExpressionSource,
  options?: BindOptions,
): Bound<Condition> {
  return (kind === 'FilterExpression' ? filters : conditions).bind(source, options)
}

/** @throws {ValidationException} `EXPRESSION_…`, `KEY_CONDITION`, or what is wrong with a value. */
export function bindKeyCondition(source: ExpressionSource, options?: BindOptions): Bound<KeyConditions> {
  return keyConditions.bind(source, options)
}

/** @throws {ValidationException} `EXPRESSION_…`, or what is wrong with a value. */
export function bindUpdate(source: ExpressionSource, options?: BindOptions): Bound<Update> {
  return updates.bind(source, options)
}

/** @throws {ValidationException} `EXPRESSION_…` */
export function bindProjection(source: ExpressionSource, options?: BindOptions): Bound<DocumentProjection> {
  return projections.bind(source, options)
}

type Compile<Compiled> = (text: string, scope: Scope, options: { readonly isTemplate: boolean }) => Compiled

interface Kept<Compiled> {
  readonly names: Names | undefined
  readonly compiled: Compiled
  /** Of a template: which of its values each slot is. */
  readonly positions: readonly number[]
}

/** Those that were used lately, by their text. */
class KeptExpressions<Compiled> {
  readonly #all = new LRUCache<string, Kept<Compiled>>({
    max: CACHE_ENTRY_LIMIT,
    maxSize: CACHE_CHARACTER_LIMIT,
    sizeCalculation: (_kept, text) => text.length + 1,
  })
  /** That of the last request: the next one often has the same. */
  #lastText: string | undefined
  #last: Kept<Compiled> | undefined

  get(text: string): Kept<Compiled> | undefined {
    if (text !== this.#lastText) {
      this.#last = this.#all.get(text)
      this.#lastText = text
    }
    return this.#last
  }

  set(text: string, kept: Kept<Compiled>): void {
    this.#all.set(text, kept)
    this.#last = kept
    this.#lastText = text
  }
}

const TEMPLATE = { isTemplate: true }
const RAW = { isTemplate: false }

class Binder<Compiled extends Requirements> {
  readonly #kind: ExpressionKind
  readonly #compile: Compile<Compiled>
  readonly #kept = new KeptExpressions<Compiled>()
  /** The same texts mean something else in a template. */
  readonly #keptTemplates = new KeptExpressions<Compiled>()

  constructor(kind: ExpressionKind, compile: Compile<Compiled>) {
    this.#kind = kind
    this.#compile = compile
  }

  bind(source: ExpressionSource, { ownsPlaceholders = true }: BindOptions = {}): Bound<Compiled> {
    return 'text' in source ? this.#bindTemplate(source) : this.#bindRaw(source, ownsPlaceholders)
  }

  #bindTemplate({ text, names, values }: DdbExpression): Bound<Compiled> {
    if (names !== undefined && !isPlainObject(names)) checkNames(names)
    const { compiled, positions } = this.#compiled(this.#keptTemplates, text, names, TEMPLATE)
    const { slots } = compiled
    const bound = new Array<unknown>(slots.length)
    for (let index = 0; index < slots.length; index++) {
      const position = positions[index]!
      if (!(position < values.length)) throw refusal(this.#kind, undefinedValue(slots[index]!))
      bound[index] = taken(values[position])
    }
    if (bound.length < values.length) {
      checkUnused('ExpressionAttributeValues', asMap(values), (key) => slots.includes(key))
    }
    return this.#checked(compiled, bound)
  }

  #bindRaw({ expression, names, values }: RawExpression, ownsPlaceholders: boolean): Bound<Compiled> {
    if (names !== undefined && !isPlainObject(names)) checkNames(names)
    if (values !== undefined && !isPlainObject(values)) checkValues(values)
    try {
      const { compiled } = this.#compiled(this.#kept, expression, names, RAW)
      const { slots, usedNames } = compiled
      const bound = new Array<unknown>(slots.length)
      for (let index = 0; index < slots.length; index++) {
        const slot = slots[index]!
        if (values === undefined || !Object.hasOwn(values, slot)) throw refusal(this.#kind, undefinedValue(slot))
        bound[index] = taken(values[slot])
      }
      const valueCount = values === undefined ? 0 : Object.keys(values).length
      const nameCount = names === undefined ? 0 : Object.keys(names).length
      const hasEmptyMap = (values !== undefined && valueCount === 0) || (names !== undefined && nameCount === 0)
      // As many as are used, and those are there: then they are all, and as well formed as the expression.
      const isDoubtful = hasEmptyMap || compiled.hasLongSlot
      const areAll = !isDoubtful && valueCount === slots.length && nameCount === usedNames.size
      if (!areAll) checkPlaceholders(names, values)
      const checked = this.#checked(compiled, bound)
      // What is wrong with the expression itself is said first, of one as of several.
      if (!areAll && ownsPlaceholders) {
        checkUnused('ExpressionAttributeNames', names, (key) => usedNames.has(key))
        const used = new Set(slots)
        checkUnused('ExpressionAttributeValues', values, (key) => used.has(key))
      }
      return checked
    } catch (failure) {
      // What is wrong with the placeholders themselves is said before anything else.
      if (failure instanceof ValidationException) checkPlaceholders(names, values)
      throw failure
    }
  }

  #checked(compiled: Compiled, values: readonly unknown[]): Bound<Compiled> {
    const { slots, later, checks } = compiled
    for (let index = 0; index < slots.length; index++) checkValue(slots[index]!, values[index])
    if (later !== undefined) throw refusal(this.#kind, later)
    for (const check of checks) {
      const problem = check(values)
      if (problem !== undefined) throw refusal(this.#kind, problem)
    }
    checkTotalSize(values)
    return { compiled, values }
  }

  #compiled(
    cache: KeptExpressions<Compiled>,
    text: string,
    names: Names | undefined,
    options: { readonly isTemplate: boolean },
  ): Kept<Compiled> {
    const kept = cache.get(text)
    if (kept !== undefined && areSameNames(kept.names, names)) return kept
    if (names !== undefined) checkNames(names)
    // The caller may change his own.
    const ownNames = names === undefined ? undefined : { ...names }
    const compiled = this.#compile(text, new Scope(this.#kind, { names: ownNames, ...options }), options)
    const positions = compiled.slots.map((slot) => Number(slot.slice(1)))
    const fresh = { names: ownNames, compiled, positions }
    cache.set(text, fresh)
    return fresh
  }
}

const conditions = new Binder('ConditionExpression', (text, scope, options) =>
  compileCondition(parseCondition('ConditionExpression', text, options), scope),
)
const filters = new Binder('FilterExpression', (text, scope, options) =>
  compileCondition(parseCondition('FilterExpression', text, options), scope),
)
const keyConditions = new Binder('KeyConditionExpression', (text, scope, options) =>
  compileKeyCondition(parseCondition('KeyConditionExpression', text, options), scope),
)
const updates = new Binder('UpdateExpression', (text, scope, options) =>
  compileUpdate(parseUpdate(text, options), scope),
)
const projections = new Binder('ProjectionExpression', (text, scope, options) =>
  compileProjection(parseProjection(text, options), scope),
)

function areSameNames(kept: Names | undefined, names: Names | undefined): boolean {
  if (kept === names) return true
  if (kept === undefined || names === undefined) return false
  const keys = Object.keys(names)
  if (keys.length !== Object.keys(kept).length) return false
  for (const key of keys) if (!Object.hasOwn(kept, key) || kept[key] !== names[key]) return false
  return true
}

function checkPlaceholders(names: Names | undefined, values: Values | undefined): void {
  if (names !== undefined) checkNames(names)
  if (values !== undefined) checkValues(values)
}

function asMap(values: readonly unknown[]): Values {
  return Object.fromEntries(values.map((value, index) => [`:${index}`, value]))
}
