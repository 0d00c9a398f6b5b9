/**
 * The parallel scans that are going on, so that closing the database can end them. One that nobody can reach any more is
 * ended by the garbage collector's word.
 */
import type { ScanPage, ScanRequest } from '../../backend.js'
import { DatabaseClosedError } from '../../errors.js'
import type { EngineContext } from '../context.js'
import { ParallelScan, type ScanSource } from './parallel-scan.js'

const forgotten = new FinalizationRegistry<() => Promise<void>>((end) => void end())

export class ParallelScans {
  readonly #hasFiles: boolean
  readonly #going = new Set<ParallelScan>()
  #isClosed = false

  /** @param hasFiles Whether other threads find the files of the database. */
  constructor({ hasFiles }: { readonly hasFiles: boolean }) {
    this.#hasFiles = hasFiles
  }

  /** The pages of a scan. The source is released when it has ended, whatever ends it. */
  start(context: EngineContext, request: ScanRequest, source: ScanSource): AsyncGenerator<ScanPage, void, undefined> {
    try {
      if (this.#isClosed) throw new DatabaseClosedError()
      request.signal?.throwIfAborted()
      const scan = new ParallelScan(context, request, source)
      this.#going.add(scan)
      const pages = this.#pages(scan, request.signal)
      forgotten.register(pages, () => this.#end(scan))
      return pages
    } catch (failure) {
      source.release()
      throw failure
    }
  }

  /** Ends all of them, and resolves when their workers are gone. No other can begin. */
  async close(): Promise<void> {
    this.#isClosed = true
    await Promise.all([...this.#going].map((scan) => scan.end(new DatabaseClosedError())))
  }

  async *#pages(scan: ParallelScan, signal: AbortSignal | undefined): AsyncGenerator<ScanPage, void, undefined> {
    const abort = () => void scan.end(signal?.reason)
    signal?.addEventListener('abort', abort)
    try {
      yield* scan.pages({ hasFiles: this.#hasFiles })
    } finally {
      signal?.removeEventListener('abort', abort)
      await this.#end(scan)
    }
  }

  async #end(scan: ParallelScan): Promise<void> {
    await scan.end()
    this.#going.delete(scan)
  }
}
