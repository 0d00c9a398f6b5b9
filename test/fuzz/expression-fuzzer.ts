/**
 * Expressions without end: those of the grammar are evaluated twice, by the engine and by a reference that never saw the
 * text; those that are none are refused, by an error of ours and nothing else. None may change a prototype, none may
 * take long.
 *
 * A failure names the seed of the one expression that failed: `npm run fuzz:expressions -- --seed <it> --count 1`.
 */

import { ValidationException } from '../../src/index.js'
import {
  bindCondition,
  bindKeyCondition,
  bindProjection,
  bindUpdate,
} from '../../src/model/expression/dynamodb/bound-expression.js'
import type { DdbExpression } from '../../src/model/expression/dynamodb/expression-source.js'
import { keyConditionAsObject } from '../../src/model/expression/dynamodb/key-condition.js'
import { translate, translateUpdate } from '../../src/model/expression/translate/translate.js'
import type { SeededRandom } from '../support/random.js'
import {
  ExpressionWriter,
  mutated,
  randomActions,
  randomCondition,
  randomDocument,
  randomPaths,
  randomSoup,
  type WrittenExpression,
} from '../support/random-expressions.js'
import type { AnyItem } from '../support/reference-database.js'
import { holds, projection, ReferenceRefusal, updated, worthOf } from '../support/reference-expression.js'
import {
  type Canary,
  fuzzLanguage,
  type Language,
  type LanguageFuzzOptions,
  type LanguageReport,
} from './language-fuzzer.js'

/** @throws When something is not as it should be; the message says how to repeat it. */
export function fuzzExpressions(
  options: LanguageFuzzOptions,
): LanguageReport<'conditions' | 'updates' | 'projections'> {
  return fuzzLanguage(EXPRESSIONS, options)
}

const EXPRESSIONS: Language<'conditions' | 'updates' | 'projections'> = {
  kinds: [
    ['conditions', 3, runCondition],
    ['updates', 2, runUpdate],
    ['projections', 1, runProjection],
  ],
  runWrong,
}

function runCondition(random: SeededRandom, item: AnyItem, canary: Canary): void {
  const spec = randomCondition(random, item)
  const written = new ExpressionWriter(random).condition(spec)
  const bound = attempt(() => bindCondition('FilterExpression', written))
  if (bound instanceof ValidationException) {
    checkKnownRefusal(bound, written)
    return
  }
  const again = random.chance(0.3)
    ? attempt(() => bindCondition('FilterExpression', translate(asTemplate(written))))
    : bound
  // Written out with other placeholders it may be too long.
  if (again instanceof ValidationException) {
    if (again.code !== 'EXPRESSION_UNTRANSLATABLE') throw again
    return
  }
  for (const document of [item, {}, randomDocument(random)]) {
    const before = worthOf(document)
    const found = canary(String(bound.compiled.test(document, bound.values)), written.expression)
    const wanted = holds(spec, document)
    if (found !== String(wanted))
      throw new Error(`${show(written)} is ${found} and not ${wanted} of ${worthOf(document)}`)
    const translated = again.compiled.test(document, again.values)
    if (translated !== wanted) throw new Error(`the translation of ${show(written)} is ${translated}`)
    if (worthOf(document) !== before) throw new Error(`${show(written)} changed the item`)
  }
}

function runUpdate(random: SeededRandom, item: AnyItem, canary: Canary): void {
  const actions = randomActions(random, item)
  const written = new ExpressionWriter(random).update(actions)
  const bound = attempt(() => bindUpdate(written))
  if (bound instanceof ValidationException) {
    checkKnownRefusal(bound, written)
    return
  }
  const before = worthOf(item)
  const found = canary(
    outcome(() => bound.compiled.apply(item, bound.values).item),
    written.expression,
  )
  const wanted = outcome(() => updated(item, actions))
  if (found !== wanted) throw new Error(`${show(written)} of ${before} gives ${found} and not ${wanted}`)
  if (random.chance(0.3)) {
    const again = bindUpdate(translateUpdate(asTemplate(written)))
    const translated = outcome(() => again.compiled.apply(item, again.values).item)
    // Its sections may be in another order, and so another of several things that are wrong is found first.
    const isSame = translated === found || (isRefusal(translated) && isRefusal(found))
    if (!isSame) throw new Error(`the translation of ${show(written)} gives ${translated} and not ${found}`)
  }
  if (worthOf(item) !== before) throw new Error(`${show(written)} changed the old item`)
}

