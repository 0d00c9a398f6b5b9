/** What a filter string means, what is refused, and that nothing its author writes can do more than filter. */
import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ValidationException } from '../../../../src/errors.js'
import { FILTER_BYTE_LIMIT, predicateFromFiltrex } from '../../../../src/model/expression/predicate-from-filtrex.js'
import { Decimal } from '../../../../src/model/item/decimal.js'

const passes = (source: string, item: Record<string, unknown> = {}): boolean =>
  predicateFromFiltrex(source).matches(item)

function refusal(act: () => unknown): ValidationException {
  try {
    act()
  } catch (failure) {
    expect(failure).toBeInstanceOf(ValidationException)
    return failure as ValidationException
  }
  throw new Error('it was accepted')
}

const codeOf = (source: string): string => refusal(() => predicateFromFiltrex(source)).code

describe('comparisons', () => {
  test('compare an attribute with a value', () => {
    expect(passes('age >= 18', { age: 18 })).toBe(true)
    expect(passes('age >= 18', { age: 17 })).toBe(false)
    expect(passes('status == "open"', { status: 'open' })).toBe(true)
    expect(passes('1 < n < 3', { n: 2 })).toBe(true)
    expect(passes('1 < n < 3', { n: 3 })).toBe(false)
    expect(passes('1 < n < 3 and n != 5 or n == 7', { n: 7 })).toBe(true)
  })

  test('order text by its UTF-8 bytes', () => {
    expect(passes('name < "b"', { name: 'a' })).toBe(true)
    expect(passes('name < "\u{10000}"', { name: '\uff5e' })).toBe(true)
  })

  test('are false for a missing attribute, except != and not in', () => {
    for (const operator of ['==', '<', '<=', '>', '>=']) {
      expect(passes(`age ${operator} 18`)).toBe(false)
      expect(passes(`18 ${operator} age`)).toBe(false)
      expect(passes(`age ${operator} gone`)).toBe(false)
    }
    expect(passes('age != 18')).toBe(true)
    expect(passes('age in (18, 19)')).toBe(false)
    expect(passes('age in ages')).toBe(false)
    expect(passes('age not in (18, 19)')).toBe(true)
    expect(passes('age =~ "1"')).toBe(false)
    expect(passes('"a" =~ pattern')).toBe(false)
    expect(passes('age == null')).toBe(false)
    expect(passes('(age, 1) == (age, 1)')).toBe(false)
  })

  test('are false for values of different types, and unordered', () => {
    expect(passes('age >= 18', { age: 'old' })).toBe(false)
    expect(passes('age < 18', { age: 'old' })).toBe(false)
    expect(passes('age == 5', { age: '5' })).toBe(false)
    expect(passes('age != 5', { age: '5' })).toBe(true)
    expect(passes('flag < true', { flag: false })).toBe(false)
  })

  test('compare numbers exactly, however they are held', () => {
    expect(passes('n == 5', { n: 5n })).toBe(true)
    expect(passes('n == 12345678901234567890', { n: 12345678901234567890n })).toBe(true)
    expect(passes('12345678901234567890 == 12345678901234567891')).toBe(false)
    expect(passes('n < 12345678901234567891', { n: 12345678901234567890n })).toBe(true)
    expect(passes('n == 0.10000000000000000000001', { n: 0.1 })).toBe(false)
    expect(passes('n == 0.10000000000000000000001', { n: Decimal.from('0.10000000000000000000001') })).toBe(true)
    expect(passes('n > -12345678901234567891', { n: -12345678901234567890n })).toBe(true)
    expect(passes('n in (12345678901234567890, 1)', { n: 12345678901234567890n })).toBe(true)
    expect(passes('n in (12345678901234567891, 1)', { n: 12345678901234567890n })).toBe(false)
    expect(passes('n == 0', { n: -0 })).toBe(true)
  })

  test('know true, false and null, unless they are quoted', () => {
    expect(passes('paid == true', { paid: true })).toBe(true)
    expect(passes('paid', { paid: true })).toBe(true)
    expect(passes('note == null', { note: null })).toBe(true)
    expect(passes('note != null', { note: null })).toBe(false)
    expect(passes("'true' == 5", { true: 5 })).toBe(true)
  })

  test('compare lists, sets and maps by what is in them', () => {
    expect(passes('tags == (1, 2)', { tags: [1, 2n] })).toBe(true)
    expect(passes('a == b', { a: new Set([1, 2]), b: new Set([2, 1]) })).toBe(true)
    expect(passes('a == b', { a: { x: [1] }, b: { x: [1] } })).toBe(true)
  })
})

