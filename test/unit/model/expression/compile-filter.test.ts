/** Each notation finds its reader, and what is no filter is refused. */
import { describe, expect, test } from 'vitest'
import { ValidationException } from '../../../../src/errors.js'
import { compileFilter } from '../../../../src/model/expression/compile-filter.js'
import { ddb } from '../../../../src/model/expression/dynamodb/ddb.js'

const codeOf = (act: () => unknown): string => {
  try {
    act()
  } catch (failure) {
    return failure instanceof ValidationException ? failure.code : String(failure)
  }
  return 'accepted'
}

test('chooses by type', () => {
  expect(compileFilter('total > 20').matches({ total: 42 })).toBe(true)
  expect(compileFilter({ total: { gt: 20 } }).matches({ total: 42 })).toBe(true)
  expect(compileFilter((item: { total: number }) => item.total > 20).matches({ total: 42 })).toBe(true)
  expect(compileFilter('ttl < now()', { now: () => 5 }).matches({ ttl: 1 })).toBe(true)
  expect(compileFilter(ddb`total > ${20}`).matches({ total: 42 })).toBe(true)
  expect(
    compileFilter({ expression: '#total > :v', names: { '#total': 'total' }, values: { ':v': 20 } }).matches({
      total: 42,
    }),
  ).toBe(true)
})

test('refuses what is no filter', () => {
  for (const filter of [undefined, null, 5, true, [], new Map(), new Date(0), Symbol('x'), /a/]) {
    expect(codeOf(() => compileFilter(filter))).toBe('FILTER_TYPE')
  }
})

describe('a function', () => {
  test('passes what it finds truthy', () => {
    expect(compileFilter(() => 'yes').matches({})).toBe(true)
    expect(compileFilter(() => 0).matches({})).toBe(false)
    expect(compileFilter(() => undefined).matches({})).toBe(false)
    expect(compileFilter(function isOpen() {}).source).toBe('the function isOpen')
    expect(compileFilter(() => true).attributes).toBeUndefined()
  })

  test('is refused when it answers later', () => {
    expect(codeOf(() => compileFilter(async () => true))).toBe('FILTER_TYPE')
    expect(codeOf(() => compileFilter(function* () {}))).toBe('FILTER_TYPE')
    expect(codeOf(() => compileFilter(() => Promise.resolve(false)).matches({}))).toBe('FILTER_TYPE')
    expect(codeOf(() => compileFilter(() => Promise.reject(new Error('unheard'))).matches({}))).toBe('FILTER_TYPE')
  })

  test('throws what it throws', () => {
    const failure = new RangeError('mine')
    const predicate = compileFilter(() => {
      throw failure
    })
    expect(() => predicate.matches({})).toThrow(failure)
  })
})
