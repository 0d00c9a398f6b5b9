/**
 * Reads the whole database and compares everything with everything: blocks with their checksums, items with their
 * keys, and indexes with their tables in both directions. It changes nothing.
 */
import type { VerifyProgress, VerifyReport } from '../../backend.js'
import { CorruptionError, DatabaseClosedError, DynafileError } from '../../errors.js'
import { primaryKeyOfEntry } from '../../model/index/index-entry.js'
import { keyOf } from '../../model/key/key-schema.js'
import { integritySteps } from '../../storage/integrity-check.js'
import type { IndexState, TableState } from '../catalog/table-state.js'
import { entriesIfValid } from '../commit/plan-index.js'
import type { EngineContext } from '../context.js'

/** Entries looked at in one turn. */
const SLICE_LENGTH = 1000
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
    await turn()
  }
  const tick = (table: TableState) => {
    const done = items + indexEntries
    if (done % SLICE_LENGTH === 0) onProgress({ table: table.name, done })
  }
  const tables = context.catalog.tables()
  let items = 0
  let indexEntries = 0
  for (const table of tables) {
    // One that can't be built is nobody's: what was made of it goes.
    for (const index of table.indexes) await index.built.catch(() => {})
    await eachEntry(context, table.tree, report, (key, value) => {
      if (table.isDropped) return
      checkItem(context, table, key, value)
      items += 1
      tick(table)
    })
    for (const index of table.indexes.filter(isComplete)) {
      await eachEntry(context, index.tree, report, (key, value) => {
        if (index.isDropped) return
        checkEntry(context, table, index, key, value)
        indexEntries += 1
        tick(table)
      })
    }
  }
  return { tables: tables.length, items, indexEntries, problems }
}

/** Calls back for each entry of a tree, some of them in each turn. Damage ends the walk through that tree. */
async function eachEntry(
  { storage }: EngineContext,
  tree: number,
  report: (problem: Error) => void,
  check: (key: string, value: Uint8Array) => void,
): Promise<void> {
  let lower: string | undefined = ''
  while (lower !== undefined) {
    try {
      lower = checkSlice(
        storage.range(tree, { lower, upper: undefined }, 'ascending', 10 * SLICE_LENGTH),
        report,
        check,
      )
    } catch (failure) {
      // A database that is closed meanwhile is not damaged.
      if (!(failure instanceof DynafileError) || failure instanceof DatabaseClosedError) throw failure
      report(failure)
      return
    }
    await turn()
  }
}

/** Lets everybody else have their turn. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

function checkSlice(
  cursor: ReturnType<EngineContext['storage']['range']>,
  report: (problem: Error) => void,
  check: (key: string, value: Uint8Array) => void,
): string | undefined {
  for (let looked = 0; cursor.next(); looked++) {
    const key = cursor.key()
    if (looked === SLICE_LENGTH) return key
    try {
      check(key, cursor.value())
    } catch (failure) {
      if (!(failure instanceof DynafileError)) throw failure
      report(failure)
    }
  }
  return cursor.pausedAt
}

/** An item can be decoded, lies under its own key, and every index has its entries. */
function checkItem(context: EngineContext, table: TableState, key: string, bytes: Uint8Array): void {
  const item = context.codec.decode(bytes)
  const values = keyOf(table.key, item)
  if (context.keys.primaryKey(values) !== key) {
    throw new CorruptionError(`table ${table.name}`, 0, 'an item lies under another key than its own')
  }
  for (const index of table.indexes.filter(isComplete)) {
    for (const entry of entriesIfValid(context, index, item, key)) {
      const place = `index ${table.name}.${index.name}`
      const value = context.storage.get(index.tree, entry.key)
      if (value === undefined) throw new CorruptionError(place, 0, 'the entry of an item is missing')
      if (latin1Of(value) === entry.value) continue
      throw new CorruptionError(place, 0, 'the entry of an item stands for another one')
    }
  }
}

function isComplete({ status }: IndexState): boolean {
  return status === 'ACTIVE'
}

/** An index entry stands for an item that is there and has this entry. */
function checkEntry(
  context: EngineContext,
  table: TableState,
  index: IndexState,
  key: string,
  value: Uint8Array,
): void {
  const primaryKey = primaryKeyOfEntry(index.definition, key, latin1Of(value))
  const bytes = context.storage.get(table.tree, primaryKey)
  const place = `index ${table.name}.${index.name}`
  if (bytes === undefined) throw new CorruptionError(place, 0, 'an entry stands for an item that is not there')
  const entries = entriesIfValid(context, index, context.codec.decode(bytes), primaryKey)
  if (entries.some((entry) => entry.key === key)) return
  throw new CorruptionError(place, 0, 'an entry stands for an item that has changed')
}

function latin1Of(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}
