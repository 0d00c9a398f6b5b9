/**
 * Rules of the storage that someone could break without any other test noticing, each as a change of one line. The crash
 * schedules have to notice every one of them: `npm run test:mutants` runs them on a copy of the sources with that change.
 */
export interface Mutant {
  readonly name: string
  /** Below src/storage. */
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
    from: 'await writePieces(context, wholePartition(partition), {',
    to: 'await writePieces(context, wholePartition({ ...partition, files: files.slice(-1) }), {',
  },
  {
    name: 'what is carried is not committed again',
    file: 'storage.ts',
    from: 'await activity.work(() => this.#carry(memtable, carried))',
    to: '',
  },
  {
    name: 'what is carried overwrites what came later',
    file: 'storage.ts',
    from: 'if (isOverwritten) continue',
    to: '',
  },
  {
    name: 'the log goes before what took the place of carried entries is durable',
    file: 'storage.ts',
    from: 'if (ranges.length > 0) await this.#activity.waitFor(this.#queue.flush())',
    to: '',
  },
  {
    name: 'the log goes before the files count',
    file: 'storage.ts',
    from: 'const carried = await this.#whileBusy(',
    to: 'await this.#manifest.edit({ firstSegment: segment, firstLsn: lsn + 1 })\n    const carried = await this.#whileBusy(',
  },
  {
    name: 'a checkpoint does not begin a new segment',
    file: 'storage.ts',
    from: '    await this.#rotate()\n    this.#logByteLength = 0\n    this.#frozen',
    to: '    this.#logByteLength = 0\n    this.#frozen',
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
    from: '[tree, sorted.clone()]',
    to: '[tree, sorted]',
  },
  {
    name: 'files that nobody reads any more stay',
    file: 'partition/partition-store.ts',
    from: 'this.#retired = this.#retired.filter(isNeeded)',
    to: 'gone.length = 0',
  },
]
