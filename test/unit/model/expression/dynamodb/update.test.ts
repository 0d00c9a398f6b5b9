/** What updates make of an item. Each rule of DynamoDB's has a test that is called like it. */
import { describe, expect, test } from 'vitest'
import { Decimal } from '../../../../../src/index.js'
import { bindUpdate } from '../../../../../src/model/expression/dynamodb/bound-expression.js'
import { ddb } from '../../../../../src/model/expression/dynamodb/ddb.js'
import type { ExpressionSource } from '../../../../../src/model/expression/dynamodb/expression-source.js'
import { compileItemChange } from '../../../../../src/model/expression/item-change.js'
import type { Item } from '../../../../../src/model/item/item.js'
import { refusalOf, sentenceOf } from '../../../../support/refusal.js'

const updated = (item: Item, source: ExpressionSource): Item => {
  const before = structuredClone(item)
  const { compiled, values } = bindUpdate(source)
  const result = compiled.apply(item, values).item
  expect(item).toEqual(before)
  return result
}

describe('SET', () => {
  test('writes whatever was there, and whatever was not', () => {
    expect(updated({ a: 1, c: 3 }, ddb`SET a = ${'x'}, b = ${[1]}, d = c`)).toEqual({ a: 'x', b: [1], c: 3, d: 3 })
  })
  test('nested paths', () => {
    const item = { m: { x: { y: 1 }, l: [1, { z: 2 }] } }
    expect(updated(item, ddb`SET m.x.y = ${5}, m.x.new = ${6}, m.l[1].z = ${7}, m.l[0] = ${8}`)).toEqual({
      m: { x: { y: 5, new: 6 }, l: [8, { z: 7 }] },
    })
  })
  test('nested SET into a missing map is refused', () => {
    for (const path of ['y.a', 'y[0]', 's.a', 's[0]', 'm[0]', 'l.a', 'm.x.y', 'l[9].a', 'n.a', 'ss.a', 'no.a']) {
      const item = { s: 'x', m: {}, l: [1], n: 1, ss: new Set(['a']), no: null }
      expect(refusalOf(() => updated(item, { kind: 'ddb', text: `SET ${path} = :0`, values: [1] }))).toBe(
        'UPDATE_PATH: The document path provided in the update expression is invalid for update',
      )
    }
  })
  test('a list index past the end appends, in the order of the indexes', () => {
    expect(
      updated({ l: [0] }, ddb`SET l[9] = ${'nine'}, l[1] = ${'one'}, l[20] = ${'twenty'}, l[5] = ${'five'}`),
    ).toEqual({
      l: [0, 'one', 'five', 'nine', 'twenty'],
    })
    expect(updated({ l: [] }, ddb`SET l[2147483647] = ${1}`)).toEqual({ l: [1] })
  })
  test('if_not_exists: null exists', () => {
    expect(updated({ a: null }, ddb`SET a = if_not_exists(a, ${1}), b = if_not_exists(b, ${2})`)).toEqual({
      a: null,
      b: 2,
    })
    expect(updated({}, ddb`SET n = if_not_exists(n, ${0}) + ${1}`)).toEqual({ n: 1 })
    expect(updated({ a: 1 }, ddb`SET b = if_not_exists(x, if_not_exists(y, a))`)).toEqual({ a: 1, b: 1 })
    expect(updated({ a: 1 }, ddb`SET b = if_not_exists(a, missing)`)).toEqual({ a: 1, b: 1 })
  })
  test('list_append', () => {
    expect(updated({ l: [1] }, ddb`SET l = list_append(l, ${[2]}), k = list_append(${[0]}, l)`)).toEqual({
      l: [1, 2],
      k: [0, 1],
    })
    expect(updated({}, ddb`SET l = list_append(if_not_exists(l, ${[]}), ${[2]})`)).toEqual({ l: [2] })
  })
  test('+ and - are exact to 38 digits', () => {
    const result = updated(
      { a: 0.1, b: 12345678901234567890n, c: Decimal.from('0.12345678901234567890123456789012345678') },
      ddb`SET a = a + ${0.2}, b = b - ${1}, c = ${1n} - c`,
    )
    expect(result['a']).toBe(0.3)
    expect(result['b']).toBe(12345678901234567889n)
    expect(String(result['c'])).toBe('0.87654321098765432109876543210987654322')
    expect(updated({ a: 5 }, ddb`SET a = a - a, b = ${-3} - ${-4n}`)).toEqual({ a: 0, b: 1 })
  })
  test('a sum with 39 digits is refused', () => {
    expect(sentenceOf(() => updated({ a: 10n ** 38n }, ddb`SET a = a + ${1}`))).toBe(
      'Attempting to store more than 38 significant digits in a Number',
    )
    expect(sentenceOf(() => updated({ a: 9e125 }, ddb`SET a = a + a`))).toMatch(/^Number overflow/)
  })
})

