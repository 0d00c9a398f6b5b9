/**
 * The rows of the benchmark: what each is called, its unit, and what it has to reach. Less is better in all of them.
 *
 * The floor is what a careful general engine should reach, the goal what makes people switch. Most are ratios to the
 * best of the others in the same run: absolute times move with the machine and its neighbours.
 */

/** In the order of the columns. */
export const STORES = ['dynafile', 'lmdb', 'better-sqlite3', 'classic-level'] as const
export type StoreName = (typeof STORES)[number]

export type Unit = 'µs' | 'times' | 'ms' | 'B per item' | 'MB' | 'items/s' | 'requests/s'

/** A figure, or a share of what another store has. */
export type Bound = number | { readonly store: StoreName; readonly times: number }

export type Target =
  | { readonly kind: 'times as fast'; readonly as: 'best' | StoreName; readonly floor: number; readonly goal: number }
  | { readonly kind: 'at most'; readonly floor: Bound; readonly goal: Bound }

export interface Row {
  readonly id: string
  readonly section: string
  readonly label: string
  readonly unit: Unit
  /** For a table of so many items; undefined where nothing is asked of one of that size. */
  readonly target?: (items: number) => Target | undefined
}

/** From here on the table counts as a large one. */
const LARGE = 1_000_000
/** What RocksDB takes for these items, compressed with Snappy: measured once, it is not among the stores here. */
const ROCKSDB_BYTES_PER_ITEM = 44.5

const thanBest = (floor: number, goal: number) => (): Target => ({ kind: 'times as fast', as: 'best', floor, goal })
const atMost = (floor: Bound, goal: Bound) => (): Target => ({ kind: 'at most', floor, goal })
/** Asked of a large table: what a small one takes is what every database takes, such as the log that is kept for followers. */
const ofLarge = (floor: Bound, goal: Bound) => (items: number) => (items < LARGE ? undefined : atMost(floor, goal)())
/** Each with what it has to reach when relaxed. */
const WRITES = [
  { id: 'put', label: 'put', target: thanBest(2, 4) },
  { id: 'update', label: 'update', target: thanBest(2, 4) },
  { id: 'delete', label: 'delete', target: thanBest(2, 4) },
  { id: 'put with index', label: 'put with one index', target: thanBest(3, 5) },
] as const
const RELAXED = 'Writing, relaxed: it survives the process'
const DURABLE = 'Writing, durable: it survives a power cut'

