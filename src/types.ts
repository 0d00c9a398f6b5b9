/**
 * What a user's types become: keys, conditions, filters and updates, inferred from the type of an item. There is no
 * code here; `test/types` holds what must compile, and what must not.
 */
import type { Filter } from './model/expression/compile-filter.js'
import type { DdbExpression, RawExpression } from './model/expression/dynamodb/expression-source.js'
import type { AttributeName, AttributeOf, NamedAttribute } from './model/item/attributes.js'
import type { Decimal } from './model/item/decimal.js'

export type { Filter } from './model/expression/compile-filter.js'
export type { DdbExpression, ExpressionSource, RawExpression } from './model/expression/dynamodb/expression-source.js'
export type { Op, Where } from './model/expression/predicate-from-object.js'

type KeyType = string | number | bigint | Decimal | Uint8Array

/** Attributes that may be the table's key: strings, numbers or binary, and always there. */
export type KeyAttr<T> =
  | { [N in NamedAttribute<T> & keyof T]: T[N] extends KeyType ? N : never }[NamedAttribute<T> & keyof T]
  | AnyName<T, KeyType>
/** Attributes that may be an index's key; an item without them is not in the index. */
export type IndexAttr<T> = AttributeOfType<T, KeyType>
export type NumAttr<T> = AttributeOfType<T, number | bigint | Decimal>
type AttributeOfType<T, V> =
  | { [N in NamedAttribute<T>]: NonNullable<AttributeOf<T, N>> extends V ? N : never }[NamedAttribute<T>]
  | AnyName<T, V>
/** Where an index signature says of all other attributes that they are of such a type, or `any`: whatever their names are. */
type AnyName<T, V> = string extends keyof T ? (NonNullable<T[string & keyof T]> extends V ? string : never) : never

/** Partition key, or partition key and sort key. */
export type KeySpec = readonly [pk: string] | readonly [pk: string, sk: string]
export type Pk<K extends KeySpec> = K[0]
export type Sk<K extends KeySpec> = K extends readonly [string, infer S extends string] ? S : never
type Val<T, N> = NonNullable<AttributeOf<T, N>>
type Simplify<T> = { [K in keyof T]: T[K] } & {}

/** The key of an item: all of its key attributes. */
export type Key<T, K extends KeySpec> = Simplify<{ [P in Pk<K> | Sk<K>]: Val<T, P> }>

/** What a sort key has to be: a value, or one comparison. */
export type SortCondition<V> =
  | V
  | { eq: V }
  | { lt: V }
  | { lte: V }
  | { gt: V }
  | { gte: V }
  | { between: readonly [V, V] }
  | (V extends string ? { beginsWith: string } : never)

/** One partition, and what part of it. */
export type KeyCondition<T, K extends KeySpec> = Simplify<
  { [P in Pk<K>]: Val<T, P> } & { [P in Sk<K>]?: SortCondition<Val<T, P>> }
>

type NonKey<T, K extends KeySpec> = Exclude<AttributeName<T>, Pk<K> | Sk<K>>

/** Whether all items have it, of whatever kind they are. */
type IsAlwaysThere<T, N> = N extends keyof T ? (undefined extends T[N] ? false : true) : false

/** What to change of an item. Everything refers to the item as it was before. */
export interface Update<T, K extends KeySpec> {
  /** New values. */
  set?: { [P in NonKey<T, K>]?: AttributeOf<T, P> }
  /** Numbers to add; a missing attribute counts as 0. Exact, whatever the size. */
  add?: { [P in NumAttr<T> & NonKey<T, K>]?: number | bigint | Decimal }
  /** Optional attributes to remove. */
  remove?: readonly { [P in NonKey<T, K>]: IsAlwaysThere<T, P> extends true ? never : P }[NonKey<T, K>][]
  /** Elements to put at the end of lists; a missing attribute counts as an empty list. */
  append?: {
    [P in NonKey<T, K> as NonNullable<AttributeOf<T, P>> extends readonly unknown[] ? P : never]?: NonNullable<
      AttributeOf<T, P>
    >
  }
}

