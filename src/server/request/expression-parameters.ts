/**
 * The expressions of one request. They share their names and values, so each name and value has to be used by one of them;
 * and they go with the older parameters, which say the same without expressions, in no request.
 */
import {
  type Bound,
  bindCondition,
  bindKeyCondition,
  bindProjection,
  bindUpdate,
} from '../../model/expression/dynamodb/bound-expression.js'
import type { RawExpression } from '../../model/expression/dynamodb/expression-source.js'
import type { KeyConditions } from '../../model/expression/dynamodb/key-condition.js'
import { checkNames, checkUnused, checkValues, type Names } from '../../model/expression/dynamodb/placeholder.js'
import type { Requirements } from '../../model/expression/dynamodb/scope.js'
import type { Update } from '../../model/expression/dynamodb/update.js'
import type { ExpressionKind } from '../../model/expression/dynamodb/wording.js'
import { CompiledPredicate } from '../../model/expression/predicate.js'
import { CompiledProjection } from '../../model/expression/projection.js'
import { AwsError, validationError } from '../aws-error.js'
import type { Members } from '../performer.js'
import type { AttributeMap } from '../value/attribute-value.js'
import { nativeValue } from '../value/native-value.js'
import { bothKinds, invalidPlaceholderValue, NAMES_WITHOUT_EXPRESSION, valuesWithoutExpression } from '../wording.js'

export interface ParameterNames {
  /** The expressions that the operation takes, in the order in which they are named. */
  readonly expressions: readonly ExpressionKind[]
  /** The older parameters in their place. */
  readonly others: readonly string[]
}

/** What of a request is in expressions; undefined where it has none. */
export interface BoundExpressions {
  readonly condition: CompiledPredicate | undefined
  readonly filter: CompiledPredicate | undefined
  readonly keyCondition: Bound<KeyConditions> | undefined
  readonly update: Bound<Update> | undefined
  readonly projection: CompiledProjection | undefined
  /** The top-level attributes that any of them looks into. */
  readonly nested: ReadonlySet<string>
}

/** The order in which they are looked at. */
const ORDER: readonly ExpressionKind[] = [
  'UpdateExpression',
  'ConditionExpression',
  'KeyConditionExpression',
  'FilterExpression',
  'ProjectionExpression',
]

const NONE: BoundExpressions = Object.freeze({
  condition: undefined,
  filter: undefined,
  keyCondition: undefined,
  update: undefined,
  projection: undefined,
  nested: new Set<string>(),
})

/**
 * Whether the parameters go together. It comes before anything else in a request is looked at.
 *
 * @throws {AwsError} ValidationException
 */
export function checkParameters(input: Members, { expressions, others }: ParameterNames): void {
  const given = expressions.filter((name) => input[name] !== undefined)
  if (given.length > 0) {
    // A query may have the older key conditions beside a newer filter.
    const isOther = (name: string) => name !== 'KeyConditions' || input['KeyConditionExpression'] !== undefined
    const mixed = others.filter((name) => input[name] !== undefined && isOther(name))
    if (mixed.length > 0) throw validationError(bothKinds(mixed, given))
  } else if (input['ExpressionAttributeNames'] !== undefined) throw validationError(NAMES_WITHOUT_EXPRESSION)
  if (input['ExpressionAttributeValues'] === undefined) return
  const withValues = expressions.filter((name) => name !== 'ProjectionExpression')
  if (withValues.length > 0 && withValues.every((name) => input[name] === undefined)) {
    throw validationError(valuesWithoutExpression(withValues))
  }
}

/**
 * @throws {AwsError} ValidationException, when a value is none.
 * @throws {ValidationException} When an expression can't be used, or a name or a value is in none of them.
 */
export function bindExpressions(
  input: Members,
  { expressions }: Pick<ParameterNames, 'expressions'>,
): BoundExpressions {
  let count = 0
  for (const name of expressions) if (input[name] !== undefined) count += 1
  if (count === 0) return NONE
  const names = input['ExpressionAttributeNames'] as Names | undefined
  const values = placeholderValues(names, input['ExpressionAttributeValues'] as AttributeMap | undefined)
  const shared = { ...(names !== undefined && { names }), ...(values !== undefined && { values }) }
  const options = { ownsPlaceholders: count === 1 }
  const bound: { -readonly [Name in keyof BoundExpressions]: BoundExpressions[Name] } = { ...NONE }
  const used: Requirements[] = []
  for (const kind of ORDER) {
    if (!expressions.includes(kind)) continue
    const expression = input[kind] as string | undefined
    if (expression === undefined) continue
    used.push(bindOne(kind, { expression, ...shared }, options, bound))
  }
  bound.nested = count === 1 ? used[0]!.nested : new Set(used.flatMap(({ nested }) => [...nested]))
  if (count > 1) {
    checkUnused('ExpressionAttributeNames', names, (key) => used.some(({ usedNames }) => usedNames.has(key)))
    // There may be many of either.
    const slots = new Set(used.flatMap((each) => each.slots))
    checkUnused('ExpressionAttributeValues', values, (key) => slots.has(key))
  }
  return bound
}

function bindOne(
  kind: ExpressionKind,
  source: RawExpression,
  options: { readonly ownsPlaceholders: boolean },
  target: { -readonly [Name in keyof BoundExpressions]: BoundExpressions[Name] },
): Requirements {
  switch (kind) {
    case 'ConditionExpression':
    case 'FilterExpression': {
      const { compiled, values } = bindCondition(kind, source, options)
      const { test, attributes } = compiled
      const predicate = new CompiledPredicate({
        source: source.expression,
        attributes,
        matches: (item) => test(item, values),
      })
      if (kind === 'ConditionExpression') target.condition = predicate
      else target.filter = predicate
      return compiled
    }
    case 'KeyConditionExpression':
      target.keyCondition = bindKeyCondition(source, options)
      return target.keyCondition.compiled
    case 'UpdateExpression':
      target.update = bindUpdate(source, options)
      return target.update.compiled
    case 'ProjectionExpression': {
      const { compiled } = bindProjection(source, options)
      target.projection = new CompiledProjection(compiled)
      return compiled
    }
  }
}

/** The values as items have them. */
function placeholderValues(
  names: Names | undefined,
  map: AttributeMap | undefined,
): Readonly<Record<string, unknown>> | undefined {
  if (map === undefined) return undefined
  const values: Record<string, unknown> = {}
  for (const key of Object.keys(map)) {
    try {
      // What does not begin so is no placeholder, and may be the name of something that objects have.
      if (!key.startsWith(':')) throw validationError('')
      values[key] = nativeValue(map[key]!)
    } catch (failure) {
      if (!(failure instanceof AwsError)) throw failure
      // What is wrong with the placeholders themselves is said first.
      if (names !== undefined) checkNames(names)
      checkValues(Object.fromEntries(Object.keys(map).map((name) => [name, null])))
      throw validationError(invalidPlaceholderValue(key, failure.message))
    }
  }
  return values
}
