/**
 * Moves what is in memory into sorted files, one partition after the other, so that the log behind it may go.
 *
 * A partition is rewritten: its sorted file and the entries in memory are merged into a new file, or into several when
 * it has outgrown its size. The steps are always the same: write new files, sync them, one edit of the manifest, then
 * remove the old files. Commits go on meanwhile, into a new memtable.
 */
import { fileName } from './disk/file-name.js'
import type { Environment } from './environment.js'
import type { Manifest } from './manifest/manifest.js'
import type { PartitionRecord, SortedFileRecord } from './manifest/manifest-format.js'
import type { Partition } from './partition/partition.js'
import type { PartitionMap } from './partition/partition-map.js'
import { type SortedFileContext, SortedFileReader } from './sorted-file/sorted-file-reader.js'
import { SortedFileWriter } from './sorted-file/sorted-file-writer.js'
import type { StorageOptions } from './storage-options.js'
import type { EntryCursor } from './tree/cursor.js'
import type { Memtable } from './tree/memtable.js'
import { MergeCursor } from './tree/merge.js'
import type { SortedTree } from './tree/sorted-tree.js'

export interface CheckpointContext {
  readonly environment: Environment
  readonly root: string
  readonly options: StorageOptions
  readonly manifest: Manifest
  readonly partitions: PartitionMap
  readonly readers: SortedFileContext
  /** Hands out ids for partitions and files; none is used twice. */
  readonly nextId: () => number
  /** The ids handed out so far end here. */
  readonly endOfIds: () => number
  /** Throws when writing has failed meanwhile, or when the folder is somebody else's by now. */
  readonly checkWritable: () => void
  /** Directories whose names are known to be durable. */
  readonly durableDirectories: Set<string>
}

/** Rewrites every partition that `frozen` has entries for. All of them are of commit `lsn` or before. */
export async function checkpoint(context: CheckpointContext, frozen: Memtable, lsn: number): Promise<void> {
  for (const [tree, entries] of frozen.trees) {
    const partitions = context.partitions.of(tree)
    if (partitions.length === 0) {
      await rewritePartition(context, tree, entries, { old: undefined, upper: undefined, lsn })
      continue
    }
    for (const [index, old] of [...partitions.entries()]) {
      const upper = partitions[index + 1]?.record.lower
      if (hasEntries(entries, old.record.lower, upper)) {
        await rewritePartition(context, tree, entries, { old, upper, lsn })
      }
    }
  }
}

interface Rewrite {
  /** The partition as it is; undefined when the tree has none yet. */
  readonly old: Partition | undefined
  /** Where it ends; undefined for the last one. */
  readonly upper: string | undefined
  /** The last commit that is in memory. */
  readonly lsn: number
}

interface RewritePlan extends Rewrite {
  readonly lower: string
  readonly lowestLsn: number
  /** About as much as there will be to write, keys and values. */
  readonly byteLength: number
}

async function rewritePartition(
  context: CheckpointContext,
  tree: number,
  entries: SortedTree,
  { old, upper, lsn }: Rewrite,
): Promise<void> {
  const { manifest, partitions } = context
  const lower = old?.record.lower ?? ''
  const sources = [entries.ascending(lower), ...(old?.file === undefined ? [] : [old.file.ascending(lower)])]
  const source = new MergeCursor(sources, 'ascending')
  const byteLength = (old?.record.file?.rawByteLength ?? 0) + byteLengthOf(entries, lower, upper)
  const lowestLsn = Math.min(old?.file?.lowestLsn ?? lsn, (old?.record.flushedLsn ?? 0) + 1)

  const writer = new PartitionWriter(context, tree, { old, lower, upper, lsn, lowestLsn, byteLength })
  let records: readonly PartitionRecord[]
  try {
    records = await writer.write(source)
    context.checkWritable()
  } catch (failure) {
    writer.abandon()
    throw failure
  }
  manifest.edit({
    removed: old === undefined ? [] : [old.record.id],
    added: records,
    nextId: context.endOfIds(),
  })
  const added = records.map((record) => openPartition(record, context.root, context.readers))
  partitions.replace(tree, old, added)
  if (old !== undefined) removeFiles(context, old, records)
}

/** A partition whose sorted file is being written. */
interface PieceInProgress {
  readonly id: number
  readonly lower: string
  readonly writer: SortedFileWriter
}

/** Writes merged entries as the sorted files of one partition, or of the several it is split into. */
class PartitionWriter {
  readonly #context: CheckpointContext
  readonly #tree: number
  readonly #plan: RewritePlan
  readonly #records: PartitionRecord[] = []
  #current: PieceInProgress | undefined

  constructor(context: CheckpointContext, tree: number, plan: RewritePlan) {
    this.#context = context
    this.#tree = tree
    this.#plan = plan
  }

