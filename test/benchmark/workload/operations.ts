/**
 * Every operation of a store, reading and writing, one folder after the other. The turn is passed on between slices of what
 * only reads; what writes, or loads, is closed first, so that it can't go on while others are measured.
 */
import type { Mode, Store, StoreModule, StoreOptions } from '../store/store.js'
import { makeItem, pkOf } from '../store/store.js'
import type { PassOn } from '../turns.js'
import { bytesOnDisk, inFolder } from './folder.js'
import { batches, type KeyPair, Keys, PER_PARTITION } from './keys.js'
import { measure, microsecondsSince } from './timing.js'
import type { Tell, WorkloadOptions } from './workload.js'

const REOPENINGS = 9
const COLD_GETS = 2000
/** Loading one by one is stopped here: it takes minutes, and goes on like that. */
const ONE_BY_ONE_LIMIT = 200_000
const DURABLE_LOAD_LIMIT = 50_000
const LOAD_SLICES = 5

const WAYS_TO_WRITE = [
  ['relaxed', 1],
  ['relaxed', 64],
  ['durable', 1],
  ['durable', 64],
] as const

type Reopen = (options?: Partial<StoreOptions>) => Promise<Store>

export async function compareOperations(options: WorkloadOptions, tell: Tell, passOn: PassOn): Promise<void> {
  const { items, cacheMb, store, effort } = options
  const module = (await import(`../store/${store}.ts`)) as StoreModule
  const opener =
    (directory: string, always: Partial<StoreOptions> = {}): Reopen =>
    (wanted = {}) =>
      module.openStore({
        ...{ directory, mode: 'relaxed', writers: 1, index: undefined, cacheMb, isCompressed: false },
        ...always,
        ...wanted,
      })
  const count = (usual: number) => Math.max(10, Math.round(usual * effort))
  const keys = new Keys(items)
  const tellLoadAs =
    (row: string) =>
    ({ slices, mean }: Load) =>
      tell(row, slices, mean)

  await inFolder(async (directory) => {
    const reopen = opener(directory)
    const space = await fill(await reopen(), directory, keys.items, tellLoadAs('load 1,000, first'))
    tell('space', [space])
    if (module.compression === 'by default') tell('space compressed', [space])
    await passOn()
    const opened = await reopen()
    await warm(opened, keys)
    // A warm get is one of an item that was read before, by whatever a store keeps of that.
    for (const key of keys.everyKey()) await opened.get(...key)
    await checkAnswers(opened, keys)
    await read(opened, keys, count, tell, passOn)
    await opened.close()
    // Now that the code is warm: only the store's cache is cold then.
    await readCold(reopen, keys, tell, passOn)
    for (const [mode, writers] of WAYS_TO_WRITE) {
      await passOn()
      const again = await reopen({ mode, writers })
      await warm(again, keys)
      await write(again, keys, count, tell, mode, writers)
      await again.close()
    }
  })

  await inFolder(async (directory) => {
    const reopen = opener(directory, { index: 'plain' })
    await passOn()
    await fill(await reopen(), directory, keys.items, tellLoadAs('load with index'))
    await passOn()
    const opened = await reopen()
    await warm(opened, keys)
    const act = (status: string) => opened.queryIndex(status, 100)
    tell('query index 100', await measure({ count: count(1000), prepare: keys.anyStatus, act, passOn }))
    await opened.close()
    for (const [mode, writers] of WAYS_TO_WRITE) {
      await passOn()
      const again = await reopen({ mode, writers })
      await warm(again, keys)
      const usual = mode === 'relaxed' || writers > 1 ? 6400 : 1000
      const act = again.put
      const slices = await measure({ count: count(usual), writers, prepare: keys.movedItem, act })
      tell(nameOf('put with index', mode, writers), slices)
      await again.close()
    }
  })

  await inFolder(async (directory) => {
    const reopen = opener(directory, { index: 'covering' })
    await passOn()
    await fill(await reopen(), directory, keys.items, () => {})
    await passOn()
    const opened = await reopen()
    await warm(opened, keys)
    const act = (status: string) => opened.queryIndex(status, 100)
    tell('query covering 100', await measure({ count: count(1000), prepare: keys.anyStatus, act, passOn }))
    await passOn()
    const put = { count: count(6400), prepare: keys.movedItem, act: opened.put }
    tell('put with covering index, relaxed', await measure(put))
    await opened.close()
  })

  for (const [row, length, mode, limit] of [
    ['load 1,000', 1000, 'relaxed', Number.POSITIVE_INFINITY],
    ['load 25', 25, 'relaxed', Number.POSITIVE_INFINITY],
    ['load 1', 1, 'relaxed', ONE_BY_ONE_LIMIT],
    ['load 1,000, durable', 1000, 'durable', DURABLE_LOAD_LIMIT],
    ['load 25, durable', 25, 'durable', DURABLE_LOAD_LIMIT / 5],
  ] as const) {
    await passOn()
    await inFolder(async (directory) => {
      const opened = await opener(directory)({ mode })
      tellLoadAs(row)(await load(opened, Math.min(keys.items, count(limit)), length))
      await opened.close()
    })
  }

  if (module.compression === 'on demand') {
    await inFolder(async (directory) => {
      const opened = await opener(directory)({ isCompressed: true })
      tell('space compressed', [await fill(opened, directory, keys.items, () => {})])
    })
  }
}