describe('paths', () => {
  test('reach into maps and lists', () => {
    expect(passes('address.city == "Oslo"', { address: { city: 'Oslo' } })).toBe(true)
    expect(passes('tags.0 == "a"', { tags: ['a'] })).toBe(true)
    expect(passes('a.1.b == 2', { a: [0, { b: 2 }] })).toBe(true)
    expect(passes('city of address == "Oslo"', { address: { city: 'Oslo' } })).toBe(true)
    expect(predicateFromFiltrex('x of a.b > size(c) and d == 1').attributes).toEqual(['a', 'c', 'd'])
  })

  test('take a quoted name literally, dots included', () => {
    expect(passes("'a.b' == 1", { 'a.b': 1 })).toBe(true)
    expect(passes('a.b == 1', { 'a.b': 1 })).toBe(false)
    expect(passes("'it\\'s' == 1", { "it's": 1 })).toBe(true)
    expect(predicateFromFiltrex("'a.b' == 1").attributes).toEqual(['a.b'])
  })

  test('take names in any alphabet', () => {
    expect(passes('größe > 1 and 名前 == "x"', { größe: 2, 名前: 'x' })).toBe(true)
  })

  test('see nothing that is inherited or built in', () => {
    const item = { text: 'abc', list: [1], bytes: new Uint8Array([1]), map: {}, set: new Set([1]) }
    for (const path of [
      'constructor',
      '__proto__',
      'toString',
      'constructor.constructor',
      'text.length',
      'text.0',
      'list.length',
      'list.constructor',
      'bytes.0',
      'bytes.length',
      'map.hasOwnProperty',
      'set.size',
      'constructor of map',
      '__proto__ of map',
      "'__proto__'",
      'name of constructor',
    ]) {
      expect(passes(`exists(${path})`, item)).toBe(false)
    }
    expect(passes('constructor == 1', Object.fromEntries([['constructor', 1]]))).toBe(true)
    expect(passes('__proto__ == 1', JSON.parse('{"__proto__":1}') as Record<string, unknown>)).toBe(true)
  })
})

