/** An index follows its items: an entry goes, comes, moves or stays. */
import { expect, test } from 'vitest'
import { indexDelta } from '../../../../src/model/index/index-delta.js'

test('says which entry goes and which comes', () => {
  expect(indexDelta(undefined, undefined)).toEqual({})
  expect(indexDelta(undefined, 'a')).toEqual({ added: 'a' })
  expect(indexDelta('a', undefined)).toEqual({ removed: 'a' })
  expect(indexDelta('a', 'b')).toEqual({ removed: 'a', added: 'b' })
  expect(indexDelta('a', 'a')).toEqual({})
  expect(indexDelta('', undefined)).toEqual({ removed: '' })
})