describe('REMOVE', () => {
  test('removes attributes, also such that are not there', () => {
    expect(updated({ a: 1, m: { x: 1, y: 2 } }, ddb`REMOVE a, b, m.x, m.nothing`)).toEqual({ m: { y: 2 } })
  })
  test('list REMOVE shifts, and indexes are those before', () => {
    expect(updated({ l: [0, 1, 2, 3, 4] }, ddb`REMOVE l[0], l[3], l[9] SET l[1] = ${'one'}, l[7] = ${'new'}`)).toEqual({
      l: ['one', 2, 4, 'new'],
    })
    expect(
      updated(
        {
          l: [
            [0, 1],
            [2, 3],
          ],
        },
        ddb`REMOVE l[0][1], l[1][0]`,
      ),
    ).toEqual({ l: [[0], [3]] })
    expect(
      updated(
        {
          l: [
            [0, 1],
            [2, 3],
          ],
        },
        ddb`REMOVE l[0] SET l[1][5] = ${4}`,
      ),
    ).toEqual({ l: [[2, 3, 4]] })
  })
  test('out of what is no map or list is refused', () => {
    for (const path of ['y.a', 'y[0]', 's.a', 'm[0]', 'l.a']) {
      expect(refusalOf(() => updated({ s: 'x', m: {}, l: [1] }, { expression: `REMOVE ${path}` }))).toMatch(
        /^UPDATE_PATH/,
      )
    }
  })
})

describe('ADD', () => {
  test('adds numbers; a missing one counts as 0', () => {
    expect(updated({ a: 1, m: { n: 0.1 } }, ddb`ADD a ${2}, b ${5n}, m.n ${0.2}`)).toEqual({
      a: 3,
      b: 5n,
      m: { n: 0.3 },
    })
  })
  test('adds elements to sets, each once', () => {
    const result = updated(
      { s: new Set(['a']), n: new Set([1, 2n]) },
      ddb`ADD s ${new Set(['a', 'b'])}, n ${new Set([2, 3])}, new ${new Set(['x'])}`,
    )
    expect(result).toEqual({ s: new Set(['a', 'b']), n: new Set([1, 2, 3]), new: new Set(['x']) })
    const bytes = updated(
      { b: new Set([Uint8Array.of(1)]) },
      ddb`ADD b ${new Set([Uint8Array.of(1), Uint8Array.of(2)])}`,
    )
    expect((bytes['b'] as Set<unknown>).size).toBe(2)
  })
  test.each([
    ['ADD s :0', 1],
    ['ADD n :0', new Set([1])],
    ['ADD ss :0', new Set([1])],
    ['DELETE ss :0', new Set([1])],
    ['DELETE n :0', new Set([1])],
    ['SET x = s + :0', 1],
    ['SET x = n - ss', undefined],
    ['SET x = list_append(s, :0)', [1]],
    ['SET x = list_append(l, n)', undefined],
  ])('%s: an operand of the wrong type is refused', (text, value) => {
    const item = { s: 'x', n: 1, ss: new Set(['a']), l: [1] }
    expect(refusalOf(() => updated(item, { kind: 'ddb', text, values: value === undefined ? [] : [value] }))).toBe(
      'UPDATE_TYPE: An operand in the update expression has an incorrect data type',
    )
  })
})

describe('DELETE', () => {
  test('takes elements out of a set; an empty one goes', () => {
    const item = { s: new Set(['a', 'b']), n: new Set([1n]), l: [new Set(['x']), 1] }
    expect(
      updated(
        item,
        ddb`DELETE s ${new Set(['a', 'z'])}, n ${new Set([1])}, l[0] ${new Set(['x'])}, none ${new Set(['q'])}`,
      ),
    ).toEqual({
      s: new Set(['b']),
      l: [1],
    })
  })
})

describe('all operands are read from the item as it was', () => {
  test('so attributes can be exchanged', () => {
    expect(updated({ a: 1, b: 2 }, ddb`SET a = b, b = a`)).toEqual({ a: 2, b: 1 })
  })
  test('whatever the order of the sections', () => {
    const item = { a: 1, l: [1, 2] }
    expect(updated(item, ddb`REMOVE a SET b = a, c = l[1], l[0] = l[1] ADD d ${1}`)).toEqual({
      b: 1,
      c: 2,
      d: 1,
      l: [2, 2],
    })
  })
  test('a missing one is refused', () => {
    for (const text of ['SET a = b', 'SET a = b.c + :0', 'SET a = list_append(l, :0)']) {
      const values = text.includes('+') ? [1] : text.includes(':0') ? [[1]] : []
      expect(refusalOf(() => updated({}, { kind: 'ddb', text, values }))).toBe(
        'UPDATE_PATH: The provided expression refers to an attribute that does not exist in the item',
      )
    }
  })
})

