/**
 * Schemas of items: any validator that speaks Standard Schema (zod, valibot, arktype, …), as long as it answers at once.
 *
 * The validator's answer is what is stored: defaults are filled in, unknown attributes go if it strips them (of an update:
 * see validated-update.ts). A schema
 * made by `type<T>()` gives TypeScript the item's type and checks nothing.
 */
import { SchemaValidationException, ValidationException } from '../../errors.js'
import type { Item } from '../item/item.js'
import { definitionRefusal } from '../key/name-rule.js'

/** https://standardschema.dev, version 1: only what is used of it. */
export interface StandardSchemaV1<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => unknown
    readonly types?: { readonly input: Input; readonly output: Output } | undefined
  }
}

/** The type of an item as it is put. */
export type InferIn<S> = S extends { readonly '~standard': { readonly types?: infer X } }
  ? NonNullable<X> extends { readonly input: infer I }
    ? I
    : never
  : never

/** The type of an item as it is got. */
export type InferOut<S> = S extends { readonly '~standard': { readonly types?: infer X } }
  ? NonNullable<X> extends { readonly output: infer O }
    ? O
    : never
  : never

/** A schema of types only: `table('users', { schema: type<User>(), key: ['id'] })`. It validates nothing. */
export function type<T>(): StandardSchemaV1<T, T> {
  return { '~standard': { version: 1, vendor: 'dynafile', validate: acceptAnything } }
}

function acceptAnything(value: unknown): { readonly value: unknown } {
  return { value }
}

/** @throws {ValidationException} `TABLE_DEFINITION` when it is no schema. */
export function checkItemSchema(schema: unknown, table: string): StandardSchemaV1 {
  // Some validators (arktype) are functions.
  if ((typeof schema === 'object' && schema !== null) || typeof schema === 'function') {
    const standard = (schema as Partial<StandardSchemaV1>)['~standard']
    if (standard?.version === 1 && typeof standard.validate === 'function') return schema as StandardSchemaV1
  }
  throw definitionRefusal(table, 'its schema is no Standard Schema; use zod, valibot, arktype or type<Item>()')
}

/** What makes of an item what is stored; undefined for a schema that says nothing but types: there is nothing to do. */
export function itemValidator(schema: StandardSchemaV1 | undefined, table: string): ((item: Item) => Item) | undefined {
  if (schema === undefined || schema['~standard'].validate === acceptAnything) return undefined
  return (item) => validateItem(schema, table, item) as Item
}

/**
 * The value as the schema makes it. What the validator itself throws goes to the caller unchanged.
 *
 * @throws {SchemaValidationException} With the validator's issues, when the value does not match.
 * @throws {ValidationException} `SCHEMA` when the validator does not answer at once, or gives no answer.
 */
export function validateItem(schema: StandardSchemaV1, table: string, value: unknown): unknown {
  const result = schema['~standard'].validate(value)
  if (!isObject(result)) throw refusal(table, 'its schema gave no result')
  if (typeof result['then'] === 'function') {
    // Nobody will wait for it; its rejection must not end the process.
    ;(result as unknown as PromiseLike<unknown>).then(ignore, ignore)
    throw refusal(
      table,
      'its schema does not answer at once: it is asynchronous, or code in it has thrown an error; only schemas that answer at once can be used',
    )
  }
  const { issues } = result
  if (issues === undefined) return result['value']
  throw new SchemaValidationException(table, (Array.isArray(issues) ? issues : []).map(issueOf))
}

function issueOf(issue: unknown): { readonly message: string; readonly path: string } {
  if (!isObject(issue)) return { message: String(issue), path: '' }
  const path = Array.isArray(issue['path']) ? (issue['path'] as unknown[]) : []
  return { message: String(issue['message']), path: path.map(segmentName).join('.') }
}

/** A segment is the name or index itself, or an object that has it as its key. */
function segmentName(segment: unknown): string {
  return String(isObject(segment) ? segment['key'] : segment)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function refusal(table: string, reason: string): ValidationException {
  return new ValidationException('SCHEMA', `Cannot write to "${table}": ${reason}`)
}

function ignore(): void {}
