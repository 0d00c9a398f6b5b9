/** Patterns are compiled once, kept in small numbers, and limited in what they may cost. */
import { expect, test } from 'vitest'
import { ValidationException } from '../../../../src/errors.js'
import { Pattern, patternWithFlags } from '../../../../src/model/expression/pattern.js'

test('compiles a pattern once, and keeps the ones used last', () => {
  const kept = Pattern.of('^kept$')
  for (let index = 0; index < 99; index++) Pattern.of(`other ${index}`)
  expect(Pattern.of('^kept$')).toBe(kept)
  for (let index = 0; index < 100; index++) Pattern.of(`another ${index}`)
  expect(Pattern.of('^kept$')).not.toBe(kept)
})

test('knows the flags of JavaScript that RE2 has', () => {
  expect(Pattern.of(patternWithFlags('^a.b$', 'is')).test('A\nB')).toBe(true)
  expect(Pattern.of(patternWithFlags('^b$', 'mu')).test('a\nb')).toBe(true)
  expect(patternWithFlags('a', '')).toBe('a')
})

test('refuses what is no pattern, and what would cost too much', () => {
  for (const source of [
    '(',
    '[',
    'a**',
    '(?=a)',
    '(a)\\1',
    '('.repeat(2000),
    'x{1001}',
    '(x{100}){100}',
    'x'.repeat(5000),
  ]) {
    try {
      Pattern.of(source)
      expect.unreachable(source)
    } catch (failure) {
      expect(failure).toBeInstanceOf(ValidationException)
      expect((failure as ValidationException).code).toBe('FILTER_PATTERN')
      expect((failure as ValidationException).message.length).toBeLessThan(300)
    }
  }
})
