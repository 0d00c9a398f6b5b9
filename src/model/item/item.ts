/**
 * What an item is: the ten value types of DynamoDB, in the form a TypeScript program holds them.
 *
 *   S string · N number, bigint or Decimal · B Uint8Array · BOOL boolean · NULL null · L array · M plain object
 *   SS, NS, BS a Set of strings, of numbers, of Uint8Arrays
 *
 * A number comes back as it was put while that is exact: `5` as number, `5n` as bigint, and what neither a double nor
 * an integer holds as a `Decimal`.
 */
import type { Decimal } from './decimal.js'

export type NumberValue = number | bigint | Decimal
export type SetValue = ReadonlySet<string> | ReadonlySet<NumberValue> | ReadonlySet<Uint8Array>

export type AttributeValue =
  | null
  | boolean
  | NumberValue
  | string
  | Uint8Array
  | SetValue
  | readonly AttributeValue[]
  | { readonly [name: string]: AttributeValue }

/** An item, as callers hold it: attributes by name. */
export type Item = Record<string, unknown>

/** The longest an item may be, counted as DynamoDB counts (names and values). */
export const ITEM_BYTE_LIMIT = 409_600
/** How many lists and maps may be nested in one another. */
export const ITEM_DEPTH_LIMIT = 32