describe('in', () => {
  test('finds a value in a list that is written out', () => {
    expect(passes('status in ("open", "paid")', { status: 'paid' })).toBe(true)
    expect(passes('status in ("open", "paid")', { status: 'gone' })).toBe(false)
    expect(passes('n in (1, -2, 0.5, null, true)', { n: -2n })).toBe(true)
    expect(passes('n in (1)', { n: 1 })).toBe(true)
    expect(passes('n in (1)', { n: 2 })).toBe(false)
    expect(passes('n in (1, m)', { n: 2, m: 2 })).toBe(true)
    expect(passes('n not in (1, m)', { n: 2, m: 2 })).toBe(false)
    expect(passes('n not in (1, 2)', { n: 3 })).toBe(true)
    expect(passes('not n in (1, 2)', { n: 1 })).toBe(false)
  })

  test('finds a value in the lists and sets of an item', () => {
    expect(passes('"a" in tags', { tags: ['b', 'a'] })).toBe(true)
    expect(passes('5 in tags', { tags: new Set([5n]) })).toBe(true)
    expect(passes('"a" in tags', { tags: new Set(['b']) })).toBe(false)
    expect(passes('pair in pairs', { pair: { x: 1 }, pairs: [{ x: 1 }] })).toBe(true)
    expect(passes('tags in ("a", "b")', { tags: new Set(['b', 'a']) })).toBe(true)
    expect(passes('tags in ("a", "b")', { tags: ['b', 'c'] })).toBe(false)
  })

  test('finds an address in a subnet', () => {
    const subnet = 'ip in subnet("10.0.0.0/8")'
    expect(passes(subnet, { ip: '10.200.3.4' })).toBe(true)
    expect(passes(subnet, { ip: '11.0.0.1' })).toBe(false)
    expect(passes(subnet, { ip: '::ffff:10.1.2.3' })).toBe(true)
    for (const ip of ['10', '10.1', '0x0a000001', '010.0.0.1', 'x', '', 5, null, '10.0.0.1/8']) {
      expect(passes(subnet, { ip })).toBe(false)
    }
    expect(passes('ip in subnet("2001:db8::/32")', { ip: '2001:db8::1' })).toBe(true)
    expect(passes('ip in subnet("2001:db8::/32")', { ip: '10.0.0.1' })).toBe(false)
    expect(passes('ip in subnet("::ffff:10.0.0.0/104")', { ip: '10.0.0.1' })).toBe(true)
    expect(passes('ip in (subnet("10.0.0.0/8"), "1.1.1.1")', { ip: '10.0.0.1' })).toBe(true)
    expect(passes('ip not in (subnet("10.0.0.0/8"), "1.1.1.1")', { ip: '1.1.1.2' })).toBe(true)
    expect(passes('ips in subnet("10.0.0.0/8")', { ips: ['10.0.0.1', '10.0.0.2'] })).toBe(true)
    expect(passes('ip in subnet(net)', { ip: '10.0.0.1', net: '10.0.0.0/8' })).toBe(true)
    expect(passes('ip in subnet(net)', { ip: '10.0.0.1' })).toBe(false)
    for (const cidr of ['10.0.0.0', '10.0.0.0/33', '10.0.0.0/', '/8', 'x/8', '10/8', '::/129', '::ffff:10.0.0.0/95']) {
      expect(codeOf(`ip in subnet("${cidr}")`)).toBe('FILTER_SUBNET')
    }
  })

  test('takes linear time, a large list against another', () => {
    const numbers = Array.from({ length: 60_000 }, (_, index) => index * 7)
    const decimals = numbers.map((number) => BigInt(number) * 10_000_000_000_000_000n)
    const item = { a: [...numbers, ...decimals], b: [...decimals.reverse(), ...numbers] }
    expect(passes('a in b', item)).toBe(true)
    expect(passes('a in b', { ...item, a: new Set(item.a) })).toBe(true)
  })
})

describe('patterns', () => {
  test('are found anywhere in a text, written as text or between slashes', () => {
    expect(passes('name =~ "^A.*n$"', { name: 'Ann' })).toBe(true)
    expect(passes('name ~= "nn"', { name: 'Ann' })).toBe(true)
    expect(passes('name =~ /^a/', { name: 'Ann' })).toBe(false)
    expect(passes('name =~ /^a/i and true', { name: 'Ann' })).toBe(true)
    expect(passes('path =~ /^a\\/[/]b/', { path: 'a//b' })).toBe(true)
    expect(passes('code =~ "^\\d+$"', { code: '123' })).toBe(true)
    expect(passes('code =~ "^\\\\d+$"', { code: '123' })).toBe(true)
    expect(passes('code =~ pattern', { code: '123', pattern: '2' })).toBe(true)
    expect(passes('code =~ "1"', { code: 1 })).toBe(false)
  })

  test('take linear time', () => {
    const text = `${'a'.repeat(200_000)}!`
    expect(passes('text =~ "(a+)+$"', { text })).toBe(false)
    expect(passes('text =~ pattern', { text, pattern: '(a|aa)+$' })).toBe(false)
  })

  test('are refused when they are none', () => {
    expect(codeOf('name =~ "("')).toBe('FILTER_PATTERN')
    expect(codeOf('name =~ /(a)\\1/')).toBe('FILTER_PATTERN')
    expect(codeOf('name =~ /a/g')).toBe('FILTER_PATTERN')
    expect(codeOf('name =~ /(a?){1000}a{1000}/')).toBe('FILTER_PATTERN')
    expect(refusal(() => passes('name =~ pattern', { name: 'a', pattern: '(' })).code).toBe('FILTER_PATTERN')
    expect(refusal(() => passes('name =~ pattern', { name: 'a', pattern: 5 })).code).toBe('FILTER_EVALUATION')
  })
})

