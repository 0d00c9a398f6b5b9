/**
 * What the indexes of a definition become in the types: the key conditions of each, and what a read through it shows.
 * There is no code here; `test/types` holds what must compile, and what must not.
 */
import type { AttributeName, AttributeOf, NamedAttribute, Selected } from './model/item/attributes.js'
import type { Decimal } from './model/item/decimal.js'
import type { IndexAttr, KeySpec, SortCondition } from './types.js'

type KeyType = string | number | bigint | Decimal | Uint8Array

/** One side of an index's key: an attribute, or up to four. */
export type IndexSide<A extends string = string> =
  | A
  | readonly [A]
  | readonly [A, A]
  | readonly [A, A, A]
  | readonly [A, A, A, A]

/** The key of an index: partition key, or partition key and sort key, each of one attribute or several. */
export type IndexKeySpec<A extends string = string> =
  | readonly [partition: IndexSide<A>]
  | readonly [partition: IndexSide<A>, sort: IndexSide<A>]

/** An index with everything that can be said about it. */
export interface IndexOptions<A extends string = string> {
  readonly key: IndexKeySpec<A>
  /** Its partition key is the table's: it may have another sort key only. @default false */
  readonly local?: boolean
  /** No two items may have the same key in it, partition key and sort key together. @default false */
  readonly unique?: boolean
  /**
   * The attribute of the partition key that is a list or a set: the item has an entry for each element.
   *
   * @default none
   */
  readonly multi?: string
  /**
   * It has a copy of each item, so a read through it looks up nothing in the table; every change of an item writes the copy
   * anew. Not for `unique` and `multi`.
   *
   * @default false
   */
  readonly covering?: boolean
  /** What a read through it shows: everything, keys, or keys and these attributes. @default 'ALL' */
  readonly projection?: 'ALL' | 'KEYS_ONLY' | readonly string[]
}

/** An index in a definition: its key alone, or an object. */
export type IndexSpec = IndexKeySpec | IndexOptions

/** Attributes that hold many values which may be in a key. */
export type MultiAttr<T> = {
  [N in NamedAttribute<T>]: [ElementOf<NonNullable<AttributeOf<T, N>>>] extends [never] ? never : N
}[NamedAttribute<T>]

/** What the definition of a table of such items may say of an index. */
export type IndexSpecOf<T> =
  | IndexKeySpec<IndexAttr<T>>
  | (IndexOptions<IndexAttr<T>> & { readonly multi?: never; readonly projection?: ProjectionOf<T> } & CopyingOnce)
  | {
      [M in MultiAttr<T>]: IndexOptions<IndexAttr<T> | M> & {
        readonly multi: M
        readonly local?: false
        readonly covering?: false
        readonly projection?: ProjectionOf<T>
      }
    }[MultiAttr<T>]

/** An index that is unique has no copies. */
type CopyingOnce = { readonly unique?: false } | { readonly covering?: false }

/** No index has an option that there is not: the compiler looks for those by itself only where nothing is inferred. */
export type KnownOptions<IX> = {
  readonly [Name in keyof IX]: IX[Name] extends readonly unknown[]
    ? unknown
    : { readonly [Option in Exclude<keyof IX[Name], keyof IndexOptions>]: never }
}

type ProjectionOf<T> = 'ALL' | 'KEYS_ONLY' | readonly AttributeName<T>[]

/** The elements of a list or a set that may be in a key; strings and bytes are single values. */
type ElementOf<V> = V extends string | Uint8Array
  ? never
  : V extends readonly (infer E)[]
    ? E extends KeyType
      ? E
      : never
    : V extends ReadonlySet<infer E>
      ? E extends KeyType
        ? E
        : never
      : never

// ── Taken apart ───────────────────────────────────────────────────────────────────────────────────────────────────

type IsAny<X> = 0 extends 1 & X ? true : false
type Val<T, N> = NonNullable<AttributeOf<T, N>>
type Simplify<T> = { [K in keyof T]: T[K] } & {}

type KeyOf<S> = S extends IndexKeySpec ? S : S extends { readonly key: infer K extends IndexKeySpec } ? K : never
type Names<Side> = Side extends string ? readonly [Side] : Side extends readonly string[] ? Side : readonly []
type PartitionNames<S> = Names<KeyOf<S>[0]>
type SortNames<S> = KeyOf<S> extends readonly [IndexSide, infer Side] ? Names<Side> : readonly []
type MultiOf<S> = S extends { readonly multi: infer M extends string } ? M : never
type KeyNames<S> = PartitionNames<S>[number] | SortNames<S>[number]

/** One partition of an index, and what part of it. */
export type IndexCondition<T, S> = Simplify<
  { [P in PartitionNames<S>[number]]: PartitionValue<T, P, MultiOf<S>> } & SortConditions<T, SortNames<S>>
>

type PartitionValue<T, P, M> = P extends M ? OneOrSeveral<ElementOf<Val<T, P>>> : Val<T, P>
type OneOrSeveral<E> = E | { any: readonly E[] } | { all: readonly E[] }

/** Attributes from the left: a value for each but the last one that is named, for which there is any condition. */
type SortConditions<T, Sort extends readonly string[]> = Sort extends readonly [
  infer First extends string,
  ...infer More extends readonly string[],
]
  ? More extends readonly []
    ? { [P in First]?: SortCondition<Val<T, P>> }
    :
        | ({ [P in First]?: SortCondition<Val<T, P>> } & { [P in More[number]]?: never })
        | ({ [P in First]: Val<T, P> | { eq: Val<T, P> } } & SortConditions<T, More>)
  : unknown

/** What a read through an index shows. */
export type Projected<T, K extends KeySpec, S> = S extends { readonly projection: infer P }
  ? P extends 'ALL'
    ? AttributeName<T>
    : (K[number] | KeyNames<S> | (P extends readonly string[] ? P[number] : never)) & AttributeName<T>
  : AttributeName<T>

/** What can be selected of a read through an index: a local one reads the rest from the table. */
export type Selectable<T, K extends KeySpec, S> =
  | Projected<T, K, S>
  | (S extends { readonly local: true } ? AttributeName<T> : never)

/** What a read through an index shows of an item, and a filter of it sees. */
export type Filterable<T, K extends KeySpec, S> = [S] extends [{ readonly projection: 'ALL' }]
  ? T
  : [S] extends [{ readonly projection: unknown }]
    ? Selected<T, Projected<T, K, S>>
    : T

/** The values of a partition key, as they are counted: of an attribute with many values, one. */
export type PartitionKey<T, S> =
  IsAny<S> extends true
    ? // biome-ignore lint/suspicious/noExplicitAny: nothing is known about the index
      Record<string, any>
    : Simplify<{ [P in PartitionNames<S>[number]]: P extends MultiOf<S> ? ElementOf<Val<T, P>> : Val<T, P> }>

/** Whether nothing is known about an index. */
export type IsUnknown<S> = IsAny<S>