function runProjection(random: SeededRandom, item: AnyItem): void {
  const paths = randomPaths(random, item)
  const written = new ExpressionWriter(random).projection(paths)
  const bound = attempt(() => bindProjection(written))
  if (bound instanceof ValidationException) {
    checkKnownRefusal(bound, written)
    return
  }
  const found = worthOf(bound.compiled.project(item))
  const wanted = worthOf(projection(item, paths))
  if (found !== wanted) throw new Error(`${show(written)} of ${worthOf(item)} gives ${found} and not ${wanted}`)
}

/** The same as a template would have made it. */
function asTemplate({ expression, names, values = {} }: WrittenExpression): DdbExpression {
  const text = expression.replace(/:v(\d+)/g, ':$1')
  const all = Object.keys(values).map((_, index) => values[`:v${index}`])
  return { kind: 'ddb', text, values: all, ...(names === undefined ? {} : { names }) }
}

function isRefusal(outcome: string): boolean {
  return !outcome.startsWith('M{')
}

/** A text that is no expression, most likely, as each kind of expression. Whether one of them took it. */
function runWrong(random: SeededRandom, item: AnyItem): boolean {
  const writer = new ExpressionWriter(random)
  const from = random.pick<() => WrittenExpression>([
    () => writer.condition(randomCondition(random, item)),
    () => writer.update(randomActions(random, item)),
    () => writer.projection(randomPaths(random, item)),
    () => ({ expression: '', names: { '#n': 'a', '#n0': '__proto__' }, values: { ':v': 1, ':v0': 'a' } }),
  ])()
  const expression = from.expression === '' ? randomSoup(random) : mutated(random, from.expression)
  const written = { ...from, expression }
  const options = { ownsPlaceholders: random.chance(0.2) }
  const condition = attempt(() => bindCondition('ConditionExpression', written, options))
  if (!(condition instanceof ValidationException)) condition.compiled.test(item, condition.values)
  const key = attempt(() => {
    const { compiled, values } = bindKeyCondition(written, options)
    return keyConditionAsObject(compiled, values, { partition: ['a'], sort: ['b'] })
  })
  const update = attempt(() => bindUpdate(written, options))
  if (!(update instanceof ValidationException)) outcome(() => update.compiled.apply(item, update.values).item)
  const select = attempt(() => bindProjection(written, options))
  if (!(select instanceof ValidationException)) select.compiled.project(item)
  attempt(() => bindCondition('FilterExpression', { kind: 'ddb', text: expression, values: [1, 'a'] }))
  return [condition, key, update, select].some((result) => !(result instanceof ValidationException))
}

/** What the grammar allows may still be refused for what it says. */
function checkKnownRefusal({ code, message }: ValidationException, written: WrittenExpression): void {
  const isKnown =
    /first operand must be distinct|IN operator is provided with|requires same data type for lower/.test(message) ||
    code === 'EXPRESSION_TOO_LONG'
  if (!isKnown) throw new Error(`${show(written)} is refused: ${code} ${message}`)
}

function attempt<T>(act: () => T): T | ValidationException {
  try {
    return act()
  } catch (failure) {
    if (failure instanceof ValidationException) return failure
    throw failure
  }
}

/** The item as text, or the kind of refusal. */
function outcome(act: () => AnyItem): string {
  try {
    return worthOf(act())
  } catch (failure) {
    if (!(failure instanceof ValidationException) && !(failure instanceof ReferenceRefusal)) throw failure
    return failure.code.startsWith('NUMBER') ? 'NUMBER' : failure.code
  }
}

function show({ expression, names, values }: WrittenExpression): string {
  const shown = Object.entries(values ?? {}).map(([key, value]) => `${key} ${worthOf(value)}`)
  return `${JSON.stringify(expression)} ${JSON.stringify(names ?? {})} ${shown.join(' ')}`
}