/** Microseconds for an item: in each fifth of them, and in all. */
interface Load {
  readonly slices: readonly number[]
  readonly mean: number
}

/** Loads, settles and closes. @returns Bytes on disk for each item. */
async function fill(store: Store, directory: string, items: number, tellLoad: (load: Load) => void): Promise<number> {
  tellLoad(await load(store, items, 1000))
  await store.settle()
  await store.close()
  return bytesOnDisk(directory) / items
}

async function load(store: Store, items: number, length: number): Promise<Load> {
  const slices: number[] = []
  let [loaded, spent, loadedBefore, spentBefore] = [0, 0, 0, 0]
  for (const batch of batches(items, length)) {
    const started = process.hrtime.bigint()
    const answer = length === 1 ? store.put(batch[0]!) : store.load(batch)
    if (answer instanceof Promise) await answer
    spent += microsecondsSince(started)
    loaded += batch.length
    if (loaded < ((slices.length + 1) * items) / LOAD_SLICES) continue
    slices.push((spent - spentBefore) / (loaded - loadedBefore))
    spentBefore = spent
    loadedBefore = loaded
  }
  // The mean counts, not the median of the slices: what a store puts off it still has to do.
  return { slices, mean: spent / loaded }
}

/** Everything once from a store that has just been opened: nothing is in its own cache, all is in the system's. */
async function readCold(reopen: Reopen, keys: Keys, tell: Tell, passOn: PassOn): Promise<void> {
  const reopenings: number[] = []
  const gets: number[] = []
  for (let i = 0; i < REOPENINGS; i++) {
    await passOn()
    const first = keys.anyKey()
    const prepared = Array.from({ length: COLD_GETS }, keys.anyKey)
    const started = process.hrtime.bigint()
    const store = await reopen()
    await store.get(...first)
    reopenings.push(microsecondsSince(started) / 1000)
    gets.push((await measureOnce(prepared, (key) => store.get(...key))) / COLD_GETS)
    await store.close()
  }
  tell('reopen', reopenings)
  tell('get cold', gets)
}

async function measureOnce(prepared: readonly KeyPair[], act: (key: KeyPair) => unknown): Promise<number> {
  const started = process.hrtime.bigint()
  for (const key of prepared) {
    const answer = act(key)
    if (answer instanceof Promise) await answer
  }
  return microsecondsSince(started)
}

async function warm(store: Store, keys: Keys): Promise<void> {
  for (let partition = 0; partition < keys.partitions; partition++) await store.query(pkOf(partition), {})
  for (let i = 0; i < 20_000; i++) await store.get(...keys.anyKey())
}

