/**
 * Options were looked at by whoever used them: a query took any `segment`, results that were not sorted any `sortBytes`,
 * `first()` any `limit`, and an index, or a sorted read, `select: null` for no selection.
 */
import { expect, test } from 'vitest'
import { type Results, table, type } from '../../src/index.js'
import { temporaryDatabase } from '../support/temporary-database.js'

// biome-ignore lint/suspicious/noExplicitAny: options that the types refuse
type Any = any
const Things: Any = table('things', {
  schema: type<Any>(),
  key: ['id', 'n'],
  indexes: { byGroup: ['group'], local: { key: ['id', 'm'], local: true }, byTag: { key: ['tags'], multi: 'tags' } },
} as Any)

const queries: [string, (things: Any, options: Any) => Results<Any>][] = [
  ['a query', (things, options) => things.query({ id: 'a' }, options)],
  ['a query of an index', (things, options) => things.index('byGroup').query({ group: 'g' }, options)],
  ['a query of a local index', (things, options) => things.index('local').query({ id: 'a' }, options)],
  ['a query of many values', (things, options) => things.index('byTag').query({ tags: { any: ['x'] } }, options)],
]
const scans: [string, (things: Any, options: Any) => Results<Any>][] = [
  ['a scan', (things, options) => things.scan(options)],
  ['a scan of an index', (things, options) => things.index('byGroup').scan(options)],
]
const ordered = [...queries, ...scans].map(([name, read]): [string, typeof read] => [
  `${name} in order`,
  (things, options) => read(things, options).orderBy('extra', 'descending'),
])

/** Every way of asking for what there is. */
const ASKING: ((results: Results<Any>) => Promise<unknown>)[] = [
  (results) => results.toArray(),
  (results) => results.first(),
  (results) => results.count(),
  (results) => results.page(),
  (results) => results.pages()[Symbol.asyncIterator]().next(),
  (results) => results[Symbol.asyncIterator]().next(),
  (results) => results.explain(),
]

async function refusals(read: (things: Any, options: Any) => Results<Any>, options: Any): Promise<unknown[]> {
  const { db } = await temporaryDatabase()
  const things: Any = db.table(Things)
  await things.put({ id: 'a', n: 1, m: 1, group: 'g', tags: ['x'] })
  return Promise.all(
    ASKING.map((ask) =>
      ask(read(things, options)).then(
        () => 'taken',
        (failure) => failure,
      ),
    ),
  )
}

const WRONG: [Any, string][] = [
  [{ sortBytes: 'x' }, 'Cannot read: "sortBytes" has to be a whole number from 1, not "x"'],
  [{ sortBytes: 0 }, 'Cannot read: "sortBytes" has to be a whole number from 1, not 0'],
  [{ sortBytes: null }, 'Cannot read: "sortBytes" has to be a whole number from 1, not null'],
  [{ limit: '5' }, 'Cannot read: "limit" has to be a whole number from 1, not "5"'],
  [{ limit: null }, 'Cannot read: "limit" has to be a whole number from 1, not null'],
  [{ select: null }, 'Cannot use "select": it takes a list of attribute names'],
]

test.each([...queries, ...scans, ...ordered])(
  '%s refuses what is wrong, in whatever way it is asked',
  async (_name, read) => {
    for (const [options, message] of WRONG) {
      for (const failure of await refusals(read, options)) expect(failure).toMatchObject({ code: 'OPTION', message })
    }
  },
)

test.each(queries)('%s has no segments', async (_name, read) => {
  const message = 'Cannot query: "segment" and "totalSegments" are for scans; leave them out'
  for (const options of [
    { segment: -1, totalSegments: Number.NaN },
    { segment: 0, totalSegments: 1 },
    { segment: 0 },
  ]) {
    for (const failure of await refusals(read, options)) expect(failure).toMatchObject({ code: 'OPTION', message })
  }
})

test('a scan by several workers refuses them, too', async () => {
  const failures = await refusals(scans[0]![1], { workers: 1, sortBytes: -1 })
  for (const failure of failures) expect(failure).toMatchObject({ code: 'OPTION' })
})

test.each([...queries, ...scans, ...ordered])('%s takes what is right', async (_name, read) => {
  const taken = await refusals(read, { limit: 3, sortBytes: 1000, select: undefined })
  expect(new Set(taken)).toEqual(new Set(['taken']))
})

test.each(['counts', 'distinct'])('%s of an index takes a signal and nothing else', async (call) => {
  const { db } = await temporaryDatabase()
  const index: Any = db.table(Things).index('byGroup')
  for (const options of [null, 5, { signal: 5 }, { signl: new AbortController().signal }, { limit: 1 }]) {
    expect(() => index[call](options)).toThrow(expect.objectContaining({ code: 'OPTION' }))
  }
  for (const options of [undefined, {}, { signal: undefined }, { signal: new AbortController().signal }]) {
    expect(() => index[call](options)).not.toThrow()
  }
})
