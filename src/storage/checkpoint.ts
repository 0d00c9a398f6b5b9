/**
 * Moves what is in memory into sorted files, one partition after the other, so that the log behind it may go.
 *
 * Of a partition either everything becomes a new base, or several when it has outgrown its size; or only what is in
 * memory becomes a delta above the base; or, when all of it lies above the base, as in a load in ascending order, a new
 * partition of its own, and nothing is written twice. Of partitions for which little is in memory, that stays there
 * (partition/flush-plan.ts). Commits go on meanwhile, into a new memtable.
 *
 * A partition whose files can't be read takes deltas only: those need nothing of what is below them. So damage in one
 * file stops no writing, and no item is lost but those in that file.
 */
import { isUnreadable } from '../errors.js'
import type { PartitionRecord } from './manifest/manifest-format.js'
import { carriedPartitions, isFoldDue, STRAGGLER_SHARE } from './partition/flush-plan.js'
import { type Partition, rawByteLengthOf } from './partition/partition.js'
import { type WritePlan, type WriterContext, writePartition } from './partition/partition-writer.js'
import type { WrittenPiece } from './partition/piece-writer.js'
import type { SortedFileReader } from './sorted-file/sorted-file-reader.js'
import type { StorageOptions } from './storage-options.js'
import type { KeyBounds } from './tree/cursor.js'
import type { Memtable } from './tree/memtable.js'
import type { SortedTree } from './tree/sorted-tree.js'

/** Entries counted in one turn. */
const ENTRIES_PER_SLICE = 10_000

/** The keys of a tree that stay in memory. */
export interface CarriedRange {
  readonly tree: number
  readonly bounds: KeyBounds
}

/** A partition and what is in memory for it. */
interface DirtyPartition {
  readonly tree: number
  readonly entries: SortedTree
  /** The partition as it is; undefined when the tree has none yet. */
  readonly old: Partition | undefined
  readonly bounds: KeyBounds
  readonly entryCount: number
  readonly tombstoneCount: number
  readonly byteLength: number
}

/**
 * Writes what `frozen` has to files. All of it is of commit `lsn` or before.
 *
 * @param writesAll Whether even the smallest change is written.
 * @returns What was left in memory.
 */
export async function checkpoint(
  context: WriterContext,
  frozen: Memtable,
  { lsn, writesAll }: { readonly lsn: number; readonly writesAll: boolean },
): Promise<readonly CarriedRange[]> {
  const dirty = await dirtyPartitions(context, frozen, lsn)
  const carried = writesAll ? new Set<DirtyPartition>() : carriedPartitions(dirty, context.options.carryByteLimit)
  for (const partition of dirty) if (!carried.has(partition)) await new PartitionFlush(context, partition, lsn).run()
  return [...carried].map(({ tree, bounds }) => ({ tree, bounds }))
}

async function dirtyPartitions(context: WriterContext, frozen: Memtable, lsn: number): Promise<DirtyPartition[]> {
  const dirty: DirtyPartition[] = []
  for (const [tree, entries] of frozen.trees) {
    const partitions = context.store.map.of(tree)
    for (let index = 0; index < Math.max(1, partitions.length); index++) {
      const old = partitions[index]
      // An earlier attempt got that far before the disk was full.
      if (old !== undefined && old.record.flushedLsn >= lsn) continue
      const bounds = { lower: old?.record.lower ?? '', upper: partitions[index + 1]?.record.lower }
      const size = await measure(context, entries, bounds)
      if (size.entryCount > 0) dirty.push({ tree, entries, old, bounds, ...size })
    }
  }
  return dirty
}

async function measure(
  { environment, activity }: WriterContext,
  entries: SortedTree,
  bounds: KeyBounds,
): Promise<Pick<DirtyPartition, 'entryCount' | 'tombstoneCount' | 'byteLength'>> {
  const cursor = entries.cursor(bounds, 'ascending')
  let entryCount = 0
  let tombstoneCount = 0
  let byteLength = 0
  while (cursor.next()) {
    entryCount += 1
    if (cursor.isTombstone) tombstoneCount += 1
    byteLength += cursor.keyLength() + cursor.end - cursor.start
    if (entryCount % ENTRIES_PER_SLICE === 0) await activity.waitFor(environment.scheduler.pause())
  }
  return { entryCount, tombstoneCount, byteLength }
}

/** The writing of one partition's entries. */
class PartitionFlush {
  readonly #context: WriterContext
  readonly #dirty: DirtyPartition
  readonly #lsn: number
  readonly #record: PartitionRecord | undefined
  /** Of the partition, newest first. */
  readonly #files: readonly SortedFileReader[]

  constructor(context: WriterContext, dirty: DirtyPartition, lsn: number) {
    this.#context = context
    this.#dirty = dirty
    this.#lsn = lsn
    this.#record = dirty.old?.record
    this.#files = dirty.old?.files ?? []
  }