describe('functions', () => {
  test('answer what DynamoDB answers', () => {
    const item = { name: 'Ann', tags: new Set(['a', 'b']), list: [1, 'x'], map: { a: 1 }, none: null, empty: '' }
    for (const filter of [
      'contains(name, "nn")',
      'contains(tags, "b")',
      'contains(list, 1)',
      'not contains(list, 2)',
      'not contains(gone, "a")',
      'begins_with(name, "A")',
      'size(name) == 3',
      'size(tags) == 2',
      'size(map) == 1',
      'not size(none) == 0',
      'not size(gone) == 0',
      'lower(name) == "ann"',
      'upper(name) == "ANN"',
      'exists(none)',
      'not exists(gone)',
      'empty(gone) and empty(none) and empty(empty) and not empty(name)',
    ]) {
      expect([filter, passes(filter, item)]).toEqual([filter, true])
    }
  })

  test('compute with numbers', () => {
    const item = { n: -2.5, big: 12345678901234567890n }
    for (const filter of [
      'abs(n) == 2.5',
      'ceil(n) == -2',
      'floor(n) == -3',
      'max(1, n, 3) == 3',
      'min(1, big, 3) == 1',
      'max(1, big) == 12345678901234567890',
      'sqrt(16) == 4',
      'round(1.5) == 2',
      'not sqrt(-1) == 0',
      'not abs(gone) == 0',
    ]) {
      expect([filter, passes(filter, item)]).toEqual([filter, true])
    }
  })

  test('tell the time only with a clock', () => {
    expect(predicateFromFiltrex('ttl < now()', { now: () => 100 }).matches({ ttl: 99 })).toBe(true)
    expect(refusal(() => predicateFromFiltrex('ttl < now()')).message).toContain('there is no clock here')
  })
})

describe('arithmetic', () => {
  test('computes, exactly where sums are concerned', () => {
    expect(passes('a + b == 5', { a: 2, b: 3 })).toBe(true)
    expect(passes('a - b == -1', { a: 2, b: 3 })).toBe(true)
    expect(passes('a * b + 1 == 7 and 7 mod 3 == 1 and 7 % 3 == 1 and -1 mod 3 == 2', { a: 2, b: 3 })).toBe(true)
    expect(passes('a ^ 2 / 2 == 2', { a: 2 })).toBe(true)
    expect(passes('a + 1 == 12345678901234567891', { a: 12345678901234567890n })).toBe(true)
    expect(passes('a * 2 == 24691357802469135780', { a: 12345678901234567890n })).toBe(true)
    expect(passes('a mod 10 == 1', { a: 12345678901234567891n })).toBe(true)
    expect(passes('-a == -1.5', { a: Decimal.from('1.5') })).toBe(true)
    expect(passes('a / 2 > 1 and a * 2.5 > 1 and a ^ 2 > 1', { a: Decimal.from('1e30') })).toBe(true)
  })

  test('with a missing attribute, or without a finite result, passes no comparison', () => {
    for (const filter of [
      'a + 1 > 0',
      'a + 1 <= 0',
      '-a == 0',
      'abs(a) >= 0',
      '1 / 0 > 5',
      '0 / 0 == 0',
      'a * a == a',
    ]) {
      expect([filter, passes(filter)]).toEqual([filter, false])
    }
  })

  test('with anything but numbers throws, and shows where', () => {
    const error = refusal(() => passes('age > 1 and name * 2 > 2', { age: 2, name: 'old' }))
    expect(error.code).toBe('FILTER_EVALUATION')
    expect(error.message).toBe(
      'Cannot evaluate the filter: * takes numbers, not text\n  age > 1 and name * 2 > 2\n              ^',
    )
    expect(refusal(() => passes('abs(name) > 2', { name: 'old' })).message).toContain('  abs(name) > 2\n      ^')
    expect(refusal(() => passes('"a" + 1 == 2')).code).toBe('FILTER_EVALUATION')
  })
})

