/**
 * Reads the whole database and compares everything with everything: blocks with their checksums, items with their keys,
 * and indexes with their tables in both directions. It changes nothing, and looks at one moment.
 *
 * An item is decoded once, however many entries it has in an index: every entry that it should have is looked up, and they
 * are counted. If an index has as many entries as that, it has no others. Only if it has not, each entry is looked at to
 * find those that stand for nothing. The copies of a covering index are compared with their items byte by byte.
 */
import type { VerifyProgress, VerifyReport } from '../../backend.js'
import { nextTurn } from '../../base/turn.js'
import { CorruptionError, DatabaseClosedError, DynafileError } from '../../errors.js'
import { primaryKeyOfEntry, storedValue } from '../../model/index/index-entry.js'
import { keyOf } from '../../model/key/key-schema.js'
import { integritySteps } from '../../storage/integrity-check.js'
import type { RangeCursor } from '../../storage/tree/range-cursor.js'
import type { ReadableTrees } from '../../storage/view.js'
import type { IndexState, TableState } from '../catalog/table-state.js'
import { entriesIfValid } from '../commit/plan-index.js'
import type { EngineContext } from '../context.js'

/** Entries looked at in one turn. */
const SLICE_LENGTH = 1000
/** Entries of items that are kept at most. */
const KNOWN_LIMIT = 200_000
/** More than this many problems are not listed: the first ones say enough. */
const PROBLEM_LIMIT = 100

export async function verify(
  context: EngineContext,
  onProgress: (progress: VerifyProgress) => void = () => {},
): Promise<VerifyReport> {
  const problems: Error[] = []
  const report = (problem: Error) => {
    // A damaged block is met again by whoever walks over it.
    const isKnown = problems.some(({ message }) => message === problem.message)
    if (!isKnown && problems.length < PROBLEM_LIMIT) problems.push(problem)
  }
  for (const problem of integritySteps(context.storage)) {
    if (problem !== undefined) report(problem)
    await nextTurn()
  }
  // Of indexes only those are looked at that are complete in that moment; one that can't be built is nobody's.
  const building = context.catalog.tables().flatMap((table) => table.indexes.map((index) => index.built))
  await Promise.allSettled(building)
  const tables = context.catalog.tables().map((table) => ({ table, indexes: table.indexes.filter(isComplete) }))
  const trees = context.storage.snapshot()
  const tick = (table: TableState) => {
    const done = items + indexEntries
    if (done % SLICE_LENGTH === 0) onProgress({ table: table.name, done })
  }
  let items = 0
  let indexEntries = 0
  try {
    for (const { table, indexes } of tables) {
      /** How many entries the items have in each index. */
      const expected = new Map(indexes.map((index) => [index, 0]))
      await eachEntry(context, trees, table.tree, report, (key, value) => {
        items += 1
        tick(table)
        return checkItem(context, trees, table, expected, key, value)
      })
      for (const [index, entryCount] of expected) {
        let found = 0
        await eachEntry(context, trees, index.tree, report, () => {
          found += 1
          indexEntries += 1
          tick(table)
          return 1
        })
        if (found === entryCount) continue
        const entries = new EntryCheck(context, trees, table, index)
        await eachEntry(context, trees, index.tree, report, (key, value) => entries.check(key, value))
      }
    }
  } finally {
    trees.release()
  }
  return { tables: tables.length, items, indexEntries, problems }
}

/** Looks at an entry, and says how much work that was. */
type Check = (key: string, value: Uint8Array) => number

/** Calls back for each entry of a tree, some of them in each turn. Damage ends the walk through that tree. */
async function eachEntry(
  { storage }: EngineContext,
  trees: ReadableTrees,
  tree: number,
  report: (problem: Error) => void,
  check: Check,
): Promise<void> {
  let lower: string | undefined = ''
  while (lower !== undefined) {
    storage.checkOpen()
    try {
      lower = checkSlice(trees.range(tree, { lower, upper: undefined }, 'ascending', 10 * SLICE_LENGTH), report, check)
    } catch (failure) {
      // A database that is closed meanwhile is not damaged.
      if (!(failure instanceof DynafileError) || failure instanceof DatabaseClosedError) throw failure
      report(failure)
      return
    }
    await nextTurn()
  }
}

