/** Dynafile itself, through its public API, as it is built and published: `npm run bench` builds it first. */
import type * as Dynafile from '../../../src/index.js'
import type { BenchItem, OpenStore, StoreModule } from './store.js'

const built = new URL('../../../dist/index.js', import.meta.url).href
const { ddb, open, table, type } = (await import(built)) as typeof Dynafile

const key = ['pk', 'sk'] as const
const Plain = table('items', { schema: type<BenchItem>(), key })
const tableWith = (covering: boolean) =>
  table('items', { schema: type<BenchItem>(), key, indexes: { byStatus: { key: ['status', 'total'], covering } } })

export const compression: StoreModule['compression'] = 'on demand'

export const openStore: OpenStore = async ({ directory, mode, index, cacheMb, isCompressed }) => {
  const db = await open(directory, {
    fsync: mode === 'durable' ? 'always' : 'never',
    cacheBytes: cacheMb * 1024 * 1024,
    compression: isCompressed ? 'deflate' : 'none',
  })
  const items = db.table(index === undefined ? Plain : tableWith(index === 'covering')) as ReturnType<
    typeof db.table<BenchItem, BenchItem, ['pk', 'sk'], { byStatus: ['status', 'total'] }>
  >
  return {
    put: (item) => items.put(item),
    get: (pk, sk) => items.get({ pk, sk }),
    update: (pk, sk, total) => items.update({ pk, sk }, { set: { total } }, { return: 'none' }),
    delete: (pk, sk) => items.delete({ pk, sk }, { return: 'none' }),
    query: (pk, { reverse = false, limit, prefix }) => {
      const where = prefix === undefined ? { pk } : { pk, sk: { beginsWith: prefix } }
      return items.query(where, limit === undefined ? { reverse } : { reverse, limit }).toArray()
    },
    scanAbove: (count) => items.scan({ filter: { count: { gt: count } } }).count(),
    queryIndex: (status, limit) => items.index('byStatus').query({ status }, { limit }).toArray(),
    putIf: (item) => items.put(item, { if: ddb`count >= ${0}` }),
    transact: async (batch) => {
      await db.transact((tx) => {
        for (const item of batch) tx.put(Plain, item)
      })
    },
    load: async (batch) => {
      await items.batch((writer) => {
        for (const item of batch) writer.put(item)
      })
    },
    settle: () => db.compact(),
    close: () => db.close(),
  }
}