describe('logic', () => {
  test('joins with and, or, not, if', () => {
    expect(passes('a == 1 and b == 2 or c == 3', { c: 3 })).toBe(true)
    expect(passes('a == 1 and (b == 2 or c == 3)', { c: 3 })).toBe(false)
    expect(passes('if a == 1 then b == 2 else c == 3', { a: 1, b: 2 })).toBe(true)
    expect(passes('if a == 1 then b == 2 else if not a == 2 then c == 3 else d == 4', { a: 2, d: 4 })).toBe(true)
    expect(passes('not if a == 1 then b == 2 else c == 3', { a: 1, b: 2 })).toBe(false)
    expect(passes('if a == 1 then if b == 1 then true else false else false', { a: 1, b: 1 })).toBe(true)
  })

  test('not reaches over a comparison, up to the next and', () => {
    expect(passes('not status == "open"', { status: 'open' })).toBe(false)
    expect(passes('not status == "open"', { status: 'paid' })).toBe(true)
    expect(passes('not status == "open" and n == 1', { status: 'paid', n: 1 })).toBe(true)
    expect(passes('not not n == 1', { n: 1 })).toBe(true)
    expect(passes('not (not n == 1 or n == 2)', { n: 1 })).toBe(true)
    expect(passes('(not n == 1, 2) == (false, 2)', { n: 1 })).toBe(true)
  })

  test('needs no space around words and parentheses', () => {
    expect(passes('not(a == 1)', { a: 2 })).toBe(true)
    expect(passes('x in(1,2)', { x: 2 })).toBe(true)
    expect(passes('x not in(1,2)', { x: 3 })).toBe(true)
    expect(passes('a==1 and(b==2)', { a: 1, b: 2 })).toBe(true)
    expect(passes('(not(a==1))', { a: 2 })).toBe(true)
    expect(passes('(a==1)and(b==2)or(c==3)', { c: 3 })).toBe(true)
    expect(passes('x in"a"', { x: 'a' })).toBe(true)
    expect(passes("a==1 and'b'==2", { a: 1, b: 2 })).toBe(true)
    expect(passes('a == 1\n\tand\nb == 2', { a: 1, b: 2 })).toBe(true)
    expect(passes('android == 1 and inner == 2 and notes == 3', { android: 1, inner: 2, notes: 3 })).toBe(true)
  })

  test('counts a missing attribute as false, and refuses what is no truth value', () => {
    expect(passes('paid and n == 1', { n: 1 })).toBe(false)
    expect(passes('not paid', { n: 1 })).toBe(true)
    const error = refusal(() => passes('n == 1 and name', { n: 1, name: 'x' }))
    expect(error.code).toBe('FILTER_EVALUATION')
    expect(error.message).toBe(
      'Cannot evaluate the filter: "and", "or", "not" and "if" take true or false, not text\n' +
        '  n == 1 and name\n             ^',
    )
  })

  test('passes on true, not on what merely is not false', () => {
    for (const filter of ['n', 'n + 1', '"x"', '(1, 2)', 'list', 'gone', 'null', 'lower("A")']) {
      expect([filter, passes(filter, { n: 1, list: [true] })]).toEqual([filter, false])
    }
  })
})