/** What an update may be: an object, or one of DynamoDB's update expressions. */
export type AnyUpdate<T, K extends KeySpec> = Update<T, K> | DdbExpression | RawExpression

/** What a query may be asked for: an object, or one of DynamoDB's key condition expressions. */
export type AnyKeyCondition<T, K extends KeySpec> = KeyCondition<T, K> | DdbExpression | RawExpression

export interface ReadOptions<T, P extends AttributeName<T> = AttributeName<T>> {
  /** Only these attributes. @default all */
  readonly select?: readonly P[] | undefined
  /** Accepted for code that also runs on Amazon DynamoDB: reads here are always consistent. */
  readonly consistent?: boolean | undefined
  readonly signal?: AbortSignal | undefined
}

/** From the lowest value up, or from the highest down. */
export type Direction = 'ascending' | 'descending'

export interface QueryOptions<T, P extends AttributeName<T> = AttributeName<T>> extends ReadOptions<T, P> {
  readonly filter?: Filter<T>
  /** At most this many items, counted after the filter. @default all */
  readonly limit?: number | undefined
  /** From the highest sort key down. @default false */
  readonly reverse?: boolean | undefined
  /** Where an earlier page ended. */
  readonly cursor?: string | undefined
  /**
   * How many bytes of items `orderBy` may keep in memory to sort them, as DynamoDB counts them and 128 for each.
   *
   * @default 67_108_864
   */
  readonly sortBytes?: number | undefined
}

export interface ScanOptions<T, P extends AttributeName<T> = AttributeName<T>> extends QueryOptions<T, P> {
  /** Which part of the table, from 0. All parts together are the table. */
  readonly segment?: number | undefined
  readonly totalSegments?: number | undefined
  /**
   * Scan the whole table in this many threads, 1 to 16, beside this one. It pays where there are idle cores and
   * tables of half a gigabyte and more. Goes with `filter`, unless that is a function, with `select` and with `signal`.
   *
   * @default none: in this thread
   */
  readonly workers?: number | undefined
}

export interface Page<T> {
  readonly items: T[]
  /** Where to go on; undefined when there is nothing more, and behind items that had to be sorted: what is left is not kept. */
  readonly cursor: string | undefined
  readonly count: number
  /** How many items were looked at, before the filter. */
  readonly scanned: number
}

export interface WriteOptions<T> {
  /** The write happens only if this holds of the item as it is. One that is not there has no attributes. */
  readonly if?: Filter<T>
  readonly signal?: AbortSignal | undefined
}

export interface PutOptions<T> extends WriteOptions<T> {
  /**
   * Resolve with the item that was there before; if the condition is false, the error has it as `item`.
   *
   * @default nothing
   */
  readonly return?: 'old' | undefined
}

export interface DeleteOptions<T> extends WriteOptions<T> {
  /**
   * What to resolve with: the item that was there, or nothing. With `none`, an item that no condition, no index and no
   * listener asks about is not looked for, which saves the time of a get. With `old`, as with `put`, the error of a
   * condition that is false has the item as `item`.
   *
   * @default the item that was there; an error has none
   */
  readonly return?: 'none' | 'old' | undefined
}

export interface UpdateOptions<T> extends WriteOptions<T> {
  /**
   * What to resolve with: the item as it is afterwards or as it was before, what the update has changed of it
   * (`updatedNew`, `updatedOld`: only these attributes, and of maps and lists only the changed places), or nothing.
   * With `old`, as with `put`, the error of a condition that is false has the item as `item`.
   *
   * @default 'new'
   */
  readonly return?: 'none' | 'old' | 'new' | 'updatedOld' | 'updatedNew' | undefined
}

export type ChangeType = 'put' | 'update' | 'delete' | 'expire'

/** A committed change of one item. */
export interface Change<T> {
  readonly type: ChangeType
  readonly table: string
  /** The commit's sequence number, growing. */
  readonly seq: string
  readonly key: Partial<T>
  readonly old: T | undefined
  readonly new: T | undefined
  /** When, in milliseconds since 1970. */
  readonly at: number
}
