/**
 * What the writer writes and the reader expects: write number n goes to slot n mod SLOTS, some of them delete it, and
 * everything in an item follows from its number, so that a torn one would show.
 */
import { type TableDef, table, type } from '../../src/index.js'

export const WRITERS = 4
/** A multiple of the writers: a slot always belongs to the same one, so its writes are in order. */
export const SLOTS = 240

export interface Thing {
  part: string
  slot: number
  n: number
  group?: number
  payload: string
  bytes: Uint8Array
}

type Indexes = { byGroup: readonly ['group', 'n'] }

export const Things: TableDef<Thing, Thing, readonly ['part', 'slot'], Indexes> = table('things', {
  schema: type<Thing>(),
  key: ['part', 'slot'],
  indexes: { byGroup: ['group', 'n'] },
})

export function keyOfSlot(slot: number): { part: string; slot: number } {
  return { part: `part-${slot % 7}`, slot }
}

/** The item that write number n leaves; undefined when it deletes. */
export function thingOf(n: number): Thing | undefined {
  if (n % 13 === 5) return undefined
  const key = keyOfSlot(n % SLOTS)
  const payload = `${n}, `.repeat(1 + (n % 60))
  const bytes = Uint8Array.from({ length: n % 90 }, (_, i) => (n * 31 + i) % 256)
  return { ...key, n, payload, bytes, ...(n % 4 === 0 ? {} : { group: n % 11 }) }
}
