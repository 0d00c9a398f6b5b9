/** Puts together what `db.stats()` tells: from counters that are there anyway; nothing is read from the disk. */
import type { CacheStats, OperationName, OperationStats, Stats, TreeStats } from '../stats.js'
import type { EngineContext } from './context.js'
import type { OperationMeter } from './operation-meter.js'

export function collectStats({ storage, catalog, items, meters }: EngineContext): Stats {
  const total = storage.totals()
  const diskBytes = total.files.byteLength + total.retiredFiles.byteLength + total.log.byteLength
  const writtenBytes = total.writtenLogByteLength + total.writtenFileByteLength
  const tree = (name: string, number: number): TreeStats => {
    const { keyCount, isExact, ...found } = storage.statistics(number)
    return {
      name,
      items: keyCount,
      itemsAreExact: isExact,
      fileBytes: found.fileByteLength,
      rawBytes: found.rawByteLength,
      partitions: found.partitionCount,
      files: found.fileCount,
      deltas: found.deltaCount,
      tombstones: found.tombstoneCount,
    }
  }
  return {
    openMs: total.openMs,
    tables: catalog.tables().map((table) => ({
      ...tree(table.name, table.tree),
      indexes: table.indexes.map((index) => tree(index.name, index.tree)),
    })),
    disk: {
      files: total.files.count,
      fileBytes: total.files.byteLength,
      retiredFiles: total.retiredFiles.count,
      retiredFileBytes: total.retiredFiles.byteLength,
      logFiles: total.log.count,
      logBytes: total.log.byteLength,
      openFiles: total.openFileCount,
      spaceAmplification: share(diskBytes, total.liveByteLength),
    },
    memory: {
      memtableBytes: total.memtableByteLength,
      memtableEntries: total.memtableEntryCount,
      blockCache: cacheStats(total.blockCache),
      itemCache: cacheStats(items.statistics),
    },
    writing: {
      committedBytes: total.committedByteLength,
      logWrittenBytes: total.writtenLogByteLength,
      fileWrittenBytes: total.writtenFileByteLength,
      writeAmplification: share(writtenBytes, total.committedByteLength),
    },
    background: {
      checkpoints: total.checkpointCount,
      checkpointMs: total.checkpointMs,
      deltaMerges: total.deltaMergeCount,
      partitionMerges: total.partitionMergeCount,
      folds: total.foldCount,
      mergeMs: total.mergeMs,
      longestPauseMs: total.longestSliceMs,
      hasThread: total.hasThread,
      threadWrittenBytes: total.threadWrittenFileByteLength,
    },
    snapshots: { open: total.snapshotCount, oldestMs: total.oldestSnapshotMs },
    operations: operationStats(meters),
  }
}

interface CacheCounters {
  readonly byteLimit: number
  readonly byteLength: number
  readonly hits: number
  readonly misses: number
}

function cacheStats({ byteLimit, byteLength, hits, misses }: CacheCounters): CacheStats {
  return { bytes: byteLength, limitBytes: byteLimit, hits, misses, hitRate: share(hits, hits + misses) }
}

function operationStats(
  meters: Readonly<Record<OperationName, OperationMeter>>,
): Record<OperationName, OperationStats> {
  const stats = Object.entries(meters).map(([name, meter]) => [name, meter.stats] as const)
  return Object.fromEntries(stats) as Record<OperationName, OperationStats>
}

function share(part: number, whole: number): number | undefined {
  return whole > 0 ? part / whole : undefined
}
