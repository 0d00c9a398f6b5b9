import { expect, test } from 'vitest'
import { parseArguments } from '../../benchmark/arguments.js'
import { orderOf } from '../../benchmark/running.js'

test('growth can run alone', () => {
  const args = ['--stores', 'dynafile', '--items', '', '--growth', '100000,10000000', '--cache-mb', '64']
  const { items, growth, stores, cacheMb } = parseArguments(args, 'results')
  expect({ items, growth, stores, cacheMb }).toEqual({
    ...{ items: [], growth: [100_000, 10_000_000], stores: ['dynafile'], cacheMb: 64 },
  })
})

test('stores keep their columns, whatever the order they are named in', () => {
  expect(parseArguments(['--stores', 'lmdb,dynafile'], 'results').stores).toEqual(['dynafile', 'lmdb'])
})

test.each([['--stores', 'mongodb'], ['--items', '10x'], ['--rounds', '0'], ['--nothing']])(
  '%s %s is refused',
  (...args) => {
    expect(() => parseArguments(args, 'results')).toThrow()
  },
)

test('the order of the stores turns around from round to round', () => {
  expect([1, 2, 3].map((round) => orderOf(round, ['A', 'B', 'C']).join(''))).toEqual(['ABC', 'CBA', 'ABC'])
})
