/** Items are validated by any synchronous Standard Schema; here by zod, valibot and ones written out. */
import * as v from 'valibot'
import { expect, expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import { SchemaValidationException, ValidationException } from '../../../../src/errors.js'
import {
  checkItemSchema,
  type InferIn,
  type InferOut,
  type StandardSchemaV1,
  type,
  validateItem,
} from '../../../../src/model/schema/item-schema.js'

const zodUser = z.object({ id: z.string(), age: z.number().default(18), tags: z.array(z.object({ name: z.string() })) })
const valibotUser = v.object({
  id: v.string(),
  age: v.optional(v.number(), 18),
  tags: v.array(v.object({ name: v.string() })),
})

function refusal(act: () => unknown): ValidationException {
  try {
    act()
  } catch (failure) {
    expect(failure).toBeInstanceOf(ValidationException)
    return failure as ValidationException
  }
  throw new Error('it was accepted')
}

test.each([
  ['zod', zodUser],
  ['valibot', valibotUser],
])('%s answers with the item as it will be stored', (_name, schema) => {
  const item = { id: 'u1', tags: [], more: 1 }
  expect(validateItem(checkItemSchema(schema, 'users'), 'users', item)).toEqual({ id: 'u1', age: 18, tags: [] })
  expect(item).toEqual({ id: 'u1', tags: [], more: 1 })
})

test.each([
  ['zod', zodUser],
  ['valibot', valibotUser],
])('%s says what is wrong, and where', (_name, schema) => {
  const error = refusal(() => validateItem(schema, 'users', { id: 1, tags: [{ name: 'a' }, { name: 2 }] }))
  expect(error).toBeInstanceOf(SchemaValidationException)
  expect(error.code).toBe('SCHEMA')
  expect(error.name).toBe('ValidationException')
  expect((error as SchemaValidationException).issues.map((issue) => issue.path)).toEqual(['id', 'tags.1.name'])
  expect(error.message).toContain('Cannot write to "users": the item does not match its schema: id: ')
})

test('a schema that answers later is refused', () => {
  const schemas: StandardSchemaV1[] = [
    z.object({ id: z.string().refine(async () => true) }) as unknown as StandardSchemaV1,
    v.objectAsync({
      id: v.pipeAsync(
        v.string(),
        v.checkAsync(async () => false),
      ),
    }) as unknown as StandardSchemaV1,
    schemaOf(() => Promise.reject(new Error('unheard'))),
  ]
  for (const schema of schemas) {
    const error = refusal(() => validateItem(schema, 'users', { id: 'a' }))
    expect(error.code).toBe('SCHEMA')
    expect(error.message).toBe(
      'Cannot write to "users": its schema does not answer at once: it is asynchronous, or code in it has thrown an error; only schemas that answer at once can be used',
    )
  }
})

test('a schema that answers strangely is refused', () => {
  expect(
    refusal(() =>
      validateItem(
        schemaOf(() => undefined),
        'users',
        {},
      ),
    ).message,
  ).toContain('gave no result')
  expect(
    refusal(() =>
      validateItem(
        schemaOf(() => ({ issues: [] })),
        'users',
        {},
      ),
    ),
  ).toBeInstanceOf(SchemaValidationException)
  const strange = schemaOf(() => ({ issues: ['no', { message: 'bad', path: [{ key: 'a' }, 0, Symbol('s')] }] }))
  expect((refusal(() => validateItem(strange, 'users', {})) as SchemaValidationException).issues).toEqual([
    { message: 'no', path: '' },
    { message: 'bad', path: 'a.0.Symbol(s)' },
  ])
})

test('what a validator throws is its own', () => {
  const failure = new RangeError('mine')
  const schema = schemaOf(() => {
    throw failure
  })
  expect(() => validateItem(schema, 'users', {})).toThrow(failure)
})

test('what is no schema is refused', () => {
  for (const schema of [undefined, null, {}, { '~standard': {} }, () => true, 'string']) {
    expect(refusal(() => checkItemSchema(schema, 'users')).code).toBe('TABLE_DEFINITION')
  }
  expect(
    checkItemSchema(
      Object.assign(
        () => true,
        schemaOf(() => ({ value: 1 })),
      ),
      'users',
    ),
  ).toBeTypeOf('function')
})

test('a schema of types only takes everything, and gives the type', () => {
  interface User {
    id: string
    age?: number
  }
  const schema = type<User>()
  const item = { id: 5 }
  expect(validateItem(schema, 'users', item)).toBe(item)
  expectTypeOf<InferIn<typeof schema>>().toEqualTypeOf<User>()
  expectTypeOf<InferOut<typeof zodUser>>().toEqualTypeOf<{ id: string; age: number; tags: { name: string }[] }>()
  expectTypeOf<InferIn<typeof zodUser>>().toEqualTypeOf<{
    id: string
    age?: number | undefined
    tags: { name: string }[]
  }>()
  expectTypeOf<InferOut<typeof valibotUser>>().toEqualTypeOf<{ id: string; age: number; tags: { name: string }[] }>()
})

function schemaOf(validate: (value: unknown) => unknown): StandardSchemaV1 {
  return { '~standard': { version: 1, vendor: 'test', validate } }
}
