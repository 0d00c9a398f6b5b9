/** What a typed object filter means, what it refuses, and that it agrees with the same filter written as a string. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ValidationException } from '../../../../src/errors.js'
import { predicateFromFiltrex } from '../../../../src/model/expression/predicate-from-filtrex.js'
import { predicateFromObject, type Where } from '../../../../src/model/expression/predicate-from-object.js'
import { Decimal } from '../../../../src/model/item/decimal.js'

const passes = (where: unknown, item: Record<string, unknown> = {}): boolean =>
  predicateFromObject(where as Where<Record<string, unknown>>).matches(item)

function refusal(where: unknown): ValidationException {
  try {
    predicateFromObject(where as Where<Record<string, unknown>>)
  } catch (failure) {
    expect(failure).toBeInstanceOf(ValidationException)
    return failure as ValidationException
  }
  throw new Error('it was accepted')
}

describe('conditions', () => {
  const item = {
    ...{ name: 'Ann', total: 42, big: 12345678901234567890n, note: null, flag: false },
    ...{ tags: new Set(['a', 'b']), list: [1, { x: 2 }], bytes: new Uint8Array([1, 2, 3]) },
    address: { city: 'Oslo', zip: '0150', geo: { lat: 59.9 } },
  }

  test.each([
    [{}, true],
    [{ name: 'Ann' }, true],
    [{ name: 'Ann', total: 41 }, false],
    [{ total: 42n }, true],
    [{ total: Decimal.from('42') }, true],
    [{ total: { gt: 20, lt: 43 } }, true],
    [{ total: { gt: 20, lt: 42 } }, false],
    [{ total: { gte: 42, lte: 42 } }, true],
    [{ big: { gt: 12345678901234567889n } }, true],
    [{ total: { between: [42, 50] } }, true],
    [{ total: { between: [1, 41] } }, false],
    [{ name: { between: ['A', 'B'] } }, true],
    [{ name: { gt: 5 } }, false],
    [{ name: { ne: 'Bob' } }, true],
    [{ name: { beginsWith: 'An' } }, true],
    [{ bytes: { beginsWith: new Uint8Array([1]) } }, true],
    [{ bytes: { contains: new Uint8Array([2, 3]) } }, true],
    [{ bytes: new Uint8Array([1, 2, 3]) }, true],
    [{ name: { contains: 'nn' } }, true],
    [{ tags: { contains: 'b' } }, true],
    [{ list: { contains: { x: 2 } } }, true],
    [{ name: { matches: '^A.n$' } }, true],
    [{ name: { matches: /^a.n$/i } }, true],
    [{ total: { matches: '42' } }, false],
    [{ tags: { size: 2 } }, true],
    [{ tags: { size: { gt: 1, lt: 3 } } }, true],
    [{ name: { size: { gte: 4 } } }, false],
    [{ total: { size: 2 } }, false],
    [{ address: { size: 3 } }, true],
    [{ name: { in: ['Bob', 'Ann'] } }, true],
    [{ name: { in: new Set(['Bob', 'Ann']) } }, true],
    [{ total: { in: [1, 42n] } }, true],
    [{ total: { in: [] } }, false],
    [{ note: null }, true],
    [{ note: { exists: true } }, true],
    [{ flag: false }, true],
    [{ tags: new Set(['b', 'a']) }, true],
    [{ list: [1, { x: 2 }] }, true],
    [{ list: [1] }, false],
    [{ address: { city: 'Oslo' } }, true],
    [{ address: { city: { beginsWith: 'O' }, zip: { ne: '1' } } }, true],
    [{ address: { geo: { lat: { gt: 59 } } } }, true],
    [{ address: { eq: { city: 'Oslo' } } }, false],
    [{ address: { not: { city: 'Oslo' } } }, false],
    [{ list: { 1: { x: 2 } } }, true],
    [{ or: [{ name: 'Bob' }, { total: 42 }] }, true],
    [{ or: [] }, false],
    [{ and: [{ name: 'Ann' }, { total: 41 }] }, false],
    [{ not: { name: 'Bob' } }, true],
    [{ name: 'Ann', not: { or: [{ total: 1 }, { total: 42 }] } }, false],
  ])('%o is %s', (where, expected) => {
    expect(passes(where, item)).toBe(expected)
  })

  test('pass a missing attribute only for ne and exists: false', () => {
    for (const op of [
      ...[{ eq: 1 }, { lt: 1 }, { lte: 1 }, { gt: 1 }, { gte: 1 }, { between: [1, 2] }, { in: [1] }],
      ...[{ beginsWith: 'a' }, { contains: 'a' }, { matches: 'a' }, { size: 0 }, { exists: true }, { eq: null }],
    ]) {
      expect([op, passes({ gone: op })]).toEqual([op, false])
    }
    expect(passes({ gone: 1 })).toBe(false)
    expect(passes({ gone: null })).toBe(false)
    expect(passes({ gone: { ne: 1 } })).toBe(true)
    expect(passes({ gone: { exists: false } })).toBe(true)
    expect(passes({ gone: { city: { ne: 'Oslo' } } })).toBe(true)
    expect(passes({ gone: { city: 'Oslo' } }, { gone: 'text' })).toBe(false)
  })

  test('see nothing that is inherited', () => {
    for (const name of ['constructor', 'toString', 'hasOwnProperty']) {
      expect(passes({ [name]: { exists: true } })).toBe(false)
      expect(passes({ map: { [name]: { exists: true } } }, { map: {} })).toBe(false)
    }
    expect(passes(JSON.parse('{"__proto__":{"exists":true}}'))).toBe(false)
    expect(passes({ list: { length: 1 } }, { list: [1] })).toBe(false)
  })

  test('say which attributes they read, and how they were written', () => {
    const predicate = predicateFromObject({ a: 1, b: { c: 2n }, or: [{ d: 1 }, { not: { e: new Set(['x']) } }] })
    expect(predicate.attributes).toEqual(['a', 'b', 'd', 'e'])
    expect(predicate.source).toBe('{"a":1,"b":{"c":"2n"},"or":[{"d":1},{"not":{"e":["x"]}}]}')
  })

  test('stay what they were when the object changes', () => {
    const wanted = { list: { eq: [1] }, name: { in: ['a'] } }
    const predicate = predicateFromObject(wanted)
    wanted.list.eq.push(2)
    wanted.name.in.push('b')
    expect(predicate.matches({ list: [1], name: 'a' })).toBe(true)
    expect(predicate.matches({ list: [1], name: 'b' })).toBe(false)
  })

  test('look a value up in a long list in constant time', () => {
    const { matches } = predicateFromObject({ n: { in: Array.from({ length: 100_000 }, (_, index) => index) } })
    for (let round = 0; round < 100_000; round++) matches({ n: -1 })
  })
})

describe('what is refused', () => {
  test.each([
    [[], 'a filter is an object of attributes, not a list'],
    [{ total: undefined }, 'at total: its value is undefined'],
    [{ total: { gt: undefined } }, 'at total.gt: only texts, numbers and bytes have an order, not undefined'],
    [{ total: { eq: undefined } }, 'no attribute can be undefined'],
    [{ total: { gt: null } }, 'have an order, not null'],
    [{ total: { gt: Number.NaN } }, 'no attribute can be NaN'],
    [{ total: { eq: () => 1 } }, 'no attribute can be a function'],
    [{ at: new Date(0) }, 'no attribute can be a Date'],
    [{ name: /a/ }, 'a pattern is written { matches'],
    [{ total: { between: [1] } }, 'it takes a list of two values'],
    [{ total: { between: [1, 'a'] } }, 'of different types'],
    [{ total: { between: [2, 1] } }, 'its first value is greater'],
    [{ total: { in: 5 } }, 'it takes a list or a set'],
    [{ total: { exists: 1 } }, 'it takes true or false'],
    [{ name: { beginsWith: 1 } }, 'it takes a text or bytes'],
    [{ name: { matches: 1 } }, 'it takes a pattern as text'],
    [{ name: { size: 'a' } }, 'it takes a number'],
    [{ total: {} }, 'an empty object asks for nothing'],
    [{ or: { a: 1 } }, '"or" takes a list of filters'],
    [{ not: [{ a: 1 }] }, 'a filter is an object of attributes, not a list'],
    [{ or: [1] }, 'at or.0: a filter is an object'],
    [{ name: { startsWith: 'a' } }, 'did you mean "beginsWith"?'],
    [{ name: { begins_with: 'a' } }, 'did you mean "beginsWith"?'],
    [{ total: { $gt: 1 } }, 'did you mean "gt"?'],
    [{ total: { '>': 1 } }, 'did you mean "gt"?'],
    [{ total: { exist: true } }, 'did you mean "exists"?'],
    [{ total: { gt: 1, unit: 'EUR' } }, '"gt" stands beside names that are no operators'],
    [{ age: { not: { gt: 5 } } }, '"gt" stands beside names'],
  ])('%o', (where, reason) => {
    const error = refusal(where)
    expect(error.code).toBe('FILTER_SYNTAX')
    expect(error.message).toContain(reason)
  })

  test('is not an attribute that an operator makes clear', () => {
    expect(passes({ product: { size: { eq: 3 }, color: 'red' } }, { product: { size: 3, color: 'red' } })).toBe(true)
    expect(passes({ game: { exist: { eq: 3 } } }, { game: { exist: 3 } })).toBe(true)
    expect(passes({ owner: { id: 5, site: 'x', match: 1 } }, { owner: { id: 5, site: 'x', match: 1 } })).toBe(true)
    expect(passes({ size: 3, startsWith: 'x' }, { size: 3, startsWith: 'x' })).toBe(true)
  })

  test('is what is too deep or too much', () => {
    const nested = (depth: number): unknown => (depth === 1 ? { a: 1 } : { not: nested(depth - 1) })
    expect(passes(nested(31), {})).toBe(false)
    expect(refusal(nested(33)).code).toBe('FILTER_TOO_COMPLEX')
    const cycle: Record<string, unknown> = {}
    cycle['not'] = cycle
    expect(refusal(cycle).code).toBe('FILTER_TOO_COMPLEX')
    const list: unknown[] = []
    list.push(list)
    expect(refusal({ a: list }).code).toBe('FILTER_TOO_COMPLEX')
    expect(refusal({ or: Array.from({ length: 300 }, () => ({ a: 1 })) }).code).toBe('FILTER_TOO_COMPLEX')
    expect(refusal({ name: { matches: '(' } }).code).toBe('FILTER_PATTERN')
  })

  test('is never anything but a ValidationException', () => {
    const where = fc.object({
      key: fc.oneof(fc.constantFrom('eq', 'gt', 'in', 'and', 'or', 'not', 'size', 'between', 'a', '__proto__')),
      values: [fc.anything(), fc.constantFrom(1, 'a', null), fc.array(fc.integer())],
      maxDepth: 4,
    })
    fc.assert(
      fc.property(where, (object) => {
        try {
          expect(typeof passes(object, { a: 1, eq: [1], gt: { a: 2 } })).toBe('boolean')
        } catch (failure) {
          expect(failure).toBeInstanceOf(ValidationException)
        }
      }),
      { numRuns: 2000 },
    )
  })
})

test('means what the same filter means as a string', () => {
  const value = fc.constantFrom(0, 1, 2n, 1.5, 'a', 'b', true, null, 12345678901234567890n)
  const signs = { eq: '==', ne: '!=', lt: '<', lte: '<=', gt: '>', gte: '>=' } as const
  const written = (x: unknown): string => (typeof x === 'string' ? JSON.stringify(x) : String(x))
  fc.assert(
    fc.property(
      fc.record({ a: value, b: value }, { requiredKeys: [] }),
      fc.constantFrom('a', 'b'),
      fc.constantFrom(...(Object.keys(signs) as (keyof typeof signs)[])),
      value,
      fc.boolean(),
      (item, name, operator, operand, negated) => {
        const ordered = operator !== 'eq' && operator !== 'ne'
        fc.pre(!ordered || (operand !== null && typeof operand !== 'boolean'))
        const where = { [name]: { [operator]: operand } }
        const text = `${name} ${signs[operator]} ${written(operand)}`
        const string = predicateFromFiltrex(negated ? `not ${text}` : text)
        expect(passes(negated ? { not: where } : where, item)).toBe(string.matches(item))
        expect(passes({ [name]: { in: [operand] } }, item)).toBe(
          predicateFromFiltrex(`${name} in (${written(operand)})`).matches(item),
        )
      },
    ),
    { numRuns: 1000 },
  )
})

test('is typed', () => {
  interface Order {
    id: string
    status: 'open' | 'paid'
    total: number
    note?: string | null
    tags: Set<string>
    address: { city: string; geo?: { lat: number } }
  }
  const good: Where<Order>[] = [
    { status: 'open' },
    { status: { in: ['open', 'paid'] } },
    { total: { gt: 20, lt: 30 } },
    { note: { exists: false } },
    { note: null },
    { tags: { contains: 'a', size: { gt: 1 } } },
    { address: { city: 'Oslo', geo: { lat: { gt: 1 } } } },
    { or: [{ id: { beginsWith: 'a' } }, { not: { id: { matches: /a/ } } }] },
  ]
  const bad: Where<Order>[] = [
    // @ts-expect-error no such attribute
    { totl: { gt: 1 } },
    // @ts-expect-error an operand of another type
    { total: { gt: '1' } },
    // @ts-expect-error no such status
    { status: 'opne' },
    // @ts-expect-error numbers have no prefix
    { total: { beginsWith: '1' } },
    // @ts-expect-error no such operator
    { id: { startsWith: '1' } },
  ]
  expect(good.every((where) => predicateFromObject<Order>(where).matches({}) !== undefined)).toBe(true)
  expect(bad).toHaveLength(5)
})
