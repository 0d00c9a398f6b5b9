/**
 * Rules that someone could break without any other test noticing, each as a change of one line. The crash schedules of the
 * storage, or of the indexes, have to notice every one of them: `npm run test:mutants` runs them on a copy of the sources
 * with that change.
 */
export interface Mutant {
  readonly name: string
  /** Below src/storage; of an index below src. */
  readonly file: string
  readonly from: string
  readonly to: string
}

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'a delta forgets its tombstones',
    file: 'checkpoint.ts',
    from: 'keepsTombstones: true',
    to: 'keepsTombstones: false',
  },
  {
    name: 'merged deltas forget their tombstones',
    file: 'compaction.ts',
    from: 'keepsTombstones: true',
    to: 'keepsTombstones: false',
  },
  {
    name: 'a new delta is taken for the oldest',
    file: 'checkpoint.ts',
    from: 'deltas: [piece!.file, ...record.deltas]',
    to: 'deltas: [...record.deltas, piece!.file]',
  },
  {
    name: 'the base overrules its deltas',
    file: 'partition/partition.ts',
    from: '[...deltas, base]',
    to: '[base, ...deltas]',
  },
  {
    name: 'deltas are merged oldest first',
    file: 'compaction.ts',
    from: 'const merged = files.slice(first, first + count)',
    to: 'const merged = files.slice(first, first + count).reverse()',
  },
  {
    name: 'a copy of an entry outlives the files that it is of',
    file: 'sorted-file/entry-cache.ts',
    from: ' || table[at + PARTITION] !== partition) continue',
    to: ') continue',
  },
  {
    name: 'the cut is one key too low',
    file: 'checkpoint.ts',
    from: 'base.highestKey}\\0`',
    to: 'base.highestKey}`',
  },
  {
    name: 'stragglers of an ascending load are dropped',
    file: 'checkpoint.ts',
    from: 'below.entryCount === 0 ? []',
    to: 'below.entryCount < 5 ? []',
  },
  {
    name: 'folding forgets the deltas',
    file: 'compaction.ts',
    from: 'const { record, files } = partition\n  const { tree,',
    to: 'const { record } = partition\n  const files = partition.files.slice(-1)\n  const { tree,',
  },
  {
    name: 'what is carried is not committed again',
    file: 'upkeep.ts',
    from: 'await activity.work(() => this.#carry(memtable, carried))',
    to: '',
  },
  {
    name: 'what is carried overwrites what came later',
    file: 'upkeep.ts',
    from: 'if (isOverwritten) continue',
    to: '',
  },
  {
    name: 'the log goes before what took the place of carried entries is durable',
    file: 'upkeep.ts',
    from: 'if (ranges.length > 0) await activity.waitFor(this.#queue.flush())',
    to: '',
  },
  {
    name: 'a group is acknowledged before its sync',
    file: 'log/commit-queue.ts',
    from: "return log.syncLater('log-frame').then(() => this.#synced(group))",
    to: "return Promise.resolve().then(() => this.#synced(group)).then(() => log.syncLater('log-frame'))",
  },
  {
    name: 'a group that is written behind another one is not synced itself',
    file: 'log/commit-queue.ts',
    from: "return log.syncLater('log-frame').then(() => this.#synced(group))",
    to: "return (this.#inFlight.length > 1 ? Promise.resolve() : log.syncLater('log-frame')).then(() => this.#synced(group))",
  },
  {
    name: 'the log goes before the files count',
    file: 'upkeep.ts',
    from: 'const carried = await this.#whileBusy(',
    to: 'await this.#partitions.beginLog({ firstSegment: segment, firstLsn: lsn + 1, durableLsn: this.#log.durableLsn })\n    const carried = await this.#whileBusy(',
  },
  {
    name: 'a checkpoint does not begin a new segment',
    file: 'upkeep.ts',
    from: '    if (!(await this.#rotate())) return\n',
    to: '',
  },
  {
    name: 'old files go before the manifest names the new ones',
    file: 'partition/partition-store.ts',
    from: '    await this.#manifest.edit({ removed: removed',
    to: '    for (const { files } of removed) for (const file of files) this.#files.remove(file.path)\n    await this.#manifest.edit({ removed: removed',
  },
  {
    name: 'a file goes while a snapshot still reads it',
    file: 'partition/partition-store.ts',
    from: 'versions.some((version) => bornAt <= version && version < retiredAt)',
    to: 'versions.some((version) => bornAt <= version && version < retiredAt - 1)',
  },
  {
    name: 'a snapshot shares its memory with writers',
    file: 'tree/memtable.ts',
    from: '[tree, sorted.snapshot(moment)]',
    to: '[tree, sorted]',
  },
  {
    name: 'files that nobody reads any more stay',
    file: 'partition/partition-store.ts',
    from: 'this.#retired = this.#retired.filter(isNeeded)',
    to: 'gone.length = 0',
  },
]

