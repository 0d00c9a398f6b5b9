/** The options that say what a new table is, and making it. */
import type { Command } from 'commander'
import type { Database } from '../database.js'
import type { Item } from '../model/item/item.js'
import { type } from '../model/schema/item-schema.js'
import type { Table } from '../table.js'
import { table as defineTable } from '../table-definition.js'
import type { KeySpec } from '../types.js'
import { indexSpecs, keySpec, UsageError } from './arguments.js'

export interface TableOptions {
  readonly key?: KeySpec
  readonly index?: Record<string, KeySpec>
  readonly ttl?: string
}

// biome-ignore lint/suspicious/noExplicitAny: nothing is known about its items
export type AnyTable = Table<Item, Item, any, Record<string, any>>

export function withTableOptions(command: Command): Command {
  return command
    .option('--key <pk[,sk]>', 'make the table, if it is missing, with this key', keySpec)
    .option('--index <name=pk[,sk]>', 'give it an index; repeatable', indexSpecs)
    .option('--ttl <attribute>', 'items expire at the second since 1970 that this attribute holds')
}

/** The table, made or given new indexes where the options say so. */
export function tableFromOptions(database: Database, name: string, { key, index, ttl }: TableOptions): AnyTable {
  if (key === undefined && index === undefined && ttl === undefined) return database.table(name)
  const known = database.tables().find((table) => table.name === name)
  const wanted = key ?? known?.key
  if (wanted === undefined) throw new UsageError(`the table "${name}" is new: say with --key what its key is`)
  database.table(definitionOf(name, wanted as KeySpec, { index, ttl }))
  return database.table(name)
}

/**
 * Before anything is opened: a database must not be made for a table that can't be.
 *
 * @throws {ValidationException} `TABLE_NAME` or `TABLE_DEFINITION`
 */
export function checkTableOptions(name: string, { key, index, ttl }: TableOptions): void {
  if (key !== undefined) definitionOf(name, key, { index, ttl })
}

function definitionOf(
  name: string,
  key: KeySpec,
  { index, ttl }: { readonly index: TableOptions['index'] | undefined; readonly ttl: string | undefined },
): ReturnType<typeof defineTable> {
  const definition = { schema: type<Item>(), key, ...(index && { indexes: index }), ...(ttl !== undefined && { ttl }) }
  // What the compiler would check of a definition in code is checked when it is used.
  return defineTable(name, definition as never)
}