  async write(source: EntryCursor): Promise<readonly PartitionRecord[]> {
    const { environment, options } = this.#context
    const { upper, byteLength, lower, lsn } = this.#plan
    const isSplit = byteLength > options.partitionByteLimit
    // Halves rather than full ones: the next few writes must not split them again.
    const pieces = isSplit ? Math.ceil(byteLength / (options.partitionByteLimit / 2)) : 1
    const pieceByteLength = byteLength / pieces
    let sliceByteLength = 0
    while (source.next()) {
      if (upper !== undefined && source.compareTo(upper) >= 0) break
      const value = source.value()
      // There is nothing below this file that a tombstone would have to hide.
      if (value === undefined) continue
      const key = source.key()
      const isFull = this.#current !== undefined && this.#current.writer.rawByteLength >= pieceByteLength
      if (isFull && this.#records.length < pieces - 1) this.#finishCurrent()
      const current = (this.#current ??= this.#begin(this.#records.length === 0 ? lower : key, isSplit))
      current.writer.add(key, value, source.lsn())
      sliceByteLength += key.length + value.length
      if (sliceByteLength >= options.sliceByteLength) {
        sliceByteLength = 0
        await environment.scheduler.pause()
      }
    }
    if (this.#current !== undefined) this.#finishCurrent()
    if (this.#records.length > 0) return this.#records
    // Nothing is left in it: a partition without a file.
    const id = this.#plan.old?.record.id ?? this.#context.nextId()
    return [{ id, tree: this.#tree, lower, flushedLsn: lsn, file: undefined }]
  }

  abandon(): void {
    this.#current?.writer.abandon()
  }

  #begin(lower: string, isSplit: boolean): PieceInProgress {
    const { environment, root, options, readers } = this.#context
    const keepsId = this.#plan.old !== undefined && !isSplit
    const id = keepsId ? this.#plan.old!.record.id : this.#context.nextId()
    const file = this.#context.nextId()
    this.#ensureDirectories(id)
    const identity = {
      databaseId: readers.databaseId,
      tree: this.#tree,
      partition: id,
      id: file,
      lowestLsn: this.#plan.lowestLsn,
      highestLsn: this.#plan.lsn,
    }
    const path = fileName.sortedFile(root, this.#tree, id, file)
    return { id, lower, writer: new SortedFileWriter(environment.files, path, identity, environment.checksum, options) }
  }

  #finishCurrent(): void {
    const { id, lower, writer } = this.#current!
    const file: SortedFileRecord = writer.finish()
    this.#current = undefined
    this.#records.push({ id, tree: this.#tree, lower, flushedLsn: this.#plan.lsn, file })
  }

  /**
   * The directories of a partition, their names durable. The first use after opening syncs them even if they exist:
   * they may exist in memory only.
   */
  #ensureDirectories(partition: number): void {
    const { environment, root, durableDirectories } = this.#context
    const trees = fileName.trees(root)
    const tree = fileName.tree(root, this.#tree)
    if (!durableDirectories.has(tree)) {
      environment.files.makeDirectory(tree)
      environment.files.syncDirectory(trees, 'trees-directory')
      durableDirectories.add(tree)
    }
    const directory = fileName.partition(root, this.#tree, partition)
    if (!durableDirectories.has(directory)) {
      environment.files.makeDirectory(directory)
      environment.files.syncDirectory(tree, 'tree-directory')
      durableDirectories.add(directory)
    }
  }
}

export function openPartition(record: PartitionRecord, root: string, context: SortedFileContext): Partition {
  if (record.file === undefined) return { record, file: undefined }
  const path = fileName.sortedFile(root, record.tree, record.id, record.file.id)
  return { record, file: new SortedFileReader(path, record.file, { tree: record.tree, partition: record.id }, context) }
}

/** The manifest no longer names them. What a crash leaves behind, the next opening removes. */
function removeFiles(
  { environment, root, durableDirectories }: CheckpointContext,
  old: Partition,
  kept: readonly PartitionRecord[],
): void {
  if (old.file !== undefined) {
    old.file.close()
    environment.files.remove(old.file.path)
  }
  if (kept.some((record) => record.id === old.record.id)) return
  const directory = fileName.partition(root, old.record.tree, old.record.id)
  environment.files.removeDirectory(directory)
  durableDirectories.delete(directory)
}

function hasEntries(entries: SortedTree, lower: string, upper: string | undefined): boolean {
  const cursor = entries.ascending(lower)
  return cursor.next() && (upper === undefined || cursor.compareTo(upper) < 0)
}

function byteLengthOf(entries: SortedTree, lower: string, upper: string | undefined): number {
  let byteLength = 0
  const cursor = entries.ascending(lower)
  while (cursor.next() && (upper === undefined || cursor.compareTo(upper) < 0)) {
    byteLength += cursor.key().length + (cursor.value()?.length ?? 0)
  }
  return byteLength
}
