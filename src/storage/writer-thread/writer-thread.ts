/**
 * The worker thread that writes sorted files, as the thread of the database sees it. It is started for the first task and
 * goes when there was none for a while. It keeps the process alive only while it writes.
 *
 * Where no thread can be started (the package was bundled into one file, or the process may not), or when it dies, the
 * task is done in this thread, as are all that follow.
 */
import { Worker } from 'node:worker_threads'
import { unpackError } from '../../base/portable-error.js'
import type { Scheduler } from '../../base/scheduler.js'
import type { PieceName, WrittenPiece } from '../partition/piece-writer.js'
import type { EntryPacker } from '../tree/packed-entries.js'
import { workerFile } from './worker-file.js'
import type { WorkerQuestion, WorkerWord, WriterWord, WriteTask } from './writer-messages.js'

/** After so long without a task the thread goes. */
const IDLE_MS = 10_000

/** It makes little garbage: what it writes is bytes. */
const RESOURCE_LIMITS = { maxYoungGenerationSizeMb: 4 }

/** Those for whom it writes. */
export interface TaskHost {
  readonly namePiece: (isFirst: boolean) => Promise<PieceName>
  /** What is in memory. */
  readonly packer: EntryPacker | undefined
  /** Throws when it is of no use to go on. */
  readonly check: () => void
  /** Runs a part of it that holds up everybody else. */
  readonly slice: <T>(run: () => T) => T
}

/** The thread could not be started, or it died: nothing is known about what it has written. */
export class ThreadLostError extends Error {}

interface TaskUnderWay {
  readonly host: TaskHost
  readonly resolve: (pieces: readonly WrittenPiece[]) => void
  readonly reject: (failure: unknown) => void
  /** Why it was told to give up. */
  reason?: { readonly failure: unknown }
  hasAll: boolean
}

export class WriterThread {
  readonly #scheduler: Scheduler
  #worker: Worker | undefined
  #gone: Promise<unknown> = Promise.resolve()
  #current: TaskUnderWay | undefined
  #idle: { cancel(): void } | undefined
  #isUsable = true

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler
  }

  get isRunning(): boolean {
    return this.#worker !== undefined
  }

  /** Whether there is one, or can be. */
  get isUsable(): boolean {
    return this.#isUsable
  }

  /**
   * Writes files; one task at a time. If that fails, files that were named may be there.
   *
   * @throws {ThreadLostError} When it has to be done in this thread.
   */
  write(task: WriteTask, host: TaskHost): Promise<readonly WrittenPiece[]> {
    this.#idle?.cancel()
    return new Promise((resolve, reject) => {
      this.#current = { host, resolve, reject, hasAll: false }
      try {
        this.#worker ??= this.#start()
        this.#worker.ref()
        this.#tell({ kind: 'write', task })
      } catch (failure) {
        this.#lose(failure)
      }
    })
  }

  /** Resolves when the thread is gone. Nothing may be under way. */
  end(): Promise<unknown> {
    this.#idle?.cancel()
    if (this.#worker !== undefined) {
      this.#worker.ref()
      this.#tell({ kind: 'end' })
    }
    this.#worker = undefined
    return this.#gone
  }

  #start(): Worker {
    // The arguments of the process are about its own main file.
    const worker = new Worker(workerFile, { execArgv: [], resourceLimits: RESOURCE_LIMITS })
    let failure: unknown
    const note = (reason: unknown) => {
      failure ??= reason
    }
    worker.on('message', (word: WorkerWord) => this.#hear(word))
    worker.on('error', note)
    worker.on('messageerror', (failure) => {
      note(failure)
      worker.postMessage({ kind: 'end' } satisfies WriterWord)
    })
    const gone = new Promise<void>((resolve) => {
      worker.on('exit', (code) => {
        if (this.#worker === worker) this.#lose(failure ?? new Error(`the thread ended by itself, with code ${code}`))
        resolve()
      })
    })
    // One that went before may still be on its way.
    this.#gone = Promise.all([this.#gone, gone])
    return worker
  }

  #hear(word: WorkerWord): void {
    const current = this.#current
    if (current === undefined) return
    const { reason } = current
    if (word.kind === 'written' || word.kind === 'failure') {
      this.#rest()
      if (reason !== undefined) current.reject(reason.failure)
      else if (word.kind === 'written') current.resolve(word.pieces)
      else current.reject(unpackError(word.failure))
    } else if (reason === undefined) {
      this.#answer(word, current).catch((failure) => this.#giveUp(failure))
    }
  }

  async #answer(word: WorkerQuestion, current: TaskUnderWay): Promise<void> {
    const { host } = current
    host.check()
    if (word.kind === 'name a file') {
      this.#tell({ kind: 'name', name: await host.namePiece(word.isFirst) })
    } else if (word.kind === 'may I go on') this.#tell({ kind: 'go on' })
    else if (!current.hasAll) {
      const packed = host.slice(() => host.packer!.next(word.memory))
      current.hasAll = packed.isLast
      this.#tell({ kind: 'entries', packed })
    }
  }

  /** The worker is told, and answers when it has closed what it wrote. */
  #giveUp(failure: unknown): void {
    if (this.#current === undefined) return
    this.#current.reason = { failure }
    this.#tell({ kind: 'give up' })
  }

  /** Until the next task. */
  #rest(): void {
    this.#current = undefined
    this.#worker?.unref()
    this.#idle = this.#scheduler.after(IDLE_MS, () => void this.end())
  }

  #lose(cause: unknown): void {
    this.#isUsable = false
    // Mostly it is dead; if it can't be told what to do, it has to be.
    void this.#worker?.terminate()
    this.#worker = undefined
    const current = this.#current
    this.#current = undefined
    current?.reject(new ThreadLostError('the thread that writes files is lost', { cause }))
  }

  #tell(word: WriterWord): void {
    this.#worker?.postMessage(word)
  }
}
