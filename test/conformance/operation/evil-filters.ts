/** Filters written by somebody who means harm: each is refused by a code of its own, or done in linear time. */
import { describe, expect, test } from 'vitest'
import { type Filter, table, type } from '../../../src/index.js'
import { type Driver, needing } from '../contract.js'

interface Thing {
  id: string
  text: string
  n: number
}
const Things = table('things', { schema: type<Thing>(), key: ['id'] })

const deepWhere = (depth: number): object => (depth === 0 ? { n: 1 } : { not: deepWhere(depth - 1) })

const WRONG: readonly (readonly [what: string, filter: unknown, code: string])[] = [
  ['that is no filter', 'n >', 'FILTER_SYNTAX'],
  ['that is empty', '', 'FILTER_SYNTAX'],
  ['that is a program', 'constructor.constructor("return process")().exit()', 'FILTER_SYNTAX'],
  ['with a character that is none', 'n > 1 ☠', 'FILTER_SYNTAX'],
  ['of a megabyte', `n > ${'1'.repeat(1_000_000)}`, 'FILTER_TOO_LONG'],
  ['of a megabyte of parentheses', '('.repeat(1_000_000), 'FILTER_TOO_LONG'],
  ['of 2,000 nested parentheses', `${'('.repeat(2000)}n${')'.repeat(2000)}`, 'FILTER_TOO_COMPLEX'],
  ['of 1,000 operators', `n${' + 1'.repeat(1000)} > 0`, 'FILTER_TOO_COMPLEX'],
  ['with a pattern that is none', 'text =~ "("', 'FILTER_PATTERN'],
  ['with a pattern that refers back', 'text =~ "(a)\\\\1"', 'FILTER_PATTERN'],
  ['with a pattern of a billion steps', 'text =~ "((x{100}){100}){100}"', 'FILTER_PATTERN'],
  ['with a subnet that is none', 'text in (subnet("10.0.0.0/99"))', 'FILTER_SUBNET'],
  ['that calls what is not there', 'require("fs")', 'FILTER_SYNTAX'],
  ['that is an object with an unknown operator', { n: { $gt: 1 } }, 'FILTER_SYNTAX'],
  ['that is an object nested 10,000 times', deepWhere(5000), 'FILTER_TOO_COMPLEX'],
  [
    'that is an object with 1,000 operators',
    { or: Array.from({ length: 1000 }, (_, n) => ({ n })) },
    'FILTER_TOO_COMPLEX',
  ],
  ['that is an expression of ten thousand parentheses', { expression: '('.repeat(10_000) }, 'EXPRESSION_TOO_LONG'],
  ['that is an expression of four thousand', { expression: '('.repeat(4000) }, 'EXPRESSION_SYNTAX'],
  ['that is an expression with 1,000 NOTs', { expression: `${'NOT '.repeat(1000)}n=n2` }, 'EXPRESSION_TOO_COMPLEX'],
  ['that is an expression with a path 33 deep', { expression: `n${'.n'.repeat(32)} = n2` }, 'EXPRESSION_TOO_COMPLEX'],
  ['that is an expression with a reserved word', { expression: 'text = n' }, 'EXPRESSION_SYNTAX'],
  ['that is an expression without its values', { expression: 'n = :n' }, 'EXPRESSION_PLACEHOLDER'],
  [
    'that is an expression with a value too many',
    { expression: 'n = n2', values: { ':n': 1 } },
    'EXPRESSION_PLACEHOLDER',
  ],
  ['with a number of 39 digits', { expression: 'n = :n', values: { ':n': 10n ** 38n + 1n } }, 'NUMBER_DIGITS'],
  ['with a type that makes no sense', { expression: 'n < :n', values: { ':n': true } }, 'EXPRESSION_TYPE'],
  ['that is a list', [1], 'FILTER_TYPE'],
  ['that is a number', 5, 'FILTER_TYPE'],
  ['that is null', null, 'FILTER_TYPE'],
  ['that is an async function', async () => true, 'FILTER_TYPE'],
  ['that is a generator', function* () {}, 'FILTER_TYPE'],
]

