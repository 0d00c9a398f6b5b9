/** What the benchmark asks of a store. Every store returns decoded objects, and is set up as one who knows it would. */

/** About 290 bytes as JSON: ten attributes, among them a map and a list. */
export interface BenchItem {
  readonly pk: string
  readonly sk: string
  readonly name: string
  readonly email: string
  readonly status: string
  readonly total: number
  readonly count: number
  readonly active: boolean
  readonly address: { readonly city: string; readonly zip: string; readonly street: string }
  readonly tags: readonly string[]
}

/** `relaxed`: an acknowledged write survives the process. `durable`: it survives a power cut. */
export type Mode = 'relaxed' | 'durable'

/** By status and total: one that says where its items are, or one that has copies of them. */
export type IndexKind = 'plain' | 'covering'

export interface StoreOptions {
  readonly directory: string
  readonly mode: Mode
  /** How many writers there will be that wait at the same time: some stores have another way for many. */
  readonly writers: number
  readonly index: IndexKind | undefined
  /** For the store's own cache; one that maps its file has none. */
  readonly cacheMb: number
  /** Compresses, where that is a choice. */
  readonly isCompressed: boolean
}

export interface Store {
  /** What these answer is waited for, if it is a promise, and not looked at. */
  put(item: BenchItem): unknown
  get(pk: string, sk: string): Promise<BenchItem | undefined> | BenchItem | undefined
  /** Sets the total of an item that is there, as one step. */
  update(pk: string, sk: string, total: number): unknown
  delete(pk: string, sk: string): unknown
  /** All items of a partition, or the last ones, or those whose sort key begins with something. */
  query(pk: string, options: { reverse?: boolean; limit?: number; prefix?: string }): Promise<BenchItem[]> | BenchItem[]
  /** How many items have a count above this. No store has a key, a column or an index for it. */
  scanAbove(count: number): Promise<number> | number
  queryIndex(status: string, limit: number): Promise<BenchItem[]> | BenchItem[]
  /** Only if the item's count is not negative, as it never is: what looking costs. */
  putIf?(item: BenchItem): Promise<unknown>
  /** All of them together. */
  transact?(items: readonly BenchItem[]): Promise<void>
  load(items: readonly BenchItem[]): Promise<void> | void
  /** Whatever brings it into the state it would be in after a while. */
  settle(): Promise<void> | void
  close(): Promise<void> | void
}

export type OpenStore = (options: StoreOptions) => Promise<Store>

/** What a file in this folder exports. */
export interface StoreModule {
  readonly openStore: OpenStore
  /** Whether what it writes is compressed: never, when asked to be, or by its defaults. */
  readonly compression: 'never' | 'on demand' | 'by default'
}

export function makeItem(partition: number, position: number): BenchItem {
  const n = partition * 7919 + position
  return {
    pk: pkOf(partition),
    sk: skOf(position),
    name: `Customer number ${n}`,
    email: `customer.${n}@example.com`,
    status: `status-${n % 1000}`,
    total: (n * 37) % 10_000,
    count: n,
    active: n % 3 === 0,
    address: { city: 'Springfield', zip: String(10_000 + (n % 90_000)), street: `${n % 500} Evergreen Terrace` },
    tags: ['alpha', 'beta', `tag-${n % 50}`],
  }
}

export function pkOf(partition: number): string {
  return `customer#${String(partition).padStart(7, '0')}`
}

export function skOf(position: number): string {
  return `order#${String(position).padStart(8, '0')}`
}
