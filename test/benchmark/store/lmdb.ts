/** LMDB through lmdb-js: memory-mapped, values in MessagePack with shared structures, as its author recommends. */
import { open } from 'lmdb'
import type { BenchItem, OpenStore } from './store.js'

const END = '￿'

export const openStore: OpenStore = async ({ directory, mode, hasIndex }) => {
  const isDurable = mode === 'durable'
  const root = open({ path: directory, maxDbs: 4, sharedStructuresKey: Symbol.for('structures'), noSync: !isDurable })
  const items = root.openDB<BenchItem, [string, string]>({
    name: 'items',
    sharedStructuresKey: Symbol.for('structures'),
  })
  const index = root.openDB<string, [string, number, string, string]>({ name: 'index' })
  const write = (item: BenchItem) => {
    if (hasIndex) {
      const old = items.get([item.pk, item.sk])
      if (old !== undefined) index.remove([old.status, old.total, old.pk, old.sk])
      index.put([item.status, item.total, item.pk, item.sk], '')
    }
    items.put([item.pk, item.sk], item)
  }
  const commit = async (change: () => void) => {
    if (!isDurable) {
      root.transactionSync(change)
      return
    }
    await root.transaction(change)
    await root.flushed
  }
  return {
    put: (item) => commit(() => write(item)),
    get: (pk, sk) => items.get([pk, sk]),
    update: (pk, sk, total) => commit(() => write({ ...items.get([pk, sk])!, total })),
    delete: (pk, sk) => commit(() => void items.remove([pk, sk])),
    query: (pk, { reverse = false, limit, prefix = '' }) => {
      const low: [string, string] = [pk, prefix]
      const high: [string, string] = [pk, prefix + END]
      const range = reverse ? { start: high, end: low, reverse } : { start: low, end: high }
      return [...items.getRange(limit === undefined ? range : { ...range, limit }).map(({ value }) => value)]
    },
    scanAbove: (total) => {
      let count = 0
      for (const { value } of items.getRange()) if (value.total > total) count += 1
      return count
    },
    queryIndex: (status, limit) => {
      const found: BenchItem[] = []
      const range = { start: [status], end: [status, END], limit } as unknown as {
        start: [string, number, string, string]
      }
      for (const { key } of index.getRange(range)) found.push(items.get([key[2], key[3]])!)
      return found
    },
    load: (batch) =>
      commit(() => {
        for (const item of batch) write(item)
      }),
    settle: async () => {
      await root.flushed
    },
    close: () => root.close(),
  }
}