describe('what is refused', () => {
  test.each([
    ['', 'it is empty'],
    ['(not(a)', 'this ( is never closed'],
    ['(a and(b)', 'this ( is never closed'],
    ['a)', 'there is no ( for this )'],
    ['a and', 'where a value should be, it ends'],
    ['a b', 'where an operator should be, it says b'],
    ['a == == b', 'where a value should be, it says =='],
    ['a == 010', 'the number 010 starts with a zero'],
    ['a == 01.5', 'the number 01.5 starts with a zero'],
    ['a == 1e5', '"1e5" is no number'],
    ['a == 1.2.3', '"1.2.3" is no number'],
    ['a == 0x10', '"0x10" is no number'],
    ['a == .5', 'write 0.5'],
    ['a = 1', 'write == to compare'],
    ['a === 1', 'write =='],
    ['a && b', 'write "and"'],
    ['!a', 'write "not"'],
    ['a <> 1', 'write !='],
    ['a AND b', 'write "and"'],
    ['a like "x"', 'write =~'],
    ['a ? b : c', 'write "if'],
    ['a == "x', 'has no closing "'],
    ['a == "\\n"', 'a backslash escapes only'],
    ["a == 'x", "has no closing '"],
    ['a =~ /x', 'has no closing /'],
    ['contain(a, "x")', 'did you mean "contains"?'],
    ['beginsWith(a, "x")', 'did you mean "begins_with"?'],
    ['attribute_exists(a)', 'write exists(x)'],
    ['exists("note")', 'exists asks for an attribute, and "note" is a text; single quotes name one: exists(\'…\')'],
    ['a == 1 and not empty("a b")', 'empty asks for an attribute'],
    ['contains(a)', 'contains takes 2 arguments, not 1'],
    ['size(a, b)', 'size takes 1 argument, not 2'],
    ['size()', 'size takes 1 argument, not 0'],
    ['max()', 'max takes at least 1 argument, not 0'],
    ['toString()', 'there is no function toString'],
    ['constructor("x")', 'there is no function constructor'],
    ['__proto__()', 'there is no function __proto__'],
    ["'size'(a)", 'there is no function'],
    ['a, b', 'where an operator should be'],
    ['a in ()', 'where a value should be'],
    ['a == b in (1)', 'put parentheses around what is left of "in"'],
    ['a in (1) == b', 'put parentheses around the comparison'],
    ['a in b + 1', 'put the right side of "in" in parentheses'],
    ['a..b == 1', 'lacks a name after a dot'],
    ['a. == 1', 'lacks a name after a dot'],
    ['if a then b', 'this "if" lacks its "else"'],
    ['(if a then b)', 'this "if" lacks its "else"'],
    ['a then b', 'where an operator should be'],
    ['a @ b', '"@" means nothing here'],
  ])('%s', (source, reason) => {
    const error = refusal(() => predicateFromFiltrex(source))
    expect(error.code).toBe('FILTER_SYNTAX')
    expect(error.message).toContain(reason)
  })

  test('is shown with a caret under the place', () => {
    expect(refusal(() => predicateFromFiltrex('age >= 18 and\n  nmae = "x"')).message).toBe(
      'Cannot read the filter: there is no =; write == to compare\n    nmae = "x"\n         ^',
    )
    const long = `${'a == 1 and '.repeat(100)} b = 2 ${'and a == 1'.repeat(100)}`
    const [, line, caret] = refusal(() => predicateFromFiltrex(long)).message.split('\n')
    expect(line!.length).toBeLessThan(110)
    expect(line![caret!.length - 1]).toBe('=')
  })

  test('is what is too long, in no time', () => {
    expect(codeOf(`a == "${'x'.repeat(FILTER_BYTE_LIMIT)}"`)).toBe('FILTER_TOO_LONG')
    expect(codeOf(`a == "${'ä'.repeat(FILTER_BYTE_LIMIT / 2)}"`)).toBe('FILTER_TOO_LONG')
    const huge = '('.repeat(1_000_000)
    for (let round = 0; round < 100; round++) expect(() => predicateFromFiltrex(huge)).toThrow(ValidationException)
  })

  test('is what is too deep or has too many operators', () => {
    const nested = (depth: number): string => `${'('.repeat(depth)}a == 1${')'.repeat(depth)}`
    expect(passes(nested(32), { a: 1 })).toBe(true)
    expect(codeOf(nested(33))).toBe('FILTER_TOO_COMPLEX')
    expect(codeOf('('.repeat(4000))).toBe('FILTER_TOO_COMPLEX')
    expect(passes(`${'1+'.repeat(299)}1 == 300`)).toBe(true)
    expect(codeOf(`${'1+'.repeat(300)}1 == 300`)).toBe('FILTER_TOO_COMPLEX')
    expect(passes(`${'not '.repeat(300)}a`)).toBe(false)
    expect(codeOf(`${'not '.repeat(301)}a`)).toBe('FILTER_TOO_COMPLEX')
    expect(passes(`${'1<'.repeat(300)}1`)).toBe(false)
    expect(codeOf(`${'1<'.repeat(1500)}1`)).toBe('FILTER_TOO_COMPLEX')
    expect(passes(`a in (${Array.from({ length: 1000 }, (_, n) => n).join()})`, { a: 999 })).toBe(true)
  })

  test('is every filter string where code generation is forbidden, with a sentence', () => {
    const script = `
      const { predicateFromFiltrex } = await import('./src/model/expression/predicate-from-filtrex.ts')
      try { predicateFromFiltrex('a == 1') } catch (failure) { console.log(failure.code, failure.message) }`
    const forbidding = ['--disallow-code-generation-from-strings', '--import', 'tsx', '--input-type=module']
    const child = spawnSync(process.execPath, [...forbidding, '-e', script], { encoding: 'utf8' })
    expect(`${child.stdout}${child.stderr}`).toMatch(/^FILTER_TYPE Cannot use a filter string: this process forbids/)
  })
})

