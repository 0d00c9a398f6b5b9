import { expect, it } from 'vitest'
import { taken } from '../../../../src/model/expression/taken.js'

it('shares nothing with what it was that could change', () => {
  const bytes = Buffer.from([1, 2])
  const value = { list: ['a', { deep: [1] }], bytes, set: new Set<unknown>(['x', bytes]), none: null, no: undefined }
  const kept = taken(value)
  expect(kept).toEqual({ ...value, bytes: Uint8Array.of(1, 2), set: new Set(['x', Uint8Array.of(1, 2)]) })
  bytes[0] = 9
  ;(value.list[1] as { deep: number[] }).deep.push(2)
  value.set.clear()
  expect(kept).toEqual({
    list: ['a', { deep: [1] }],
    bytes: Uint8Array.of(1, 2),
    set: new Set(['x', Uint8Array.of(1, 2)]),
    none: null,
    no: undefined,
  })
})

it('leaves alone what is no plain data', () => {
  const filter = (item: unknown) => item !== undefined
  const date = new Date()
  expect(taken(filter)).toBe(filter)
  expect(taken({ at: date }).at).toBe(date)
  for (const value of [undefined, null, 'text', 5n, true]) expect(taken(value)).toBe(value)
})

it('keeps an own property called __proto__, and changes no prototype', () => {
  const kept = taken(JSON.parse('{"__proto__": {"isAdmin": true}, "a": {"__proto__": {"b": 1}}}'))
  expect(Object.keys(kept)).toEqual(['__proto__', 'a'])
  expect(Object.getPrototypeOf(kept)).toBe(Object.prototype)
  expect(Object.keys(kept.a)).toEqual(['__proto__'])
  expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined()
  expect(kept.isAdmin).toBeUndefined()
})

it('ends with what holds itself many times, and with what is very deep', () => {
  const circle: Record<string, unknown> = {}
  for (let n = 0; n < 1000; n++) circle[`n${n}`] = circle
  const kept = taken(circle)
  expect(kept).not.toBe(circle)
  expect(kept['n7']).toBe(kept)
  const deep = JSON.parse(`${'['.repeat(50_000)}${']'.repeat(50_000)}`)
  expect(Array.isArray(taken(deep))).toBe(true)
})

it('does not go through a list that is longer than any that is taken', () => {
  const sparse: unknown[] = []
  sparse[3e7] = 1
  const usual = Array.from({ length: 1000 }, (_, n) => n)
  const kept = taken({ sparse, usual })
  expect(kept.sparse).toBe(sparse)
  expect(kept.usual).not.toBe(usual)
  expect(kept.usual).toEqual(usual)
})
