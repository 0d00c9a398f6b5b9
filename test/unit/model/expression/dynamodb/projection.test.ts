/** What projections keep of an item, and which form key conditions take. */
import { describe, expect, test } from 'vitest'
import { bindKeyCondition, bindProjection } from '../../../../../src/model/expression/dynamodb/bound-expression.js'
import { ddb } from '../../../../../src/model/expression/dynamodb/ddb.js'
import type { ExpressionSource } from '../../../../../src/model/expression/dynamodb/expression-source.js'
import { keyConditionAsObject } from '../../../../../src/model/expression/dynamodb/key-condition.js'
import { compileProjection } from '../../../../../src/model/expression/projection.js'
import type { Item } from '../../../../../src/model/item/item.js'
import { sentenceOf } from '../../../../support/refusal.js'

describe('a projection', () => {
  const item: Item = { a: 1, m: { x: 1, y: { z: 2 } }, l: [0, [1, 2], { k: 3 }], 'odd name': 4 }
  const kept = (expression: string, names?: Record<string, string>) =>
    bindProjection(names === undefined ? { expression } : { expression, names }).compiled.project(item)
  test.each([
    ['a', { a: 1 }],
    ['a, nothing', { a: 1 }],
    ['m.x', { m: { x: 1 } }],
    ['m.y.z, m.x', { m: { y: { z: 2 }, x: 1 } }],
    ['m.nothing, a.b, b[0], l.x', {}],
    ['l[1]', { l: [[1, 2]] }],
    ['l[2].k, l[0]', { l: [0, { k: 3 }] }],
    ['l[1][1], l[1][0]', { l: [[1, 2]] }],
    ['l[9], m', { m: { x: 1, y: { z: 2 } } }],
  ])('%s', (expression, wanted) => expect(kept(expression)).toEqual(wanted))

  test('with names', () =>
    expect(kept('#o, m.#y', { '#o': 'odd name', '#y': 'y' })).toEqual({ 'odd name': 4, m: { y: { z: 2 } } }))

  test('as the select of a read', () => {
    const projection = compileProjection({ expression: 'm.x, a' })
    expect(projection).toMatchObject({ attributes: ['m', 'a'], isNested: true })
    expect(projection.project(item)).toEqual({ m: { x: 1 }, a: 1 })
    expect(compileProjection({ expression: 'a, m' }).isNested).toBe(false)
  })

  test('of names that objects have anyway is a name like any other', () => {
    const evil = JSON.parse('{"__proto__": {"x": 1}, "m": {"__proto__": {"y": 2}}, "constructor": 3}') as Item
    const { compiled } = bindProjection({
      expression: '#p.x, m.#p.y, #c',
      names: { '#p': '__proto__', '#c': 'constructor' },
    })
    const result = compiled.project(evil)
    expect(Object.getPrototypeOf(result)).toBe(Object.prototype)
    expect(JSON.stringify(result)).toBe('{"__proto__":{"x":1},"m":{"__proto__":{"y":2}},"constructor":3}')
    expect(compiled.project({})).toEqual({})
  })
})

describe('a key condition', () => {
  const asObject = (source: ExpressionSource, sort: string[] = ['sk']) => {
    const { compiled, values } = bindKeyCondition(source)
    return keyConditionAsObject(compiled, values, { partition: ['pk'], sort })
  }
  test.each([
    [ddb`pk = ${1}`, { pk: 1 }],
    [ddb`pk = ${1} AND sk = ${2}`, { pk: 1, sk: 2 }],
    [ddb`sk < ${2} AND pk = ${1}`, { pk: 1, sk: { lt: 2 } }],
    [ddb`pk = ${1} AND sk <= ${2}`, { pk: 1, sk: { lte: 2 } }],
    [ddb`pk = ${1} AND sk > ${2}`, { pk: 1, sk: { gt: 2 } }],
    [ddb`pk = ${1} AND sk >= ${2}`, { pk: 1, sk: { gte: 2 } }],
    [ddb`${1} = pk AND ${2} < sk`, { pk: 1, sk: { gt: 2 } }],
    [ddb`pk = ${1} AND sk BETWEEN ${2} AND ${3}`, { pk: 1, sk: { between: [2, 3] } }],
    [ddb`(pk = ${'a'}) AND (begins_with(sk, ${'x'}))`, { pk: 'a', sk: { beginsWith: 'x' } }],
    [{ expression: '#p = :p', names: { '#p': 'pk' }, values: { ':p': 1 } }, { pk: 1 }],
  ])('%o', (source, wanted) => expect(asObject(source)).toEqual(wanted))

  test('of a table without a sort key has no second part', () => {
    expect(sentenceOf(() => asObject(ddb`pk = ${1} AND sk = ${2}`, []))).toBe('Query key condition not supported')
  })
})