/** Rules of the engine that keep indexes in step with items. */
export const INDEX_MUTANTS: readonly Mutant[] = [
  {
    name: 'a unique key is looked for among what is published only',
    file: 'engine/commit/write-item.ts',
    from: 'return (tree, key) => storage.head(tree, key)',
    to: 'return (tree, key) => storage.get(tree, key)',
  },
  {
    name: 'a holder is named before it is durable',
    file: 'engine/commit/write-item.ts',
    from: '  await storage.settled()\n  throw failure',
    to: '  throw failure',
  },
  {
    name: 'an expired holder stays beside the new one',
    file: 'engine/commit/plan-index.ts',
    from: 'expired.push(holder)',
    to: '',
  },
  {
    name: 'while it is built an item takes the entry of another along',
    file: 'engine/commit/plan-index.ts',
    from: "if (!index.definition.isUnique || (index.status === 'ACTIVE' && releases === undefined)) return true",
    to: 'return true',
  },
  {
    name: 'the copy of an item is not written anew where its index key stays',
    file: 'engine/commit/plan-index.ts',
    from: 'const isCopy = !isCovering || newKey === undefined || hasSameBytes(change)',
    to: 'const isCopy = true',
  },
  {
    name: 'the copy of an item is that of the item before',
    file: 'engine/commit/plan-index.ts',
    from: 'change.writes.push(entryWrite(index, newEntry, change.newBytes!))',
    to: 'change.writes.push(entryWrite(index, newEntry, change.oldBytes!))',
  },
  {
    name: 'building does not wait for what is queued',
    file: 'engine/maintenance/backfill-index.ts',
    from: '  await storage.settled()\n',
    to: '',
  },
  {
    name: 'building looks at items as they are published',
    file: 'engine/maintenance/backfill-index.ts',
    from: 'const bytes = storage.head(this.#table.tree, primaryKey)',
    to: 'const bytes = storage.get(this.#table.tree, primaryKey)',
  },
  {
    name: 'building goes on after its index was dropped',
    file: 'engine/catalog/catalog.ts',
    from: '    index.isDropped = true\n',
    to: '',
  },
  {
    name: 'an interrupted build is taken for complete',
    file: 'engine/catalog/index-record.ts',
    from: "isBuilding: status === 'BUILDING',",
    to: 'isBuilding: false,',
  },
  {
    name: 'an index that failed is kept as one that is complete',
    file: 'engine/catalog/index-record.ts',
    from: "...(status === 'FAILED' && { isFailed: true as const }),",
    to: '',
  },
  {
    name: 'nobody knows any more that a tree has to be emptied',
    file: 'engine/catalog/catalog.ts',
    from: 'return { writes: [this.record(table), this.#drop(index.tree)], index }',
    to: 'return { writes: [this.record(table)], index }',
  },
  {
    name: 'what was to be emptied is forgotten by the next opening',
    file: 'engine/local-backend.ts',
    from: 'for (const tree of catalog.dropped) this.#reclaimLater(tree)',
    to: '',
  },
  {
    name: 'nobody knows any more that the trees of a dropped table have to be emptied',
    file: 'engine/catalog/catalog.ts',
    from: 'return { writes: [removed, ...trees.map((tree) => this.#drop(tree))], trees }',
    to: 'return { writes: [removed], trees }',
  },
  {
    name: 'the indexes of a dropped table stay',
    file: 'engine/catalog/catalog.ts',
    from: 'const trees = [table.tree, ...indexes.map(({ tree }) => tree)]',
    to: 'const trees = [table.tree]',
  },
  {
    name: 'nobody is told that a table was dropped',
    file: 'engine/catalog/catalog.ts',
    from: '    table.isDropped = true\n    for (const index of table.indexes) index.isDropped = true\n',
    to: '',
  },
  {
    name: 'what was prepared for a dropped table is written to the next one',
    file: 'engine/operation/batch-write-item.ts',
    from: "if (prepared.some((write) => write.table !== table)) throw new ResourceNotFoundException(tableName, 'dropped')",
    to: '',
  },
  {
    name: 'a tree is given to two indexes',
    file: 'engine/catalog/catalog.ts',
    from: 'index.tree = this.#nextTree++\n    return [this.record(table), this.#nextTreeWrite()]',
    to: 'index.tree = this.#nextTree++\n    return [this.record(table)]',
  },
  {
    name: 'what the log has of a tree that was dropped comes back',
    file: 'storage/partition/partition-store.ts',
    from: "lower: '', flushedLsn, base: undefined",
    to: "lower: '', flushedLsn: 0, base: undefined",
  },
  {
    name: 'what is in memory of a tree that was dropped stays',
    file: 'storage/memtables.ts',
    from: 'for (const { trees } of this.#all) trees.delete(tree)',
    to: '',
  },
  {
    name: 'that a tree was dropped is forgotten while the log still has it',
    file: 'storage/partition/partition.ts',
    from: 'filesOf(partition).length > 0 || partition.flushedLsn >= firstLsn',
    to: 'filesOf(partition).length > 0',
  },
]