export const ROWS: readonly Row[] = [
  {
    id: 'get',
    section: 'Reading',
    label: 'get',
    unit: 'µs',
    target: (items) => (items < LARGE ? thanBest(1.3, 2)() : thanBest(1.1, 1.8)()),
  },
  { id: 'get missing', section: 'Reading', label: 'get of a missing key', unit: 'µs', target: thanBest(1, 1.5) },
  {
    id: 'get cold',
    section: 'Reading',
    label: 'get, nothing in the cache of the store',
    unit: 'µs',
    target: () => ({ kind: 'times as fast', as: 'lmdb', floor: 0.5, goal: 0.8 }),
  },
  { id: 'query 100', section: 'Reading', label: 'query of 100', unit: 'µs', target: thanBest(2, 3) },
  {
    id: 'query last 10',
    section: 'Reading',
    label: 'query of the last 10, reversed',
    unit: 'µs',
    target: thanBest(2, 3),
  },
  { id: 'query prefix 10', section: 'Reading', label: 'query of 10 by a prefix', unit: 'µs', target: thanBest(2, 3) },
  { id: 'query 10', section: 'Reading', label: 'query of the first 10', unit: 'µs' },
  { id: 'scan', section: 'Reading', label: 'scan with a filter, per item', unit: 'µs', target: thanBest(2, 4) },
  {
    id: 'query index 100',
    section: 'Reading',
    label: 'query of 100 through an index',
    unit: 'µs',
    target: thanBest(2, 3),
  },
  {
    id: 'query covering 100',
    section: 'Reading',
    label: 'query of 100 through a covering index',
    unit: 'µs',
    target: thanBest(2, 3),
  },
  ...WRITES.map(
    ({ id, label, target }): Row => ({ id: `${id}, relaxed`, section: RELAXED, label, unit: 'µs', target }),
  ),
  { id: 'put with covering index, relaxed', section: RELAXED, label: 'put with one covering index', unit: 'µs' },
  ...WRITES.map(
    ({ id, label }): Row => ({
      id: `${id}, relaxed, 64 writers`,
      section: RELAXED,
      label: `${label}, 64 writers`,
      unit: 'µs',
    }),
  ),
  ...WRITES.map(
    ({ id, label }): Row => ({
      id: `${id}, durable`,
      section: DURABLE,
      label,
      unit: 'µs',
      ...(id === 'put' && { target: thanBest(1.1, 1.4) }),
    }),
  ),
  ...WRITES.map(
    ({ id, label }): Row => ({
      id: `${id}, durable, 64 writers`,
      section: DURABLE,
      label: `${label}, 64 writers`,
      unit: 'µs',
      ...(id === 'put' && { target: thanBest(3, 4) }),
    }),
  ),
  { id: 'load 1,000', section: 'Loading, per item', label: 'batches of 1,000', unit: 'µs', target: thanBest(0.9, 1.3) },
  {
    id: 'load 1,000, first',
    section: 'Loading, per item',
    label: 'batches of 1,000, the first in its process',
    unit: 'µs',
  },
  { id: 'load 25', section: 'Loading, per item', label: 'batches of 25', unit: 'µs' },
  { id: 'load 1', section: 'Loading, per item', label: 'one by one', unit: 'µs' },
  { id: 'load with index', section: 'Loading, per item', label: 'batches of 1,000, one index', unit: 'µs' },
  { id: 'load 1,000, durable', section: 'Loading, per item', label: 'batches of 1,000, durable', unit: 'µs' },
  { id: 'load 25, durable', section: 'Loading, per item', label: 'batches of 25, durable', unit: 'µs' },
  {
    id: 'pause',
    section: 'Pauses of the event loop',
    label: 'longest while loading',
    unit: 'ms',
    target: atMost(20, 5),
  },
  { id: 'pause p99', section: 'Pauses of the event loop', label: 'longest in 99 of 100 batches', unit: 'ms' },
  { id: 'pause settling', section: 'Pauses of the event loop', label: 'longest while settling afterwards', unit: 'ms' },
  { id: 'reopen', section: 'Opening', label: 'reopen and first get', unit: 'ms', target: atMost(25, 10) },
  {
    id: 'space',
    section: 'Space',
    label: 'on disk, each by its defaults',
    unit: 'B per item',
    target: ofLarge({ store: 'better-sqlite3', times: 1 }, { store: 'lmdb', times: 0.5 }),
  },
  {
    id: 'space compressed',
    section: 'Space',
    label: 'on disk, compressed',
    unit: 'B per item',
    target: ofLarge({ store: 'classic-level', times: 1 }, ROCKSDB_BYTES_PER_ITEM),
  },
  {
    id: 'memory',
    section: 'Memory, with 64 MB of cache',
    label: 'resident after reopening and gets',
    unit: 'MB',
    target: ofLarge(300, { store: 'lmdb', times: 1 }),
  },
  { id: 'memory anonymous', section: 'Memory, with 64 MB of cache', label: 'of it not of files', unit: 'MB' },
  { id: 'memory peak', section: 'Memory, with 64 MB of cache', label: 'most while loading', unit: 'MB' },
  { id: 'memory start', section: 'Memory, with 64 MB of cache', label: 'before anything is open', unit: 'MB' },
]

/** What is measured at each size of our own table. */
export const GROWTH_ROWS: readonly Row[] = [
  { id: 'get', section: 'Growth', label: 'get', unit: 'µs' },
  { id: 'put', section: 'Growth', label: 'put, relaxed', unit: 'µs' },
  { id: 'query 10', section: 'Growth', label: 'query of 10', unit: 'µs' },
  { id: 'put if', section: 'Growth', label: 'put with a condition expression, relaxed', unit: 'µs' },
  { id: 'condition', section: 'Growth', label: 'what that adds to a put, by turns', unit: 'µs' },
  { id: 'ten puts', section: 'Growth', label: 'ten puts, one after the other, relaxed', unit: 'µs' },
  { id: 'transaction', section: 'Growth', label: 'a transaction of ten puts, relaxed', unit: 'µs' },
  { id: 'query index 10', section: 'Growth', label: 'query of 10 through an index, any of 1,000 keys', unit: 'µs' },
  { id: 'query index 10 again', section: 'Growth', label: 'query of 10 through an index, one of 20 keys', unit: 'µs' },
  {
    id: 'query index 10 uncached',
    section: 'Growth',
    label: 'query of 10 through an index, nothing in the processor’s caches',
    unit: 'µs',
  },
  {
    id: 'query index 10 to small',
    section: 'Growth',
    label: 'any of 1,000 keys, by turns with a table of 10,000 items',
    unit: 'times',
  },
  {
    id: 'query index 10 again to small',
    section: 'Growth',
    label: 'one of 20 keys, by turns with a table of 10,000 items',
    unit: 'times',
  },
  {
    id: 'query covering 10',
    section: 'Growth',
    label: 'query of 10 through a covering index, any of 1,000 keys',
    unit: 'µs',
  },
  { id: 'reopen', section: 'Growth', label: 'reopen and first get', unit: 'ms', target: atMost(25, 10) },
  { id: 'load rate', section: 'Growth', label: 'load, batches of 1,000', unit: 'items/s' },
  { id: 'memory peak', section: 'Growth', label: 'most memory while loading', unit: 'MB' },
  { id: 'space', section: 'Growth', label: 'on disk', unit: 'B per item' },
]

/** Rows whose cost at the largest size may be at most this many times what it is at the smallest. */
export const GROWTH_LIMIT = { rows: ['get', 'put', 'query 10'], times: 2 } as const
