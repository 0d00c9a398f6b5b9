/** A selection keeps the attributes it names, of those an item has. */
import { expect, test } from 'vitest'
import { ValidationException } from '../../../../src/errors.js'
import { compileProjection } from '../../../../src/model/expression/projection.js'

test('keeps what is named and there', () => {
  const { project, attributes } = compileProjection(['b', 'a', 'b', 'gone', 'constructor', '__proto__'])
  const item = { a: 1, b: [2], c: 3 }
  expect(project(item)).toEqual({ b: [2], a: 1 })
  expect(project(item)['b']).toBe(item.b)
  expect(Object.hasOwn(project(item), 'constructor')).toBe(false)
  expect(attributes).toEqual(['b', 'a', 'gone', 'constructor'])
  expect(project(JSON.parse('{"__proto__":{"polluted":1},"constructor":2}'))).toEqual(
    Object.fromEntries([['constructor', 2]]),
  )
})

test('keeps everything when nothing is named', () => {
  const item = { a: 1 }
  expect(compileProjection(undefined).project(item)).toBe(item)
  expect(compileProjection(undefined).attributes).toBeUndefined()
})

test('is refused when it is empty or no list of names', () => {
  for (const select of [[], 'a', [1], [''], [undefined], null, { 0: 'a' }]) {
    try {
      compileProjection(select as never)
      expect.unreachable()
    } catch (failure) {
      expect((failure as ValidationException).code).toBe('OPTION')
      expect(failure).toBeInstanceOf(ValidationException)
    }
  }
})
