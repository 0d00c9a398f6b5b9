/**
 * What a table should do, on a sorted array: slow, short and obviously right. It shares nothing with the engine but
 * `Decimal`. Everything answers at once; conditions and filters are functions here, for what the notations mean is
 * reference-filter.ts.
 */
import { Decimal } from '../../src/index.js'
import { canonical } from './canonical.js'

export type AnyItem = Record<string, unknown>
type KeyPart = string | number | bigint | Decimal | Uint8Array
type Test = (item: AnyItem) => boolean

export interface ReferenceOptions {
  readonly key: readonly string[]
  readonly indexes: Readonly<Record<string, readonly string[]>>
  readonly ttl: string | undefined
  /** Seconds since 1970. */
  readonly now: () => number
}

export interface ReferenceChange {
  readonly type: 'put' | 'update' | 'delete'
  readonly key: AnyItem
  readonly old: AnyItem | undefined
  readonly new: AnyItem | undefined
}

export interface ReferenceUpdate {
  readonly set?: AnyItem
  readonly add?: Readonly<Record<string, number | bigint | Decimal>>
  readonly remove?: readonly string[]
  readonly append?: Readonly<Record<string, readonly unknown[]>>
}

export type SortCondition = Readonly<
  Partial<Record<'eq' | 'lt' | 'lte' | 'gt' | 'gte' | 'beginsWith', KeyPart>> & {
    between?: readonly [KeyPart, KeyPart]
  }
>

/** The condition of a write was false. */
export class ReferenceConditionError extends Error {}

export class ReferenceTable {
  readonly changes: ReferenceChange[] = []
  readonly #options: ReferenceOptions
  #items: AnyItem[] = []

  constructor(options: ReferenceOptions) {
    this.#options = options
  }

  put(item: AnyItem, condition?: Test): AnyItem | undefined {
    return this.#write('put', this.#keyOf(item), structured(item), condition)
  }

  delete(key: AnyItem, condition?: Test): AnyItem | undefined {
    return this.#write('delete', key, undefined, condition)
  }

  update(key: AnyItem, update: ReferenceUpdate, condition?: Test): AnyItem {
    const old = this.get(key)
    if (condition !== undefined && !condition(old ?? {})) throw new ReferenceConditionError()
    const next: AnyItem = structured(old ?? key)
    Object.assign(next, structured(update.set ?? {}))
    for (const [name, amount] of Object.entries(update.add ?? {})) {
      next[name] = Decimal.from((old?.[name] ?? 0) as number).plus(amount)
    }
    for (const [name, elements] of Object.entries(update.append ?? {})) {
      next[name] = [...((old?.[name] ?? []) as unknown[]), ...structured(elements)]
    }
    for (const name of update.remove ?? []) delete next[name]
    this.#write('update', key, next)
    return structured(next)
  }

  get(key: AnyItem): AnyItem | undefined {
    const found = this.#items.find((item) => this.#compare(item, key) === 0)
    return found !== undefined && !this.#isExpired(found) ? structured(found) : undefined
  }

  /** All items of a partition of the table or an index, in the order of their sort keys and then of their own keys. */
  query(partition: KeyPart, condition: SortCondition | undefined, indexName?: string): AnyItem[] {
    const [partitionName, sortName] = indexName === undefined ? this.#options.key : this.#options.indexes[indexName]!
    const found = this.scan(indexName).filter((item) => compareKeys(item[partitionName!] as KeyPart, partition) === 0)
    if (sortName === undefined) return found
    return found
      .filter((item) => meets(item[sortName] as KeyPart, condition))
      .sort((a, b) => compareKeys(a[sortName] as KeyPart, b[sortName] as KeyPart) || this.#compare(a, b))
  }

  /** All items, or all in an index: those that have its attributes. */
  scan(indexName?: string): AnyItem[] {
    const names = indexName === undefined ? [] : this.#options.indexes[indexName]!
    const found = this.#items.filter((item) => !this.#isExpired(item) && names.every((name) => name in item))
    return found.map(structured)
  }

  #write(
    type: ReferenceChange['type'],
    from: AnyItem,
    next: AnyItem | undefined,
    condition?: Test,
  ): AnyItem | undefined {
    const key = this.#keyOf(from)
    const old = this.get(key)
    if (condition !== undefined && !condition(old ?? {})) throw new ReferenceConditionError()
    this.#items = this.#items.filter((item) => this.#compare(item, key) !== 0)
    if (next !== undefined) this.#items.push(next)
    this.#items.sort((a, b) => this.#compare(a, b))
    if (old !== undefined || next !== undefined) this.changes.push({ type, key, old, new: next && structured(next) })
    return old
  }

  #keyOf(item: AnyItem): AnyItem {
    return Object.fromEntries(this.#options.key.map((name) => [name, item[name]]))
  }

  #compare(a: AnyItem, b: AnyItem): number {
    for (const name of this.#options.key) {
      const order = compareKeys(a[name] as KeyPart, b[name] as KeyPart)
      if (order !== 0) return order
    }
    return 0
  }

  #isExpired(item: AnyItem): boolean {
    const { ttl, now } = this.#options
    const time = ttl === undefined ? undefined : item[ttl]
    const isNumber = typeof time === 'number' || typeof time === 'bigint' || time instanceof Decimal
    if (!isNumber) return false
    const isOver = Decimal.from(time).compareTo(Decimal.from(now())) <= 0
    return isOver && Decimal.from(time).compareTo(Decimal.from(now() - 5 * 365 * 86_400)) >= 0
  }
}

function meets(value: KeyPart, condition: SortCondition | undefined): boolean {
  if (condition === undefined) return true
  const { eq, lt, lte, gt, gte, between, beginsWith } = condition
  if (eq !== undefined) return compareKeys(value, eq) === 0
  if (lt !== undefined) return compareKeys(value, lt) < 0
  if (lte !== undefined) return compareKeys(value, lte) <= 0
  if (gt !== undefined) return compareKeys(value, gt) > 0
  if (gte !== undefined) return compareKeys(value, gte) >= 0
  if (between !== undefined) return compareKeys(value, between[0]) >= 0 && compareKeys(value, between[1]) <= 0
  if (typeof value === 'string') return value.startsWith(beginsWith as string)
  const prefix = beginsWith as Uint8Array
  return Buffer.from((value as Uint8Array).subarray(0, prefix.length)).equals(prefix)
}

/** Text by its UTF-8 bytes, numbers by value, binary by its bytes. */
export function compareKeys(a: KeyPart, b: KeyPart): number {
  if (typeof a === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b as string))
  if (a instanceof Uint8Array) return Buffer.compare(a, b as Uint8Array)
  return Decimal.from(a).compareTo(b as number)
}

/** A copy that shares nothing. */
export function structured<T>(value: T): T {
  if (typeof value !== 'object' || value === null || value instanceof Decimal) return value
  if (value instanceof Uint8Array) return Uint8Array.from(value) as T
  if (value instanceof Set) return new Set([...value].map(structured)) as T
  if (Array.isArray(value)) return value.map(structured) as T
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, structured(part)])) as T
}

/** A text that is the same for equal lists of items in whatever order. */
export function inAnyOrder(items: readonly AnyItem[]): readonly string[] {
  return items.map(canonical).sort()
}