async function read(
  store: Store,
  keys: Keys,
  count: (usual: number) => number,
  tell: Tell,
  passOn: PassOn,
): Promise<void> {
  const get = (key: KeyPair) => store.get(...key)
  tell('get', await measure({ count: count(50_000), prepare: keys.anyKey, act: get, passOn }))
  tell('get missing', await measure({ count: count(50_000), prepare: keys.missingKey, act: get, passOn }))
  for (const [row, usual, options] of [
    ['query 100', 2000, {}],
    ['query last 10', 10_000, { reverse: true, limit: 10 }],
    ['query prefix 10', 10_000, { prefix: PREFIX }],
    ['query 10', 10_000, { limit: 10 }],
  ] as const) {
    const act = (pk: string) => store.query(pk, options)
    tell(row, await measure({ count: count(usual), prepare: keys.anyPk, act, passOn }))
  }
  const { above } = filterOf(keys)
  const scans = await measure({
    count: 3,
    slices: 3,
    warmUpLimit: 3,
    prepare: () => above,
    act: (n) => store.scanAbove(n),
    passOn,
  })
  tell(
    'scan',
    scans.map((scan) => scan / keys.items),
  )
}

/** The sort keys of ten items of each partition begin with it. */
const PREFIX = 'order#0000004'

/** A tenth of the items, and half a partition, are above it. */
function filterOf(keys: Keys): { above: number; found: number } {
  const partition = Math.floor(keys.partitions * 0.9)
  const found = (keys.partitions - partition - 1) * PER_PARTITION + PER_PARTITION / 2
  return { above: makeItem(partition, PER_PARTITION / 2 - 1).count, found }
}

/** A wrong answer may be fast. */
async function checkAnswers(store: Store, keys: Keys): Promise<void> {
  const pk = keys.anyPk()
  const { above, found } = filterOf(keys)
  const last = await store.query(pk, { reverse: true, limit: 10 })
  const answers = [
    [(await store.query(pk, {})).length, PER_PARTITION],
    [last.length, 10],
    [last[0]?.sk, makeItem(0, PER_PARTITION - 1).sk],
    [(await store.query(pk, { prefix: PREFIX })).length, 10],
    [await store.scanAbove(above), found],
    [JSON.stringify(await store.get(pkOf(1), makeItem(1, 2).sk)), JSON.stringify(makeItem(1, 2))],
    [await store.get(...keys.missingKey()), undefined],
  ]
  for (const [answer, expected] of answers) {
    if (answer !== expected) throw new Error(`A store answers ${answer} where ${expected} is right`)
  }
}

async function write(
  store: Store,
  keys: Keys,
  count: (usual: number) => number,
  tell: Tell,
  mode: Mode,
  writers: number,
): Promise<void> {
  const usual = mode === 'relaxed' ? 10_000 : writers > 1 ? 9600 : 1500
  const put = { count: count(usual), writers, prepare: keys.changedItem, act: store.put }
  tell(nameOf('put', mode, writers), await measure(put))
  const toUpdate = () => [...keys.keptKey(), keys.anyTotal()] as const
  const update = {
    count: count(usual),
    writers,
    prepare: toUpdate,
    act: (all: ReturnType<typeof toUpdate>) => store.update(...all),
  }
  tell(nameOf('update', mode, writers), await measure(update))
  // There must be enough of them for all four.
  const deletions = Math.min(count(mode === 'durable' && writers === 1 ? 1000 : 4000), Math.floor(keys.deletable / 4))
  const rehearsal = {
    prepare: keys.nextToRehearse,
    restore: (all: readonly KeyPair[]) => store.load(all.map(([pk, sk]) => ({ ...makeItem(0, 0), pk, sk }))),
  }
  const remove = {
    ...{ count: deletions, writers, prepare: keys.nextToDelete, rehearsal },
    act: (key: KeyPair) => store.delete(...key),
  }
  tell(nameOf('delete', mode, writers), await measure(remove))
}

function nameOf(operation: string, mode: Mode, writers: number): string {
  return writers === 1 ? `${operation}, ${mode}` : `${operation}, ${mode}, ${writers} writers`
}