  async run(): Promise<void> {
    const { old } = this.#dirty
    const { base, deltas } = this.#record ?? { base: undefined, deltas: [] }
    const isDue = isFoldDue({ base, deltas }, this.#dirty, this.#context.options.smallBaseByteLength)
    const folded = isDue ? await this.#foldIfReadable() : undefined
    const records = folded ?? (await this.#withNewDelta())
    const { store, activity } = this.#context
    await activity.waitFor(store.replace(old === undefined ? [] : [old], records))
  }

  /** Undefined when the files of the partition can't be read. */
  async #foldIfReadable(): Promise<readonly PartitionRecord[] | undefined> {
    try {
      return (await this.#cutAtTheEndOfTheBase()) ?? (await this.#fold())
    } catch (failure) {
      if (this.#files.length > 0 && isUnreadable(failure)) return undefined
      throw failure
    }
  }

  async #withNewDelta(): Promise<readonly PartitionRecord[]> {
    const [piece] = await this.#writeAsDelta(this.#dirty.bounds)
    const record = this.#record!
    return [{ ...record, flushedLsn: this.#lsn, deltas: [piece!.file, ...record.deltas] }]
  }

  /** Everything there is of the partition, as its new base. */
  async #fold(): Promise<PartitionRecord[]> {
    const { tree, entries, bounds, byteLength, entryCount } = this.#dirty
    const rawByteLength = byteLength + (this.#record === undefined ? 0 : rawByteLengthOf(this.#record))
    const everything = { entries, files: this.#files, bounds }
    const pieces = await writePartition(this.#context, everything, {
      tree,
      ...this.#split(rawByteLength),
      lower: bounds.lower,
      keepsTombstones: false,
      byteEstimate: rawByteLength,
      entryEstimate: entryCount + sum(this.#files, ({ record }) => record.entryCount),
      lowestLsn: Math.min(this.#lowestLsn, ...this.#files.map((file) => file.lowestLsn)),
      highestLsn: this.#lsn,
    })
    return this.#asBases(pieces)
  }

  /** What is in memory for a part of the partition, as a file above the base. */
  #writeAsDelta(bounds: KeyBounds): Promise<readonly WrittenPiece[]> {
    const { tree, entries, entryCount, byteLength } = this.#dirty
    const { id, lower } = this.#record!
    const plan: WritePlan = {
      tree,
      partition: id,
      lower,
      keepsTombstones: true,
      pieceByteLength: Number.POSITIVE_INFINITY,
      byteEstimate: byteLength,
      entryEstimate: entryCount,
      lowestLsn: this.#lowestLsn,
      highestLsn: this.#lsn,
    }
    return writePartition(this.#context, { entries, files: [], bounds }, plan)
  }

  /**
   * When what came lies above the base: the base stays as it is, and everything above it becomes a partition of its own.
   * Few stragglers below its end become a delta. Undefined when more than a few lie there.
   */
  async #cutAtTheEndOfTheBase(): Promise<PartitionRecord[] | undefined> {
    const { tree, entries, bounds, byteLength, entryCount } = this.#dirty
    const { options } = this.#context
    const record = this.#record
    const base = this.#files.at(-1)
    const deltas = this.#files.slice(0, -1)
    if (record?.base === undefined || base === undefined) return undefined
    if (record.base.rawByteLength < options.partitionByteLimit / 4) return undefined
    // The lowest byte string above a key is the key and a zero byte.
    const cut = `${base.highestKey}\0`
    if (deltas.some(({ lowestKey }) => lowestKey < cut)) return undefined
    const below = await measure(this.#context, entries, { lower: bounds.lower, upper: cut })
    if (below.byteLength > byteLength * STRAGGLER_SHARE) return undefined

    const above = { lower: cut, upper: bounds.upper }
    const rawByteLength = byteLength - below.byteLength + sum(deltas, (delta) => delta.record.rawByteLength)
    const plan: WritePlan = {
      tree,
      partition: undefined,
      pieceByteLength: this.#split(rawByteLength).pieceByteLength,
      lower: cut,
      keepsTombstones: false,
      byteEstimate: rawByteLength,
      entryEstimate: entryCount + sum(deltas, (delta) => delta.record.entryCount),
      lowestLsn: Math.min(this.#lowestLsn, ...deltas.map((delta) => delta.lowestLsn)),
      highestLsn: this.#lsn,
    }
    const pieces = await writePartition(this.#context, { entries, files: deltas, bounds: above }, plan)
    // All of it was tombstones.
    if (pieces.length === 0) return undefined
    const stragglers = below.entryCount === 0 ? [] : await this.#writeAsDelta({ lower: bounds.lower, upper: cut })
    const left = { ...record, flushedLsn: this.#lsn, deltas: stragglers.map(({ file }) => file) }
    return [left, ...this.#asBases(pieces)]
  }

  /** Nothing in memory for the partition is of an earlier commit. */
  get #lowestLsn(): number {
    return (this.#record?.flushedLsn ?? 0) + 1
  }

  /** How many bytes a partition gets, and whether the first one is the one that was there. */
  #split(rawByteLength: number): { partition: number | undefined; pieceByteLength: number } {
    return splitOf(this.#context.options, this.#record?.id, rawByteLength)
  }

  #asBases(pieces: readonly WrittenPiece[]): PartitionRecord[] {
    const { tree, bounds } = this.#dirty
    const flushedLsn = this.#lsn
    if (pieces.length > 0) {
      return pieces.map(({ partition, lower, file }) => ({
        id: partition,
        tree,
        lower,
        flushedLsn,
        base: file,
        deltas: [],
      }))
    }
    // Nothing is left in it: a partition without a file.
    const id = this.#record?.id ?? this.#context.store.nextId()
    return [{ id, tree, lower: bounds.lower, flushedLsn, base: undefined, deltas: [] }]
  }
}

/**
 * What becomes of a partition that would have so many bytes: beyond its limit it is shared out to several, and those are
 * half full rather than full: the next few writes must not split them again.
 */
export function splitOf(
  { partitionByteLimit }: StorageOptions,
  partition: number | undefined,
  rawByteLength: number,
): { partition: number | undefined; pieceByteLength: number } {
  if (rawByteLength <= partitionByteLimit) return { partition, pieceByteLength: Number.POSITIVE_INFINITY }
  const pieces = Math.ceil(rawByteLength / (partitionByteLimit / 2))
  return { partition: undefined, pieceByteLength: rawByteLength / pieces }
}

function sum<T>(list: readonly T[], numberOf: (element: T) => number): number {
  return list.reduce((total, element) => total + numberOf(element), 0)
}
