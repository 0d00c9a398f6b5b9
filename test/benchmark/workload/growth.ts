/** Our own store at one size: how the rate holds while it is loaded, and what a get, a put and a query cost then. */
import type { BenchItem, IndexKind, Store, StoreModule, StoreOptions } from '../store/store.js'
import { bytesOnDisk, inFolder } from './folder.js'
import { batches, type KeyPair, Keys } from './keys.js'
import { residentMb } from './memory.js'
import { measure, measureByTurns, microsecondsSince } from './timing.js'
import type { Tell, WorkloadOptions } from './workload.js'

/** The rate is noted each time so many items were loaded, at least ten times. */
const RATE_STEP = 100_000
const REOPENINGS = 5
/** To read everything once would take minutes with the largest. */
const WARMING_QUERIES = 10_000
/** So many keys of the index are asked for again and again. */
const OFTEN_ASKED = 20
const WARMING_GETS = 50_000
/** Of so many, each item is read by its key, as everywhere else before gets are timed. */
const WARM_LIMIT = 1_000_000
/** Going through so much leaves nothing else in the caches of the processor. */
const MORE_THAN_CACHES = 96 * 1024 * 1024
const CACHE_LINE = 64
const UNCACHED_SLICES = 5
/** What a query through an index costs is compared with what it costs in a table of so many items. */
const SMALL_TABLE = 10_000
/** With an index, loading the largest sizes would take as long as everything else. */
const INDEX_LIMIT = 1_000_000

export async function measureGrowth(
  { store: name, items, cacheMb, effort }: WorkloadOptions,
  tell: Tell,
): Promise<void> {
  const { openStore } = (await import(`../store/${name}.ts`)) as StoreModule
  const keys = new Keys(items)
  const count = (usual: number) => Math.max(10, Math.round(usual * effort))
  await inFolder(async (directory) => {
    const options: StoreOptions = {
      ...{ directory, mode: 'relaxed', writers: 1, index: undefined, cacheMb, isCompressed: false },
    }
    const loading = await openStore(options)
    const step = Math.min(RATE_STEP, Math.max(1000, Math.floor(keys.items / 10)))
    const rates: number[] = []
    let [peak, total, spent, loaded] = [0, 0, 0, 0]
    for (const batch of batches(keys.items, 1000)) {
      const started = process.hrtime.bigint()
      await loading.load(batch)
      spent += microsecondsSince(started)
      loaded += batch.length
      peak = Math.max(peak, residentMb())
      if (loaded < step) continue
      rates.push(loaded / (spent / 1e6))
      total += spent
      spent = loaded = 0
    }
    tell('load rate', rates, keys.items / (total / 1e6))
    tell('memory peak', [peak])
    await loading.settle()
    await loading.close()
    tell('space', [bytesOnDisk(directory) / keys.items])

    const reopenings: number[] = []
    for (let i = 0; i < REOPENINGS; i++) {
      const key = keys.anyKey()
      const started = process.hrtime.bigint()
      const opened = await openStore(options)
      await opened.get(...key)
      reopenings.push(microsecondsSince(started) / 1000)
      await opened.close()
    }
    tell('reopen', reopenings)

    const store = await openStore(options)
    const get = (key: KeyPair) => store.get(...key)
    const query = (pk: string) => store.query(pk, { limit: 10 })
    for (let i = 0; i < Math.min(WARMING_QUERIES, keys.partitions); i++) await store.query(keys.anyPk(), {})
    if (keys.items <= WARM_LIMIT) for (const key of keys.everyKey()) await store.get(...key)
    else for (let i = 0; i < WARMING_GETS * effort; i++) await store.get(...keys.anyKey())
    tell('get', await measure({ count: count(50_000), prepare: keys.anyKey, act: get }))
    tell('query 10', await measure({ count: count(20_000), prepare: keys.anyPk, act: query }))
    tell('put', await measure({ count: count(20_000), prepare: keys.changedItem, act: store.put }))
    await measureTogether(store, keys, count, tell)
    await store.close()
  })
  if (items > INDEX_LIMIT) return
  await withIndex('plain', openStore, keys, cacheMb, async (act) => {
    tell('query index 10', await measure({ count: count(5000), prepare: keys.anyStatus, act }))
    // What is asked for all the time is in the processor's caches, whatever else there is.
    const again = () => keys.anyStatus(OFTEN_ASKED)
    tell('query index 10 again', await measure({ count: count(5000), prepare: again, act }))
    tell('query index 10 uncached', await measureUncached(count(40), () => act(keys.anyStatus())))
    await withIndex('plain', openStore, new Keys(SMALL_TABLE), cacheMb, async (actOnSmall) => {
      const compare = async (row: string, prepare: () => string) => {
        const [small, own] = await measureByTurns({ count: count(50_000), prepare }, [actOnSmall, act])
        tell(
          row,
          own.map((figure, slice) => figure / small[slice]!),
        )
      }
      await compare('query index 10 to small', keys.anyStatus)
      await compare('query index 10 again to small', again)
    })
  })
  await withIndex('covering', openStore, keys, cacheMb, async (act) => {
    tell('query covering 10', await measure({ count: count(5000), prepare: keys.anyStatus, act }))
  })
}

