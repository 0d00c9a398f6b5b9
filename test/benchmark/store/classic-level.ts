/**
 * LevelDB through classic-level: items as JSON under partition and sort key, compressed with Snappy as it does by itself.
 * Gets are the synchronous ones, three times as fast as those that wait; iterators fetch more at a time than they would.
 */
import { ClassicLevel } from 'classic-level'
import type { BenchItem, OpenStore, StoreModule } from './store.js'

const SEPARATOR = '\0'
/** What stands under an index entry. */
const NOTHING = {} as BenchItem

export const compression: StoreModule['compression'] = 'by default'

const QUERY_FETCH = { highWaterMarkBytes: 64 * 1024 }
const SCAN_FETCH = { highWaterMarkBytes: 1024 * 1024 }

export const openStore: OpenStore = async ({ directory, mode, index, cacheMb }) => {
  const db = new ClassicLevel<string, BenchItem>(directory, {
    valueEncoding: 'json',
    cacheSize: cacheMb * 1024 * 1024,
  })
  await db.open()
  const sync = mode === 'durable'
  const keyOf = (pk: string, sk: string) => `i${SEPARATOR}${pk}${SEPARATOR}${sk}`
  const indexKey = ({ status, total, pk, sk }: BenchItem) =>
    ['x', status, String(total).padStart(6, '0'), pk, sk].join(SEPARATOR)
  const operations = async (item: BenchItem) => {
    const put = { type: 'put', key: keyOf(item.pk, item.sk), value: item } as const
    if (index === undefined) return [put]
    const old = db.getSync(put.key)
    const moved = old === undefined ? [] : [{ type: 'del', key: indexKey(old) } as const]
    const value = index === 'covering' ? item : NOTHING
    return [...moved, { type: 'put', key: indexKey(item), value } as const, put]
  }
  const write = async (item: BenchItem) => {
    if (index !== undefined) await db.batch(await operations(item), { sync })
    else await db.put(keyOf(item.pk, item.sk), item, { sync })
  }
  return {
    put: write,
    get: (pk, sk) => db.getSync(keyOf(pk, sk)),
    update: (pk, sk, total) => write({ ...db.getSync(keyOf(pk, sk))!, total }),
    delete: (pk, sk) => db.del(keyOf(pk, sk), { sync }),
    query: (pk, { reverse = false, limit = -1, prefix = '' }) =>
      db.values({ gte: keyOf(pk, prefix), lt: keyOf(pk, `${prefix}￿`), reverse, limit, ...QUERY_FETCH }).all(),
    scanAbove: async (count) => {
      const items = db.values({ gte: `i${SEPARATOR}`, lt: 'j', ...SCAN_FETCH })
      let found = 0
      for (let part = await items.nextv(1000); part.length > 0; part = await items.nextv(1000)) {
        for (const item of part) if (item.count > count) found += 1
      }
      await items.close()
      return found
    },
    queryIndex: async (status, limit) => {
      const prefix = ['x', status, ''].join(SEPARATOR)
      const range = { gte: prefix, lt: `${prefix}￿`, limit, ...QUERY_FETCH }
      if (index === 'covering') return db.values(range).all()
      const keys = await db.keys(range).all()
      return keys.map((key) => db.getSync(keyOf(...(key.split(SEPARATOR).slice(3) as [string, string])))!)
    },
    load: async (batch) => {
      await db.batch((await Promise.all(batch.map(operations))).flat(), { sync })
    },
    settle: () => db.compactRange('', '￿'),
    close: () => db.close(),
  }
}
