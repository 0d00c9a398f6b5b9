/**
 * What is done with the entries in memory that belong to one partition, and when files are merged. Rules only; whoever
 * follows them writes the files.
 *
 * The aim is to write little: the data that is there should be written again only when about half as much has come on
 * top of it. The figures are those of the specification; how they were found is in architecture/decision/0012.
 */

/** Deltas are folded into their base once they have this share of its bytes: reading through them costs more by then. */
const FOLD_SHARE = 1 / 2
/** So they are when this share of the base's entries is removed in them: they hold space that nothing needs. */
const TOMBSTONE_SHARE = 1 / 4
/** Entries below the end of the base, as a share of all: up to this, they are stragglers of a load in ascending order. */
export const STRAGGLER_SHARE: number = 1 / 10
/** Neighbours are merged when they have less than this share of a full partition together. */
export const MERGE_SHARE: number = 1 / 4
/** At most this share of the memory is kept for the next time. */
const CARRY_SHARE = 1 / 2

/** What a partition has in files. */
export interface PartitionSizes {
  readonly base: { readonly rawByteLength: number; readonly entryCount: number } | undefined
  readonly deltas: readonly { readonly rawByteLength: number; readonly tombstoneCount: number }[]
}

/**
 * Whether everything of a partition becomes one new base, or only what is in memory a new delta.
 *
 * @param byteLength Of the entries in memory, keys and values.
 * @param smallBaseByteLength A base shorter than this is written again each time.
 */
export function isFoldDue(
  { base, deltas }: PartitionSizes,
  inMemory: { readonly byteLength: number; readonly tombstoneCount: number },
  smallBaseByteLength: number,
): boolean {
  if (base === undefined || base.rawByteLength < smallBaseByteLength) return true
  const above = deltas.reduce((sum, { rawByteLength }) => sum + rawByteLength, inMemory.byteLength)
  const tombstones = deltas.reduce((sum, { tombstoneCount }) => sum + tombstoneCount, inMemory.tombstoneCount)
  return above >= base.rawByteLength * FOLD_SHARE || tombstones > base.entryCount * TOMBSTONE_SHARE
}

/**
 * The partitions whose entries stay in memory and are written to the log again: so few that a file for them would not
 * pay. Never more than a half of all, so that memory and log do get shorter.
 */
export function carriedPartitions<Dirty extends { readonly byteLength: number }>(
  dirty: readonly Dirty[],
  minimumByteLength: number,
): ReadonlySet<Dirty> {
  const carried = new Set<Dirty>()
  let left = dirty.reduce((sum, { byteLength }) => sum + byteLength, 0) * CARRY_SHARE
  for (const candidate of dirty.toSorted((a, b) => a.byteLength - b.byteLength)) {
    if (candidate.byteLength >= minimumByteLength || candidate.byteLength > left) break
    left -= candidate.byteLength
    carried.add(candidate)
  }
  return carried
}

/**
 * When there are more deltas than `limit`: which ones become one. They are next to each other in age, about as many as the
 * limit, and the fewest bytes to write.
 */
export function deltasToMerge(
  deltas: readonly { readonly rawByteLength: number }[],
  limit: number,
): { readonly first: number; readonly count: number } | undefined {
  if (deltas.length <= limit) return undefined
  const count = Math.max(2, limit)
  let best = 0
  let bestLength = Number.POSITIVE_INFINITY
  for (let first = 0; first + count <= deltas.length; first++) {
    const length = deltas.slice(first, first + count).reduce((sum, { rawByteLength }) => sum + rawByteLength, 0)
    if (length >= bestLength) continue
    best = first
    bestLength = length
  }
  return { first: best, count }
}