/** What a condition costs, and what it costs to do ten things at once. */
async function measureTogether(store: Store, keys: Keys, count: (usual: number) => number, tell: Tell): Promise<void> {
  const { putIf, transact } = store
  if (putIf === undefined || transact === undefined) return
  tell('put if', await measure({ count: count(20_000), prepare: keys.changedItem, act: putIf }))
  // As many as a memtable takes: the item that the condition is about lies in it, or in a file, as often as for whoever goes on writing.
  const puts = { count: count(120_000), slices: 33, prepare: keys.changedItem }
  const [bare, conditional] = await measureByTurns(puts, [store.put, putIf])
  tell(
    'condition',
    conditional.map((figure, slice) => figure - bare[slice]!),
  )
  const tenItems = () => {
    const ten = new Map<string, BenchItem>()
    while (ten.size < 10) {
      const item = keys.changedItem()
      ten.set(item.pk + item.sk, item)
    }
    return [...ten.values()]
  }
  const oneByOne = async (ten: readonly BenchItem[]) => {
    for (const item of ten) await store.put(item)
  }
  tell('ten puts', await measure({ count: count(2000), prepare: tenItems, act: oneByOne }))
  tell('transaction', await measure({ count: count(2000), prepare: tenItems, act: transact }))
}

/** Slices of microseconds for each operation, when the processor has nothing of what it needs in its caches. */
async function measureUncached(count: number, act: () => unknown): Promise<number[]> {
  const memory = new Uint8Array(MORE_THAN_CACHES)
  const slices: number[] = []
  for (let slice = 0; slice < UNCACHED_SLICES; slice++) {
    let spent = 0
    for (let n = 0; n < count; n++) {
      for (let at = 0; at < memory.length; at += CACHE_LINE) memory[at]! += 1
      const started = process.hrtime.bigint()
      await act()
      spent += microsecondsSince(started)
    }
    slices.push(spent / count)
  }
  return slices
}

/** What queries through an index of some kind are measured on, loaded and warm. */
async function withIndex(
  index: IndexKind,
  openStore: StoreModule['openStore'],
  keys: Keys,
  cacheMb: number,
  measureAll: (query: (status: string) => unknown) => Promise<void>,
): Promise<void> {
  await inFolder(async (directory) => {
    const store = await openStore({
      ...{ directory, mode: 'relaxed', writers: 1, index, cacheMb, isCompressed: false },
    })
    for (const batch of batches(keys.items, 1000)) await store.load(batch)
    await store.settle()
    const query = (status: string) => store.queryIndex(status, 10)
    for (let i = 0; i < Math.min(WARMING_QUERIES, keys.items / 10); i++) await query(keys.anyStatus())
    await measureAll(query)
    await store.close()
  })
}