export function evilFilters(driver: Driver): void {
  describe('a filter', () => {
    const isRefused = async (filter: unknown, code: string) => {
      const { db } = await driver.open()
      const things = db.table(Things)
      await things.put({ id: 'a', text: 'aaa', n: 1 })
      const refused = expect.objectContaining({ name: 'ValidationException', code })
      const wrong = filter as Filter<Thing>
      await expect(things.scan({ filter: wrong }).toArray()).rejects.toEqual(refused)
      await expect(things.query({ id: 'a' }, { filter: wrong }).count()).rejects.toEqual(refused)
      await expect(things.put({ id: 'a', text: '', n: 2 }, { if: wrong })).rejects.toEqual(refused)
      await expect(things.delete({ id: 'a' }, { if: wrong })).rejects.toEqual(refused)
      await expect(things.update({ id: 'a' }, { set: { n: 2 } }, { if: wrong })).rejects.toEqual(refused)
      expect(await things.get({ id: 'a' })).toEqual({ id: 'a', text: 'aaa', n: 1 })
    }

    test.each(WRONG)('%s', (_, filter, code) => isRefused(filter, code))
    needing(driver, 'calculations')('that multiplies text', () => isRefused('text * 2 > 1', 'FILTER_EVALUATION'))
    needing(driver, 'functions')('that gives a promise', () => isRefused(() => Promise.resolve(true), 'FILTER_TYPE'))
  })

  test('10,000 nested parentheses do not run out of stack, wherever they stand', async () => {
    const { db } = await driver.open()
    const things = db.table(Things)
    for (const text of ['(', 'not ', '-', 'if n then ', 'abs(', 'n in (']) {
      const refused = things.scan({ filter: text.repeat(10_000) }).toArray()
      await expect(refused, text).rejects.toMatchObject({ name: 'ValidationException' })
      const short = things.scan({ filter: text.repeat(Math.floor(4000 / text.length)) }).toArray()
      await expect(short, text).rejects.toMatchObject({ name: 'ValidationException' })
    }
  })

  needing(driver, 'patterns')('patterns that are catastrophes elsewhere take linear time', async () => {
    const { db } = await driver.open()
    const things = db.table(Things)
    await things.put({ id: 'a', text: `${'a'.repeat(20_000)}!`, n: 1 })
    // With backtracking each of these would take longer than the universe has lasted.
    for (const filter of ['text =~ "^(a+)+$"', 'text =~ "(a|aa)+$"', 'text =~ "^(a|a?)+$"', 'text =~ "(.*a){12}b"']) {
      expect(await things.scan({ filter }).count(), filter).toBe(0)
    }
    expect(await things.scan({ filter: { text: { matches: '^(a+)+!$' } } }).count()).toBe(1)
  })

  test('a filter sees nothing but the attributes of the item', async () => {
    const { db } = await driver.open()
    const things = db.table(Things)
    await things.put({ id: 'a', text: 'x', n: 1 })
    for (const name of [
      'constructor',
      'toString',
      '__proto__',
      'hasOwnProperty',
      'text.length',
      'process',
      'globalThis',
    ]) {
      expect(await things.scan({ filter: `exists('${name}')` }).count(), name).toBe(0)
      expect(await things.scan({ filter: { [name]: { exists: true } } as Filter<Thing> }).count(), name).toBe(0)
    }
  })

  needing(driver, 'functions')(
    'what a function throws comes to the caller as it is, and the next filter works',
    async () => {
      const { db } = await driver.open()
      const things = db.table(Things)
      await things.put({ id: 'a', text: 'x', n: 1 })
      const broken = new TypeError('my own mistake')
      const fail = () => {
        throw broken
      }
      await expect(things.scan({ filter: fail }).toArray()).rejects.toBe(broken)
      await expect(things.put({ id: 'a', text: 'y', n: 2 }, { if: fail })).rejects.toBe(broken)
      expect(await things.scan({ filter: 'n == 1' }).count()).toBe(1)
    },
  )
}
