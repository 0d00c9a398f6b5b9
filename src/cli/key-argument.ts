/**
 * Keys as they are typed. What a text means depends on the type that the attribute has in the table: the digits of a
 * number (exact, however many), base64 for binary, and otherwise the text itself.
 */
import type { TableDescription } from '../backend.js'
import { Decimal, numberFromText } from '../model/item/decimal.js'
import type { Item } from '../model/item/item.js'
import type { Table } from '../table.js'
import { UsageError } from './arguments.js'
import { bytesFromBase64 } from './json-value.js'

/** `S`, `N` or `B`, or undefined when no item has told yet. */
export type KeyTypeName = string | undefined

export interface TypedKey {
  readonly names: readonly string[]
  readonly types: readonly KeyTypeName[]
}

/** @throws {UsageError} When the text can't be of that type. */
export function keyValue(name: string, type: KeyTypeName, text: string): unknown {
  try {
    if (type === 'N') return numberFromText(text)
    if (type === 'B') return bytesFromBase64(text)
    return text
  } catch (cause) {
    const wanted = type === 'N' ? 'a number' : 'binary, given as base64'
    throw new UsageError(`"${text}" can't be a value of the key attribute "${name}", which is ${wanted}`, { cause })
  }
}

/** The key of one item. @throws {UsageError} When it has more or fewer attributes than were given. */
export function itemKey(table: TableDescription, partition: string, sort: string | undefined): Item {
  const { names, types } = tableKey(table)
  if ((sort !== undefined) !== names.length > 1) {
    const parts = names.length === 1 ? 'one value' : 'two values'
    throw new UsageError(`an item of "${table.name}" is named by ${parts}: ${names.map((n) => `<${n}>`).join(' ')}`)
  }
  const texts = [partition, sort]
  return Object.fromEntries(names.map((name, i) => [name, keyValue(name, types[i], texts[i]!)]))
}

export function tableKey({ key, keyTypes }: TableDescription): TypedKey {
  return { names: key, types: keyTypes }
}

/**
 * The key of an index, with the types that its attributes have: those of any one item in it, for they are the same in
 * all of them. In an empty index every type is as good as another.
 */
export async function indexKey(
  // biome-ignore lint/suspicious/noExplicitAny: nothing is known about its items
  table: Table<Item, Item, any, Record<string, any>>,
  description: TableDescription,
  name: string,
): Promise<TypedKey> {
  const example = await table.index(name).scan({ limit: 1 }).first()
  const { partition = [], sort = [] } = description.indexes.find((index) => index.name === name) ?? {}
  if (partition.length > 1) {
    const scan = `scan it with --filter: dynafile scan <folder> ${description.name} --index ${name} --filter …`
    throw new UsageError(`the partition key of "${name}" has several attributes (${partition.join(', ')}); ${scan}`)
  }
  // Of several sort attributes the first can have a condition.
  const names = [...partition, ...sort.slice(0, 1)]
  return { names, types: names.map((attribute) => typeOf(example?.[attribute])) }
}

function typeOf(value: unknown): KeyTypeName {
  // An attribute with many values is queried by one of them.
  if (Array.isArray(value) || value instanceof Set) return typeOf([...value][0])
  if (typeof value === 'string') return 'S'
  if (value instanceof Uint8Array) return 'B'
  return typeof value === 'number' || typeof value === 'bigint' || Decimal.is(value) ? 'N' : undefined
}
