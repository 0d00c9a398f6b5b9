/** What filtrex, and so `new Function`, gets to see of a filter: nothing its author wrote. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ValidationException } from '../../../../src/errors.js'
import { filterFunctions } from '../../../../src/model/expression/filtrex-function.js'
import { rewriteFilter } from '../../../../src/model/expression/filtrex-rewrite.js'

const functions = filterFunctions(undefined)

test('names, texts and calls are replaced', () => {
  const { text, constants } = rewriteFilter(`a.b == "x" and not size('it is') > 1`, functions)
  expect(text).toBe('s0 == c0 and not ( f0 ( s1 ) > 1 )')
  expect({ ...constants }).toEqual({ c0: 'x' })
  expect(rewriteFilter('x in (1, "a") or y not in z', functions).text).toBe('s0 ~= c0 or s1 ~= not_in_ of s2')
})

test('whatever is written, only our own words are left', () => {
  const word = /^(?:[sfc]\d+|\d{1,16}|in_|not_in_|and|or|not|of|if|then|else|mod|[-+*/^(),]|==|!=|~=|<=?|>=?)$/
  const pieces = fc.constantFrom(
    ...['a', 'in_', 'not_in_', 's0', 'c0', "'`$`'", '"\\""', '"\u2028"', 'size(', 'subnet("::/0")', '(', ')', ','],
    ...['and', 'or', 'not', 'in', 'of', '==', '<', '+', '-', '=~', '/x/', '1', '0.5', '99999999999999999999', 'ünï'],
  )
  let accepted = 0
  fc.assert(
    fc.property(fc.array(pieces, { minLength: 1, maxLength: 7 }), (list) => {
      try {
        for (const part of rewriteFilter(list.join(' '), functions).text.split(' ')) expect(part).toMatch(word)
        accepted += 1
      } catch (failure) {
        expect(failure).toBeInstanceOf(ValidationException)
      }
    }),
    { numRuns: 10_000 },
  )
  expect(accepted).toBeGreaterThan(100)
})
