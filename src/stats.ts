/**
 * What `db.stats()` tells: how much there is, what it costs, how long things take. Everything is since the database was
 * opened. Bytes end in `Bytes`, times in `Ms` or `Us`, a millisecond or a microsecond; the rest are numbers of things.
 */

export interface Stats {
  /** How long the database has been open. */
  readonly openMs: number
  readonly tables: readonly TableStats[]
  readonly disk: DiskStats
  readonly memory: MemoryStats
  readonly writing: WritingStats
  readonly background: BackgroundStats
  readonly snapshots: SnapshotStats
  readonly operations: Readonly<Record<OperationName, OperationStats>>
}

/** What there is of a table, or of an index. */
export interface TreeStats {
  readonly name: string
  /** Items, or entries of the index; those that have expired and are not removed yet are counted. */
  readonly items: number
  /**
   * Whether that is their number. Otherwise it is an estimate, mostly too high, as what was overwritten may count twice; too
   * low where things were deleted that were not there.
   */
  readonly itemsAreExact: boolean
  /** Its sorted files on the disk. */
  readonly fileBytes: number
  /** The keys and values in them, without compression; what was overwritten counts until it is merged. */
  readonly rawBytes: number
  readonly partitions: number
  readonly files: number
  /** Files that lie above others and are merged with them later. */
  readonly deltas: number
  /** Marks for removed items in files. */
  readonly tombstones: number
}

export interface TableStats extends TreeStats {
  readonly indexes: readonly TreeStats[]
}

export interface DiskStats {
  readonly files: number
  readonly fileBytes: number
  /** Files that were replaced and are kept for snapshots. */
  readonly retiredFiles: number
  readonly retiredFileBytes: number
  /** Files of the log: those that recovery needs, and those that are kept for followers or to be written over. */
  readonly logFiles: number
  readonly logBytes: number
  /** Sorted files that are open now. */
  readonly openFiles: number
  /** All bytes on the disk for each byte of live keys and values, an estimate; undefined when there are none. */
  readonly spaceAmplification: number | undefined
}

export interface MemoryStats {
  /** What is in memory and in no sorted file yet; an entry that is overwritten counts again. */
  readonly memtableBytes: number
  readonly memtableEntries: number
  /** Blocks of sorted files. */
  readonly blockCache: CacheStats
  /** Decoded items. */
  readonly itemCache: CacheStats
}

export interface CacheStats {
  readonly bytes: number
  readonly limitBytes: number
  readonly hits: number
  readonly misses: number
  /** The share of hits, 0 to 1; undefined before anything was looked for. */
  readonly hitRate: number | undefined
}

export interface WritingStats {
  /** Keys and values of items and index entries that were committed. */
  readonly committedBytes: number
  readonly logWrittenBytes: number
  readonly fileWrittenBytes: number
  /** Bytes written for each byte committed; undefined before anything was committed. */
  readonly writeAmplification: number | undefined
}

/** Work that goes on while others run. */
export interface BackgroundStats {
  readonly checkpoints: number
  readonly checkpointMs: number
  /** Four deltas became one. */
  readonly deltaMerges: number
  /** Two partitions became one. */
  readonly partitionMerges: number
  /** All deltas of a partition were folded into its base, as nothing else was written. */
  readonly folds: number
  readonly mergeMs: number
  /** The longest time for which such work has held up the event loop. */
  readonly longestPauseMs: number
  /** Whether there is a thread now that writes sorted files. */
  readonly hasThread: boolean
  /** Of `fileWrittenBytes`, those that a thread wrote. */
  readonly threadWrittenBytes: number
}

export interface SnapshotStats {
  /** Those that are held now, by callers and by iterators. */
  readonly open: number
  readonly oldestMs: number | undefined
}

/**
 * `queryPage` and `scanPage` are pages: a long result has many. A `batchWrite` is up to a thousand writes of a batch. A
 * write takes until it is acknowledged.
 */
export type OperationName = 'get' | 'put' | 'update' | 'delete' | 'queryPage' | 'scanPage' | 'batchGet' | 'batchWrite'

/**
 * Every sixteenth is timed, beginning with the first, and of more than 16,000 every sixty-fourth; of batches each. Times
 * are exact to one part in a hundred, and undefined while none was timed.
 */
export interface OperationStats {
  /** How many there were, those that failed included. */
  readonly count: number
  readonly p50Us: number | undefined
  readonly p95Us: number | undefined
  readonly p99Us: number | undefined
  readonly maxUs: number | undefined
}
