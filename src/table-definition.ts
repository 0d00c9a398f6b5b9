/** Defining a table: a name, a key and, if you like, a schema and indexes. Everything else is inferred from it. */
import { ValidationException } from './errors.js'
import type { IndexSpec, IndexSpecOf, KnownOptions } from './index-spec.js'
import { definitionRefusal, shownName } from './model/key/name-rule.js'
import { checkItemSchema, type InferIn, type InferOut, type StandardSchemaV1 } from './model/schema/item-schema.js'
import type { TableDefinition } from './model/table/table-definition.js'
import { checkTableDefinition, checkTableName } from './model/table/table-rule.js'
import type { KeyAttr, KeySpec, NumAttr } from './types.js'

/** A table as defined in code. Its types exist for the compiler only. */
export interface TableDef<In, T, K extends KeySpec, IX extends Record<string, IndexSpec>> {
  readonly name: string
  readonly schema: StandardSchemaV1<unknown, unknown> | undefined
  readonly definition: TableDefinition
  readonly $in: In
  readonly $out: T
  readonly $key: K
  readonly $ix: IX
}

/** The type of a table's items. */
export type Item<D> = D extends TableDef<infer _In, infer T, infer _K, infer _IX> ? T : never

/**
 * Defines a table. It is created when a database first uses it.
 *
 * @example
 * const Orders = table('orders', {
 *   schema: type<{ customer: string; placedAt: string; total: number }>(),
 *   key: ['customer', 'placedAt'],
 *   indexes: { byTotal: ['customer', 'total'] },
 * })
 *
 * @throws {ValidationException} When the name, the key or an index is not a valid one.
 */
export function table<
  // biome-ignore lint/suspicious/noExplicitAny: any schema, whatever it takes and gives
  S extends StandardSchemaV1<any, any>,
  const PK extends KeyAttr<InferOut<S>>,
  const K extends readonly [PK] | readonly [PK, KeyAttr<InferOut<S>>],
  // biome-ignore lint/complexity/noBannedTypes: no indexes, so that index() takes no name
  const IX extends Record<string, IndexSpecOf<InferOut<S>>> = {},
>(
  name: string,
  def: {
    /** Any Standard Schema validator (zod, valibot, arktype, …), or `type<T>()` for types without validation. */
    schema: S
    /** Partition key, or partition key and sort key. */
    key: K
    /**
     * Secondary indexes by name: a key alone, `[partition]` or `[partition, sort]`, or an object with `key` and more. Either
     * side of a key may be a list of up to four attributes. Up to 20 global and 5 local ones.
     *
     * @default none
     */
    indexes?: IX & KnownOptions<IX>
    /** The attribute with the time, in seconds since 1970, from which on an item is no longer there. */
    ttl?: NumAttr<InferOut<S>>
    /**
     * Whether what is done with the table has to be possible on Amazon DynamoDB, too: without that, a transaction that
     * writes to such tables alone takes 10,000 actions and 32 MB instead of 100 and 4 MB.
     *
     * @default true
     */
    portable?: boolean
  },
): TableDef<InferIn<S>, InferOut<S>, K, IX> {
  checkMembers(name, def)
  const { key, indexes, ttl, portable: isPortable } = def
  const definition = checkTableDefinition({ name, key, indexes, ttl, isPortable })
  const schema = def.schema === undefined ? undefined : checkItemSchema(def.schema, name)
  const runtime = { name, schema, definition }
  return runtime as unknown as TableDef<InferIn<S>, InferOut<S>, K, IX>
}

const MEMBERS = ['schema', 'key', 'indexes', 'ttl', 'portable']

/** Without a compiler a misspelled member would be none: a table without the index, or the time to live, that it names. */
function checkMembers(table: unknown, def: unknown): void {
  const name = checkTableName(table)
  if (typeof def !== 'object' || def === null) {
    throw definitionRefusal(name, `it takes an object with ${MEMBERS.join(', ')}, not ${shownName(def)}`)
  }
  for (const member in def) {
    if (MEMBERS.includes(member) || (def as Record<string, unknown>)[member] === undefined) continue
    throw definitionRefusal(name, `it has ${shownName(member)}, which is no option; there are ${MEMBERS.join(', ')}`)
  }
}

/**
 * The name of a table as it is asked for, and its definition, unless it is asked for by its name alone.
 *
 * @throws {ValidationException} `TABLE_DEFINITION` when it is asked for by something else.
 */
export function askedTable(asked: unknown): Pick<AnyTableDef, 'name' | 'schema'> & Partial<AnyTableDef> {
  if (typeof asked === 'string') return { name: asked, schema: undefined }
  const def = asked as AnyTableDef | null | undefined
  if (typeof def?.name === 'string' && typeof def.definition === 'object' && def.definition !== null) return def
  const made = 'what table(name, { schema, key }) has made of one'
  throw new ValidationException(
    'TABLE_DEFINITION',
    `Cannot use a table: it takes the name of one, or ${made}, not ${shownName(asked)}`,
  )
}

type AnyTableDef = TableDef<unknown, unknown, KeySpec, Record<string, IndexSpec>>
