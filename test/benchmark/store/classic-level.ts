/** LevelDB through classic-level: items as JSON under partition and sort key. */
import { ClassicLevel } from 'classic-level'
import type { BenchItem, OpenStore } from './store.js'

const SEPARATOR = '\0'
/** What stands under an index entry. */
const NOTHING = {} as BenchItem

export const openStore: OpenStore = async ({ directory, mode, hasIndex }) => {
  const db = new ClassicLevel<string, BenchItem>(directory, { valueEncoding: 'json', cacheSize: 64 * 1024 * 1024 })
  await db.open()
  const sync = mode === 'durable'
  const keyOf = (pk: string, sk: string) => `i${SEPARATOR}${pk}${SEPARATOR}${sk}`
  const indexKey = ({ status, total, pk, sk }: BenchItem) =>
    ['x', status, String(total).padStart(6, '0'), pk, sk].join(SEPARATOR)
  const operations = async (item: BenchItem) => {
    const put = { type: 'put', key: keyOf(item.pk, item.sk), value: item } as const
    if (!hasIndex) return [put]
    const old = await db.get(put.key)
    const moved = old === undefined ? [] : [{ type: 'del', key: indexKey(old) } as const]
    return [...moved, { type: 'put', key: indexKey(item), value: NOTHING } as const, put]
  }
  const write = async (item: BenchItem) => {
    if (hasIndex) await db.batch(await operations(item), { sync })
    else await db.put(keyOf(item.pk, item.sk), item, { sync })
  }
  return {
    put: write,
    get: (pk, sk) => db.get(keyOf(pk, sk)),
    update: async (pk, sk, total) => write({ ...(await db.get(keyOf(pk, sk)))!, total }),
    delete: (pk, sk) => db.del(keyOf(pk, sk), { sync }),
    query: (pk, { reverse = false, limit = -1, prefix = '' }) =>
      db.values({ gte: keyOf(pk, prefix), lt: keyOf(pk, `${prefix}￿`), reverse, limit }).all(),
    scanAbove: async (total) => {
      let count = 0
      for await (const item of db.values({ gte: `i${SEPARATOR}`, lt: 'j' })) if (item.total > total) count += 1
      return count
    },
    queryIndex: async (status, limit) => {
      const prefix = ['x', status, ''].join(SEPARATOR)
      const keys = await db.keys({ gte: prefix, lt: `${prefix}￿`, limit }).all()
      const found = await db.getMany(keys.map((key) => keyOf(...(key.split(SEPARATOR).slice(3) as [string, string]))))
      return found as BenchItem[]
    },
    load: async (batch) => {
      await db.batch((await Promise.all(batch.map(operations))).flat(), { sync })
    },
    settle: () => db.compactRange('', '￿'),
    close: () => db.close(),
  }
}
