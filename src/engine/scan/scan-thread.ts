/**
 * A worker thread of a scan, as the thread that started it sees it. It keeps the process alive only while an answer, or
 * its end, is waited for. It is never terminated: between two answers it ends when it is told to.
 */
import { Worker } from 'node:worker_threads'
import { unpackError } from '../../base/portable-error.js'
import type { PackedEntries } from '../../storage/tree/packed-entries.js'
import type { PackedPage } from './packed-page.js'
import type { ScanTask, ScanWord, ScanWorkerWord } from './scan-task.js'
import { workerFile } from './worker-file.js'

export interface ScanThreadEvents {
  /** Asked for the next piece of what is in no file; undefined when there is none, or it is of no use. */
  readonly nextEntries: (memory: SharedArrayBuffer | undefined) => PackedEntries | undefined
  readonly onPage: (page: PackedPage, thread: ScanThread) => void
  /** What the worker reports, or that it died. */
  readonly onFailure: (failure: Error) => void
}

export class ScanThread {
  readonly #worker: Worker
  readonly #ended: Promise<void>
  /** Questions without an answer. */
  #asked = 0
  #isEnding = false

  constructor(task: ScanTask, { nextEntries, onPage, onFailure }: ScanThreadEvents) {
    // The arguments of the process are about its own main file.
    const worker = new Worker(workerFile, { workerData: task, execArgv: [] })
    this.#worker = worker
    worker.unref()
    worker.on('message', (answer: ScanWorkerWord) => {
      if (answer.kind === 'send entries') {
        try {
          const packed = nextEntries(answer.memory)
          if (packed !== undefined) this.#tell({ kind: 'entries', packed })
        } catch (failure) {
          onFailure(failure as Error)
        }
        return
      }
      // Behind the last page there are no answers.
      this.#asked = answer.kind === 'page' && !answer.page.isLast ? this.#asked - 1 : 0
      if (this.#asked === 0 && !this.#isEnding) worker.unref()
      if (answer.kind === 'page') onPage(answer.page, this)
      else onFailure(unpackError(answer.failure))
    })
    worker.on('messageerror', onFailure)
    worker.on('error', onFailure)
    this.#ended = new Promise((resolve) => {
      worker.on('exit', (exitCode) => {
        if (!this.#isEnding) onFailure(new Error(`a worker of the scan ended by itself, with code ${exitCode}`))
        resolve()
      })
    })
  }

  /** Asks for one more page. */
  ask(): void {
    this.#asked += 1
    this.#ask({ kind: 'next page' })
  }

  /** Resolves when the thread is gone. */
  end(): Promise<void> {
    if (!this.#isEnding) {
      this.#isEnding = true
      this.#ask({ kind: 'end' })
    }
    return this.#ended
  }

  /** What it does then is waited for. */
  #ask(word: ScanWord): void {
    this.#worker.ref()
    this.#tell(word)
  }

  #tell(word: ScanWord): void {
    this.#worker.postMessage(word)
  }
}
