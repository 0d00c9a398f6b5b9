/**
 * A scan by several worker threads: of a snapshot, of which each reads an even part from the files, and is sent what of it is
 * in memory, in pieces. So it gives exactly what a scan of that snapshot in this thread gives, in another order.
 *
 * Each worker has two pages under way at most, so memory is bounded however slow the consumer is. Where there are no files
 * to read, it happens in this thread.
 */
import type { ScanPage, ScanRequest } from '../../backend.js'
import { nextTurn } from '../../base/turn.js'
import { DynafileError, ReadFailedError, SnapshotReleasedError } from '../../errors.js'
import { compileProjection } from '../../model/expression/projection.js'
import { evenRanges } from '../../storage/partition/even-ranges.js'
import { describeTree, packEntriesOf } from '../../storage/portable-tree.js'
import type { StorageSnapshot } from '../../storage/snapshot.js'
import type { EngineContext } from '../context.js'
import { countedPage } from '../counted-reading.js'
import { compileFilterOf } from '../operation/reading-plan.js'
import { type PackedPage, unpackItems } from './packed-page.js'
import { packFilter } from './portable-filter.js'
import type { ScanTask } from './scan-task.js'
import { ScanThread } from './scan-thread.js'

/** Under way with each worker: one that waits to be taken, so that the worker need not wait to make the next. */
const PAGES_AHEAD = 2

/** What is scanned. */
export interface ScanSource {
  readonly trees: StorageSnapshot
  /** Called when no worker reads from it any more. */
  readonly release: () => void
}

interface Arrival {
  readonly page: PackedPage
  readonly thread: ScanThread
}

export class ParallelScan {
  readonly #context: EngineContext
  readonly #request: ScanRequest
  readonly #source: ScanSource
  readonly #threads: ScanThread[] = []
  readonly #arrived: Arrival[] = []
  /** Set when it can't go on: whatever has arrived counts no more. */
  #stopped: { readonly reason: unknown } | undefined
  #wake: () => void = () => {}
  #ended: Promise<void> | undefined

  constructor(context: EngineContext, request: ScanRequest, source: ScanSource) {
    // Refused here rather than by each worker.
    compileFilterOf(context, request)
    compileProjection(request.select)
    context.catalog.get(request.table)
    // The time, too, is that of the beginning: in all threads, and in all pages where there is but this one.
    const startedAt = context.clock.now()
    this.#context = { ...context, clock: { now: () => startedAt } }
    this.#request = request
    this.#source = source
  }

  /** The pages, as they come. Whoever stops asking for them calls `end`. */
  async *pages({ hasFiles }: { readonly hasFiles: boolean }): AsyncGenerator<ScanPage, void, undefined> {
    this.#checkGoing()
    const { tree } = this.#context.catalog.get(this.#request.table)
    const partitions = hasFiles ? this.#source.trees.sources.partitions.of(tree) : []
    if (partitions.length === 0) return yield* this.#pagesOfThisThread()
    const tasks = this.#tasks()
    for (const task of tasks) this.#startThread(task)
    let left = tasks.length
    while (left > 0) {
      this.#checkGoing()
      const arrival = this.#arrived.shift()
      if (arrival === undefined) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
        continue
      }
      const { page, thread } = arrival
      if (page.isLast) left -= 1
      else thread.ask()
      yield { items: unpackItems(page, this.#context.codec), count: page.count, scanned: page.scanned }
    }
  }

  /** Stops it; whoever waits for a page, or asks for another, gets the reason. Resolves when the workers are gone. */
  end(reason?: unknown): Promise<void> {
    this.#stop(reason)
    this.#ended ??= Promise.all(this.#threads.map((thread) => thread.end())).then(() => this.#source.release())
    return this.#ended
  }

  /** Nobody gets anything of it any more. */
  #stop(reason: unknown): void {
    this.#stopped ??= { reason }
    // A worker may wait for what it will not be sent now, and would be waited for.
    for (const thread of this.#threads) void thread.end()
    this.#wake()
  }

  #checkGoing(): void {
    if (this.#stopped !== undefined) throw this.#stopped.reason
    if (this.#source.trees.isReleased) throw new SnapshotReleasedError()
  }

  #tasks(): ScanTask[] {
    const { storage, catalog, clock } = this.#context
    const { table, filter, select, workers, countOnly } = this.#request
    const { tree, ttl, createdAt } = catalog.get(table)
    const { sources } = this.#source.trees
    const { root, databaseId } = storage
    const shapes = catalog.shapes.contents
    const common = { shapes, filter: packFilter(filter), select, ttl, createdAt, nowMs: clock.now(), countOnly }
    return evenRanges(sources.partitions.of(tree), workers).map((bounds) => {
      return { part: describeTree(sources, { root, databaseId, tree, bounds }), ...common }
    })
  }

  #startThread(task: ScanTask): void {
    const packer = packEntriesOf(this.#source.trees.sources, task.part)
    let hasAll = false
    const thread = new ScanThread(task, {
      nextEntries: (memory) => {
        // What would be packed is let go with the snapshot.
        if (this.#source.trees.isReleased) this.#stop(new SnapshotReleasedError())
        if (hasAll || this.#stopped !== undefined) return undefined
        const packed = packer.next(memory)
        hasAll = packed.isLast
        return packed
      },
      onPage: (page, thread) => {
        this.#arrived.push({ page, thread })
        this.#wake()
      },
      onFailure: (failure) => this.#stop(this.#named(failure)),
    })
    this.#threads.push(thread)
    for (let i = 0; i < PAGES_AHEAD; i++) thread.ask()
  }

  #named(failure: Error): Error {
    // Its files may be gone by now, which is no damage.
    if (this.#source.trees.isReleased) return new SnapshotReleasedError()
    if (failure instanceof DynafileError) return failure
    // A worker that died: of what it was to read, nothing is known.
    return new ReadFailedError(this.#context.storage.root, { cause: failure })
  }

  async *#pagesOfThisThread(): AsyncGenerator<ScanPage, void, undefined> {
    const { table, filter, select, countOnly } = this.#request
    const { trees } = this.#source
    const request = { ...WHOLE_TABLE, table, filter, select }
    let cursor: string | undefined
    do {
      this.#checkGoing()
      const wanted = { limit: undefined, cursor, countOnly, holds: false, endsAtLimit: true }
      const page = await countedPage(this.#context, request, wanted, { trees })
      yield { items: page.items, count: page.count, scanned: page.scanned }
      cursor = page.cursor
      await nextTurn()
    } while (cursor !== undefined)
  }
}

const WHOLE_TABLE = {
  index: undefined,
  where: undefined,
  reverse: false,
  segment: undefined,
  totalSegments: undefined,
} as const
