/**
 * LMDB through lmdb-js: memory-mapped, values in MessagePack with shared structures, as its author recommends.
 *
 * What is fastest differs: one writer, relaxed or durable, is served best by synchronous transactions (durable: that
 * sync before they return, so `overlappingSync` is off); many that wait for the disk by asynchronous ones, which share a
 * sync. Relaxed is `noSync`: the system has the pages, so it survives the process; but unlike with the others, a power
 * cut may leave a database that can't be opened.
 */
import { open } from 'lmdb'
import type { BenchItem, OpenStore, StoreModule } from './store.js'

const END = '￿'

export const compression: StoreModule['compression'] = 'never'

export const openStore: OpenStore = async ({ directory, mode, writers, index: kind }) => {
  const isShared = mode === 'durable' && writers > 1
  const root = open({
    path: directory,
    maxDbs: 4,
    sharedStructuresKey: Symbol.for('structures'),
    noSync: mode === 'relaxed',
    overlappingSync: isShared,
  })
  const items = root.openDB<BenchItem, [string, string]>({
    name: 'items',
    sharedStructuresKey: Symbol.for('structures'),
  })
  const index = root.openDB<BenchItem | string, [string, number, string, string]>({
    name: 'index',
    sharedStructuresKey: Symbol.for('structures'),
  })
  const write = (item: BenchItem) => {
    if (kind !== undefined) {
      const old = items.get([item.pk, item.sk])
      if (old !== undefined) index.remove([old.status, old.total, old.pk, old.sk])
      index.put([item.status, item.total, item.pk, item.sk], kind === 'covering' ? item : '')
    }
    items.put([item.pk, item.sk], item)
  }
  const commit = (change: () => void): Promise<void> | void => {
    if (isShared) return shareCommit(change)
    root.transactionSync(change)
  }
  const shareCommit = async (change: () => void) => {
    await root.transaction(change)
    await root.flushed
  }
  return {
    put: (item) => {
      if (kind !== undefined || isShared) return commit(() => write(item))
      items.putSync([item.pk, item.sk], item)
    },
    get: (pk, sk) => items.get([pk, sk]),
    update: (pk, sk, total) => commit(() => write({ ...items.get([pk, sk])!, total })),
    delete: (pk, sk) => {
      if (isShared) return commit(() => void items.remove([pk, sk]))
      items.removeSync([pk, sk])
    },
    query: (pk, { reverse = false, limit, prefix = '' }) => {
      const low: [string, string] = [pk, prefix]
      const high: [string, string] = [pk, prefix + END]
      const range = reverse ? { start: high, end: low, reverse } : { start: low, end: high }
      return [...items.getRange(limit === undefined ? range : { ...range, limit }).map(({ value }) => value)]
    },
    scanAbove: (count) => {
      let found = 0
      for (const { value } of items.getRange()) if (value.count > count) found += 1
      return found
    },
    queryIndex: (status, limit) => {
      const found: BenchItem[] = []
      const range = { start: [status], end: [status, END], limit } as unknown as {
        start: [string, number, string, string]
      }
      for (const { key, value } of index.getRange(range)) {
        found.push(kind === 'covering' ? (value as BenchItem) : items.get([key[2], key[3]])!)
      }
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
