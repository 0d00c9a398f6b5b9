/**
 * Merges files, so that reading does not have to look into many, and partitions, so that there are no more of them than
 * the data needs. It goes on after a checkpoint, one partition at a time, while commits go on.
 */
import { isUnreadable } from '../errors.js'
import { splitOf } from './checkpoint.js'
import { deltasToMerge, MERGE_SHARE } from './partition/flush-plan.js'
import { type Partition, rawByteLengthOf } from './partition/partition.js'
import { type WritePlan, type WriterContext, writePartition } from './partition/partition-writer.js'
import type { SortedFileReader } from './sorted-file/sorted-file-reader.js'

/** A program that opens the database, writes a little and closes it must not leave ever more deltas behind. */
const HURRIED_FACTOR = 2

/**
 * Merges until no partition has too many deltas and no two neighbours are too small. Those that can't be read stay as
 * they are: whoever reads them is told.
 *
 * @param isIdle Whether nothing was written to a partition lately: only those are merged with each other.
 * @param isHurried Asked before each step: whether somebody waits for the end. Then only the worst is done.
 */
export async function compact(
  context: WriterContext,
  isIdle: (partition: Partition) => boolean,
  isHurried: () => boolean,
): Promise<void> {
  const unreadable = new Set<Partition>()
  const unlessUnreadable = async (partitions: readonly Partition[], merge: () => Promise<void>) => {
    if (await isDone(context, merge)) return
    for (const partition of partitions) unreadable.add(partition)
  }
  for (;;) {
    const { deltaLimit } = context.options
    const limit = isHurried() ? HURRIED_FACTOR * deltaLimit : deltaLimit
    const readable = [...context.store.map.all()].filter((partition) => !unreadable.has(partition))
    const full = readable.find(({ record }) => record.deltas.length > limit)
    if (full !== undefined) {
      await unlessUnreadable([full], () => mergeDeltas(context, full))
      continue
    }
    const isMergeable = (partition: Partition) => isIdle(partition) && !unreadable.has(partition)
    const pair = isHurried() ? undefined : findSmallNeighbours(context, isMergeable)
    if (pair === undefined) return
    await unlessUnreadable(pair, () => mergeNeighbours(context, ...pair))
  }
}

/**
 * Folds every partition's deltas into its base, so that reading looks into one file. It writes all of a partition for
 * however little is new in it: for when there is nothing else to do.
 *
 * @param isEnded Asked before each partition: whether somebody needs the disk.
 */
export async function foldAll(context: WriterContext, isEnded: () => boolean): Promise<void> {
  for (const partition of context.store.map.all()) {
    if (isEnded()) return
    if (partition.record.deltas.length > 0) await isDone(context, () => fold(context, partition))
  }
}

/** Whether it could be done: what can't be read stays as it is, and whoever reads it is told. */
async function isDone({ activity }: WriterContext, merge: () => Promise<void>): Promise<boolean> {
  const startedAt = activity.now()
  try {
    await merge()
    return true
  } catch (failure) {
    if (isUnreadable(failure)) return false
    throw failure
  } finally {
    activity.mergeMs += activity.now() - startedAt
  }
}

async function fold(context: WriterContext, partition: Partition): Promise<void> {
  const { record, files } = partition
  const { tree, id, lower, flushedLsn } = record
  const plan: WritePlan = {
    tree,
    ...splitOf(context.options, id, rawByteLengthOf(record)),
    lower,
    keepsTombstones: false,
    ...extentOf(files),
  }
  const pieces = await writePartition(context, { files }, plan)
  const bases = pieces.map((piece) => ({ id: piece.partition, lower: piece.lower, base: piece.file }))
  // Nothing is left in it: a partition without a file.
  const left = bases.length > 0 ? bases : [{ id, lower, base: undefined }]
  const added = left.map((piece) => ({ ...piece, tree, flushedLsn, deltas: [] }))
  await context.activity.waitFor(context.store.replace([partition], added))
  context.activity.foldCount += 1
}

/** Several deltas become one, which holds the newest entry of each key: tombstones, too, as the base lies below. */
async function mergeDeltas(context: WriterContext, partition: Partition): Promise<void> {
  const { record, files } = partition
  const { first, count } = deltasToMerge(record.deltas, context.options.deltaLimit)!
  const merged = files.slice(first, first + count)
  const plan: WritePlan = {
    tree: record.tree,
    partition: record.id,
    lower: record.lower,
    keepsTombstones: true,
    pieceByteLength: Number.POSITIVE_INFINITY,
    ...extentOf(merged),
  }
  const [piece] = await writePartition(context, { files: merged }, plan)
  const deltas = [...record.deltas.slice(0, first), piece!.file, ...record.deltas.slice(first + count)]
  await context.activity.waitFor(context.store.replace([partition], [{ ...record, deltas }]))
  context.activity.deltaMergeCount += 1
}

function findSmallNeighbours(
  { store, options }: WriterContext,
  isIdle: (partition: Partition) => boolean,
): [Partition, Partition] | undefined {
  let previous: Partition | undefined
  for (const partition of store.map.all()) {
    const isPair = previous !== undefined && previous.record.tree === partition.record.tree
    if (isPair && isIdle(previous!) && isIdle(partition)) {
      const together = rawByteLengthOf(previous!.record) + rawByteLengthOf(partition.record)
      if (together < options.partitionByteLimit * MERGE_SHARE) return [previous!, partition]
    }
    previous = partition
  }
  return undefined
}

/** Two partitions become one. */
async function mergeNeighbours(context: WriterContext, left: Partition, right: Partition): Promise<void> {
  const { tree, id, lower } = left.record
  const files = [...left.files, ...right.files]
  const rawByteLength = rawByteLengthOf(left.record) + rawByteLengthOf(right.record)
  const plan: WritePlan = {
    tree,
    ...splitOf(context.options, id, rawByteLength),
    lower,
    keepsTombstones: false,
    ...extentOf(files),
  }
  const pieces = await writePartition(context, { files }, plan)
  // The lower of the two: what the one has and the other has not is found in the log, or was carried in it.
  const flushedLsn = Math.min(left.record.flushedLsn, right.record.flushedLsn)
  const base = pieces[0]?.file
  const joined = { id, tree, lower, flushedLsn, base, deltas: [] }
  await context.activity.waitFor(context.store.replace([left, right], [joined]))
  context.activity.partitionMergeCount += 1
}

type Extent = Pick<WritePlan, 'byteEstimate' | 'entryEstimate' | 'lowestLsn' | 'highestLsn'>

/** What a file that takes the place of others may have in it. */
function extentOf(files: readonly SortedFileReader[]): Extent {
  return {
    byteEstimate: files.reduce((sum, file) => sum + file.record.rawByteLength, 0),
    entryEstimate: files.reduce((sum, file) => sum + file.record.entryCount, 0),
    lowestLsn: Math.min(...files.map((file) => file.lowestLsn)),
    highestLsn: Math.max(...files.map((file) => file.highestLsn)),
  }
}