describe('whatever is written', () => {
  const words = [
    ...['and', 'or', 'not', 'in', 'of', 'if', 'then', 'else', 'mod', 'not in', 'true', 'null', 'subnet', 'size'],
    ...['contains', 'begins_with', 'exists', 'lower', 'max', 'a', 'b.c', 'constructor', '__proto__', "'x.y'", '"t"'],
    ...['1', '0.5', '010', '12345678901234567890', '==', '!=', '~=', '=~', '<', '<=', '>', '>=', '+', '-', '*', '/'],
    ...[
      '^',
      '%',
      '(',
      ')',
      ',',
      ' ',
      '\n',
      '\u2028',
      '"',
      "'",
      '\\',
      '`',
      '${',
      '/a/',
      '"10.0.0.0/8"',
      '=>',
      ';',
      '//',
    ],
  ]
  const text = fc.oneof(
    fc.array(fc.constantFrom(...words), { maxLength: 60 }).map((list) => list.join(' ')),
    fc.array(fc.constantFrom(...words), { maxLength: 60 }).map((list) => list.join('')),
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.string({ maxLength: 200 }),
    fc.tuple(fc.constantFrom(...seeds()), fc.nat(), fc.constantFrom(...words)).map(([seed, at, word]) => {
      const offset = at % (seed.length + 1)
      return `${seed.slice(0, offset)}${word}${seed.slice(offset + (at % 3))}`
    }),
  )
  const before = Reflect.ownKeys(Object.prototype).map(String).sort()
  const full = { a: 1, b: { c: [1, 'x'] }, 'x.y': new Set(['t']), name: 'Ann', n: 5n, ip: '10.0.0.1', flag: true }

  test('it is a ValidationException or an answer, soon, and changes nothing', () => {
    fc.assert(
      fc.property(text, (source) => {
        // What takes for ever takes longer than this test may.
        const answers = [{}, full].map((item) => {
          try {
            return predicateFromFiltrex(source).matches(item)
          } catch (failure) {
            if (failure instanceof ValidationException && failure.code.startsWith('FILTER_')) return failure.code
            throw failure
          }
        })
        for (const answer of answers) expect(['boolean', 'string']).toContain(typeof answer)
      }),
      { numRuns: Number(process.env['ROUNDS'] ?? 5000) },
    )
    expect(Reflect.ownKeys(Object.prototype).map(String).sort()).toEqual(before)
  })

  test('an error about an item is never a match, nor under not', () => {
    fc.assert(
      fc.property(fc.constantFrom(...seeds()), fc.constantFrom('name * 2', '-name', 'abs(name)'), (seed, wrong) => {
        expect(() => passes(`not (${wrong} > 1 or ${seed})`, full)).toThrow(ValidationException)
        expect(() => passes(`${wrong} == 1 or ${seed}`, full)).toThrow(ValidationException)
      }),
    )
  })

  function seeds(): string[] {
    return [
      'age >= 18 and address.city == "Oslo"',
      'not (a == 1 or b.c in (1, "x", null)) and name =~ "^A"',
      'ip in subnet("10.0.0.0/8") or size(tags) + 1 > 2',
      'if flag then a mod 2 == 1 else lower(name) == "ann"',
      "x of 'x.y' < max(1, a, n) <= 7",
      'constructor.constructor("return process")() == 1',
      `'undefined:(window.p0wned=true)));((true?(x=>x)'()`,
      '"\\"));process.exit();((\\"" == a',
    ]
  }
})