function checkSlice(cursor: RangeCursor, report: (problem: Error) => void, check: Check): string | undefined {
  for (let looked = 0; cursor.next(); ) {
    const key = cursor.key()
    if (looked >= SLICE_LENGTH) return key
    looked += 1
    try {
      // What is looked up beside it may be much more.
      looked += check(key, cursor.value()) - 1
    } catch (failure) {
      if (!(failure instanceof DynafileError)) throw failure
      report(failure)
    }
  }
  return cursor.pausedAt
}

/** An item can be decoded, lies under its own key, and every index has its entries. */
function checkItem(
  context: EngineContext,
  trees: ReadableTrees,
  table: TableState,
  expected: Map<IndexState, number>,
  key: string,
  bytes: Uint8Array,
): number {
  const item = context.codec.decode(bytes)
  const values = keyOf(table.key, item)
  if (context.keys.primaryKey(values) !== key) {
    throw new CorruptionError(`table ${table.name}`, 0, 'an item lies under another key than its own')
  }
  let lookups = 1
  for (const [index, entryCount] of expected) {
    const entries = entriesIfValid(context, index, item, key)
    lookups += entries.length
    // Once something is wrong there is no number that would be right: then all entries are looked at.
    expected.set(index, Number.NaN)
    for (const entry of entries) {
      const place = `index ${table.name}.${index.name}`
      const value = trees.get(index.tree, entry.key)
      if (value === undefined) throw new CorruptionError(place, 0, 'the entry of an item is missing')
      if (Buffer.compare(value, storedValue(index.definition, entry, bytes)) === 0) continue
      const isOwn = index.definition.isCovering && latin1Of(value).startsWith(entry.value)
      throw new CorruptionError(
        place,
        0,
        isOwn ? 'the copy of an item is not what the item is' : 'the entry of an item stands for another one',
      )
    }
    expected.set(index, entryCount + entries.length)
  }
  return lookups
}

function isComplete({ status }: IndexState): boolean {
  return status === 'ACTIVE'
}

/** An index entry stands for an item that is there and has this entry. */
class EntryCheck {
  readonly #context: EngineContext
  readonly #trees: ReadableTrees
  readonly #table: TableState
  readonly #index: IndexState
  readonly #place: string
  /** The entries of items that were met lately, by the item's key. */
  readonly #known = new Map<string, ReadonlySet<string>>()
  #knownCount = 0

  constructor(context: EngineContext, trees: ReadableTrees, table: TableState, index: IndexState) {
    this.#context = context
    this.#trees = trees
    this.#table = table
    this.#index = index
    this.#place = `index ${table.name}.${index.name}`
  }

  check(key: string, value: Uint8Array): number {
    const primaryKey = primaryKeyOfEntry(this.#index.definition, key, latin1Of(value))
    const known = this.#known.get(primaryKey)
    const entries = known ?? this.#entriesOf(primaryKey)
    if (!entries.has(key)) throw new CorruptionError(this.#place, 0, 'an entry stands for an item that has changed')
    return known === undefined ? 1 + entries.size : 1
  }

  #entriesOf(primaryKey: string): ReadonlySet<string> {
    const bytes = this.#trees.get(this.#table.tree, primaryKey)
    if (bytes === undefined) {
      throw new CorruptionError(this.#place, 0, 'an entry stands for an item that is not there')
    }
    const item = this.#context.codec.decode(bytes)
    const entries = new Set(entriesIfValid(this.#context, this.#index, item, primaryKey).map(({ key }) => key))
    if (this.#knownCount + entries.size > KNOWN_LIMIT) {
      this.#known.clear()
      this.#knownCount = 0
    }
    this.#known.set(primaryKey, entries)
    this.#knownCount += entries.size
    return entries
  }
}

function latin1Of(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}
