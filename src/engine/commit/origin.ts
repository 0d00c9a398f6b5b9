/** What kind of change a commit is: the log keeps it, and whoever is told of a commit asks. */
import type { ChangeType } from '../../types.js'

/** Their numbers in a frame of the log. */
export const ORIGINS: Readonly<Record<ChangeType, number>> = { put: 1, update: 2, delete: 3, expire: 4 }

/** The same the other way round; undefined for what is no change of an item. */
export function typeOfOrigin(origin: number): ChangeType | undefined {
  return TYPES.get(origin)
}

const TYPES = new Map(Object.entries(ORIGINS).map(([type, number]) => [number, type as ChangeType]))

/** Whatever is no change of an item. */
export const NO_CHANGE = 0