test('key attributes are not updatable, nor is anything inside of them', () => {
  const sentence =
    'One or more parameter values were invalid: Cannot update attribute id. This attribute is part of the key'
  for (const expression of ['REMOVE id', 'SET x = y, id = y', 'REMOVE id.x', 'SET #i = y']) {
    const names = expression.includes('#') ? { names: { '#i': 'id' } } : {}
    expect(sentenceOf(() => compileItemChange({ expression, ...names }, ['id']))).toBe(sentence)
  }
})

describe('no update', () => {
  test('changes a prototype', () => {
    const evil = [
      ddb`SET #__proto__ = ${{ polluted: 1 }}`,
      ddb`SET m.#__proto__ = ${{ polluted: 1 }}`,
      ddb`SET m.#__proto__.polluted = ${1}`,
      ddb`SET #constructor.#prototype.polluted = ${1}`,
      ddb`ADD #__proto__ ${1}`,
    ]
    for (const source of evil)
      expect(refusalOf(() => updated({ m: {} }, source))).toMatch(/^(ATTRIBUTE_NAME|UPDATE_PATH)/)
    expect(refusalOf(() => updated({ m: {} }, ddb`REMOVE #__proto__, m.#__proto__`))).toBe('accepted')
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
    expect(updated({ m: {} }, ddb`SET m.#constructor = ${1}`)).toEqual({ m: { constructor: 1 } })
  })

  test('makes lists without end', () => {
    const list = Array.from({ length: 100_000 }, () => 1)
    const actions = Array.from({ length: 80 }, (_, n) => `a${n} = list_append(:l, :l)`).join()
    expect(refusalOf(() => updated({}, { expression: `SET ${actions}`, values: { ':l': list } }))).toBe(
      'ITEM_TOO_BIG: Item size to update has exceeded the maximum allowed size',
    )
  })
})

describe('large sets among the values', () => {
  const set = new Set(Array.from({ length: 60_000 }, (_, n) => `${n}`))
  const names = Array.from({ length: 300 }, (_, n) => `a${n}`)
  const item = Object.fromEntries(names.map((name, n) => [name, new Set([`${n}`, 'other'])]))
  test('can be taken out of many at once', () => {
    const source = { expression: `DELETE ${names.map((name) => `${name} :v`).join()}`, values: { ':v': set } }
    expect(updated(item, source)['a7']).toEqual(new Set(['other']))
  })
  test('can’t be put into many at once', () => {
    const source = { expression: `ADD ${names.map((name) => `${name} :v`).join()}`, values: { ':v': set } }
    expect(refusalOf(() => updated(item, source))).toMatch(/^ITEM_TOO_BIG: Item size to update has exceeded/)
  })
})

describe('what is told of an update', () => {
  const told = (old: Item, update: unknown) => {
    const change = compileItemChange(update, ['id'])
    const stored = change.apply(old, { id: 1 })
    return { old: change.updatedOld(old), new: change.updatedNew(stored) }
  }
  test('UPDATED_NEW returns only the changed fragment for a nested SET', () => {
    const old = { id: 1, m: { a: 1, b: 2 }, l: [1, 2, 3], n: 1 }
    expect(told(old, ddb`SET m.a = ${5}, l[1] = ${'x'}, n = n + ${1}`)).toEqual({
      old: { m: { a: 1 }, l: [2], n: 1 },
      new: { m: { a: 5 }, l: ['x'], n: 2 },
    })
  })
  test('of an update that only removes there is no new part', () => {
    expect(told({ id: 1, a: 1 }, ddb`REMOVE a, b`)).toEqual({ old: { a: 1 }, new: undefined })
    expect(told({ id: 1, a: 1 }, { remove: ['a'] })).toEqual({ old: { a: 1 }, new: undefined })
  })
  test('of what was not there, there is no old part', () => {
    expect(told({ id: 1 }, ddb`SET a = ${1}`)).toEqual({ old: undefined, new: { a: 1 } })
    expect(told({ id: 1 }, { set: { a: 1 } })).toEqual({ old: undefined, new: { a: 1 } })
    expect(compileItemChange(ddb`SET a = ${1}`, ['id']).updatedOld(undefined)).toBeUndefined()
  })
  test('of an object: the attributes in it', () => {
    const old = { id: 1, a: 1, n: 1, l: [1], gone: 1, other: 1 }
    expect(told(old, { set: { a: 2 }, add: { n: 1 }, append: { l: [2] }, remove: ['gone'] })).toEqual({
      old: { a: 1, n: 1, l: [1], gone: 1 },
      new: { a: 2, n: 2, l: [1, 2] },
    })
  })
  test('elements that moved are told as they were written', () => {
    expect(told({ id: 1, l: [0, 1, 2] }, ddb`REMOVE l[0] SET l[2] = ${'x'}, l[9] = ${'new'}`)).toEqual({
      old: { l: [0, 2] },
      new: { l: ['x', 'new'] },
    })
  })
})
