/** A moment of an open database, for as long as somebody wants to read it. */
import type { BackendSnapshot } from './backend.js'
import type { IndexSpec } from './index-spec.js'
import { BackendReadableTable, type ReadableTable } from './readable-table.js'
import { askedTable, type TableDef } from './table-definition.js'
import type { KeySpec } from './types.js'

/**
 * What was there at one moment, whatever is written afterwards; time to live, too, is that of the moment. Taking one
 * costs the same however much there is, and holds up no writer. What it holds on to is space: files that were replaced
 * since stay on the disk until it is released.
 *
 * One that is forgotten is released when the garbage collector finds it, and reported by a warning of the process
 * (`DynafileWarning`, code `SNAPSHOT_FORGOTTEN`); one that is held for ten minutes is reported once (`SNAPSHOT_HELD`),
 * and goes on.
 *
 * @example
 * const snapshot = db.snapshot()
 * try {
 *   const before = snapshot.table(Orders)
 *   await db.table(Orders).delete({ customer: 'ada', placedAt: '2026-11-21' })
 *   console.log(await before.query({ customer: 'ada' }).count()) // as if it were still there
 * } finally {
 *   snapshot.release()
 * }
 */
export interface Snapshot extends Disposable, AsyncDisposable {
  /**
   * A table as it was: everything that reads, and nothing that writes. An index that was not complete at that moment
   * can't be read.
   *
   * @throws {ResourceNotFoundException} When there was no table of that name.
   * @throws {ValidationException} When the table has another key than its definition.
   * @throws {SnapshotReleasedError} After its release, or when the database is closed.
   */
  table<In, T, K extends KeySpec, IX extends Record<string, IndexSpec>>(
    def: TableDef<In, T, K, IX>,
  ): ReadableTable<T, K, IX>
  // biome-ignore lint/suspicious/noExplicitAny: nothing is known about its items and keys
  table(name: string): ReadableTable<Record<string, any>, any, Record<string, any>>

  /** Lets go of it; disposing it does the same. Reading it afterwards is refused; releasing it again changes nothing. */
  release(): void
}

export class OpenSnapshot implements Snapshot {
  // The tables hold on to it as well: as long as there is one of them, the snapshot is not forgotten.
  readonly #backend: BackendSnapshot

  constructor(backend: BackendSnapshot) {
    this.#backend = backend
  }

  table<In, T, K extends KeySpec, IX extends Record<string, IndexSpec>>(
    def: TableDef<In, T, K, IX>,
  ): ReadableTable<T, K, IX>
  // biome-ignore lint/suspicious/noExplicitAny: nothing is known about its items and keys
  table(name: string): ReadableTable<Record<string, any>, any, Record<string, any>>
  table(def: TableDef<unknown, unknown, KeySpec, Record<string, IndexSpec>> | string): unknown {
    const { name, definition = name } = askedTable(def)
    this.#backend.checkTable(definition)
    return new BackendReadableTable(this.#backend, name)
  }

  release(): void {
    this.#backend.release()
  }

  [Symbol.dispose](): void {
    this.release()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.release()
  }
}
