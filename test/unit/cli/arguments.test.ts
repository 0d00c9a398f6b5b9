/** The small languages of the command line. */
import { describe, expect, test } from 'vitest'
import { csvDelimiter, indexSpecs, keySpec, nameList, UsageError, wholeNumber } from '../../../src/cli/arguments.js'
import { cellTypes } from '../../../src/cli/format/csv-cell.js'
import { fileFormat } from '../../../src/cli/format/file-format.js'
import { itemKey, keyValue } from '../../../src/cli/key-argument.js'
import { sortCondition } from '../../../src/cli/sort-condition.js'
import { Decimal } from '../../../src/model/item/decimal.js'

test('lists are separated by commas, with or without blanks', () => {
  expect(nameList('a, b,c')).toEqual(['a', 'b', 'c'])
  expect(() => nameList('a,,b')).toThrow(UsageError)
})

test('a key has one attribute or two', () => {
  expect(keySpec('a')).toEqual(['a'])
  expect(keySpec('a,b')).toEqual(['a', 'b'])
  expect(() => keySpec('a,b,c')).toThrow(UsageError)
})

test('indexes add up, each name once', () => {
  expect(indexSpecs('one=a,b', indexSpecs('two=c'))).toEqual({ one: ['a', 'b'], two: ['c'] })
  expect(() => indexSpecs('one=a', indexSpecs('one=b'))).toThrow('twice')
  expect(() => indexSpecs('one')).toThrow(UsageError)
  expect(() => indexSpecs('=a')).toThrow(UsageError)
})

test('whole numbers are nothing else', () => {
  expect(wholeNumber(1)('10')).toBe(10)
  for (const text of ['0', '-1', '1.5', '1e3', '', 'x', ' 1', '99999999999999999999']) {
    expect(() => wholeNumber(1)(text)).toThrow(UsageError)
  }
})

test('the types of columns add up', () => {
  expect([...cellTypes('a:N,b:bool', cellTypes('c:S'))]).toEqual([
    ['c', 'S'],
    ['a', 'N'],
    ['b', 'BOOL'],
  ])
  expect(() => cellTypes('a:X')).toThrow(UsageError)
  expect(() => cellTypes('a')).toThrow(UsageError)
})

test('a delimiter is one character that values are not made of', () => {
  expect([',', ';', '|', '\t', '\\t', ' ', '·'].map(csvDelimiter)).toEqual([',', ';', '|', '\t', '\t', ' ', '·'])
  for (const text of ['', ';;', '"', '\n', '\r', '.', '-', '5', 'e', '\\n']) {
    expect(() => csvDelimiter(text)).toThrow(UsageError)
  }
})

test('the format of a file is the one asked for, or that of its name', () => {
  expect(fileFormat('a.JSONL', undefined)).toBe('jsonl')
  expect(fileFormat('a.ndjson', undefined)).toBe('jsonl')
  expect(fileFormat('a.json', undefined)).toBe('json')
  expect(fileFormat('a.txt', 'csv')).toBe('csv')
  expect(fileFormat('-', undefined)).toBe('jsonl')
  expect(() => fileFormat('a.txt', undefined)).toThrow(UsageError)
})

describe('a key value', () => {
  test('has the type of the attribute', () => {
    expect(keyValue('a', undefined, '12')).toBe('12')
    expect(keyValue('a', 'S', '12')).toBe('12')
    expect(keyValue('a', 'N', '-12.5')).toBe(-12.5)
    expect(keyValue('a', 'N', '12345678901234567890')).toBe(12345678901234567890n)
    expect(keyValue('a', 'N', '0.12345678901234567890')).toEqual(Decimal.from('0.1234567890123456789'))
    expect(keyValue('a', 'B', 'AQID')).toEqual(new Uint8Array([1, 2, 3]))
  })

  test('that is not of the type is refused with the name', () => {
    expect(() => keyValue('total', 'N', 'x')).toThrow(/"total", which is a number/)
    expect(() => keyValue('hash', 'B', '?')).toThrow(/"hash", which is binary/)
  })

  test('is there for each key attribute', () => {
    const table = { name: 'orders', key: ['a', 'b'], keyTypes: ['S', 'N'] } as never
    expect(itemKey(table, 'x', '5')).toEqual({ a: 'x', b: 5 })
    expect(() => itemKey(table, 'x', undefined)).toThrow('<a> <b>')
    const simple = { name: 'orders', key: ['a'], keyTypes: ['S'] } as never
    expect(() => itemKey(simple, 'x', 'y')).toThrow('one value')
  })
})

describe('a sort condition', () => {
  test('has the form of the library', () => {
    expect(sortCondition('b', 'N', {})).toBeUndefined()
    expect(sortCondition('b', 'N', { gte: '5' })).toEqual({ gte: 5 })
    expect(sortCondition('b', 'S', { beginsWith: '5' })).toEqual({ beginsWith: '5' })
    expect(sortCondition('b', 'N', { between: ['1', '2'] })).toEqual({ between: [1, 2] })
  })

  test('is the only one, complete, and of a sort key', () => {
    expect(() => sortCondition('b', 'N', { gt: '5', lt: '6' })).toThrow('one sort condition')
    expect(() => sortCondition('b', 'N', { between: ['1'] })).toThrow('two values')
    expect(() => sortCondition('b', 'N', { between: ['1', '2', '3'] })).toThrow('two values')
    expect(() => sortCondition(undefined, undefined, { eq: '1' })).toThrow('no sort key')
  })
})
