/**
 * Which attribute an update names twice was looked for by comparing each name with all before it: a hundred thousand names
 * held up the event loop for seconds. How often the list is read is bounded by its length.
 */
import { expect, test } from 'vitest'
import { checkUpdate } from '../../src/model/expression/update.js'

test('a name that is in an update twice is found in one walk, however long the list is', () => {
  const names = Array.from({ length: 100_000 }, (_, n) => `n${n}`)
  let comparisons = 0
  const indexOf = Array.prototype.indexOf
  Array.prototype.indexOf = function (this: unknown[], ...args: [unknown, number?]) {
    comparisons += this.length
    return indexOf.apply(this, args)
  }
  try {
    expect(() => checkUpdate({ remove: [...names, 'n99999'] }, ['id'])).toThrow('the attribute "n99999" is in it twice')
  } finally {
    Array.prototype.indexOf = indexOf
  }
  expect(comparisons).toBeLessThan(1_000_000)
})
