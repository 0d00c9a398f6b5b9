/**
 * A worker thread of a scan: reads its part of a tree from the files, a page each time it is asked. It shares nothing with
 * the thread that started it but the pieces of its part that are in no file, and the bytes of its pages: nobody changes what
 * the other one may still read. The package has it as a file of its own.
 */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { type Checksum, loadChecksum } from '../../base/checksum.js'
import { packError } from '../../base/portable-error.js'
import { NodeFileSystem } from '../../storage/disk/node-file-system.js'
import { type OpenedTree, openTree } from '../../storage/portable-tree.js'
import { PackedCursor } from '../../storage/tree/packed-entries.js'
import { PagePacker } from './packed-page.js'
import type { ScanTask, ScanWord, ScanWorkerWord } from './scan-task.js'

/** Pieces of memory that are asked for ahead. */
const PIECES_AHEAD = 3

class Scanning {
  readonly #port: MessagePort
  readonly #task: ScanTask
  readonly #checksum: Checksum
  readonly #entries: PackedCursor | undefined
  #tree: OpenedTree | undefined
  #pages: PagePacker | undefined
  /** Pages that were asked for and not made. */
  #asked = 0
  #isMaking = false
  /** Goes on with what waits for a piece. */
  #wake: () => void = () => {}

  constructor(port: MessagePort, task: ScanTask, checksum: Checksum) {
    this.#port = port
    this.#task = task
    this.#checksum = checksum
    if (!task.part.hasEntries) return
    this.#entries = new PackedCursor(0, (memory) => this.#tell({ kind: 'send entries', memory }))
    for (let i = 0; i < PIECES_AHEAD; i++) this.#tell({ kind: 'send entries' })
  }

  hear(word: ScanWord): void {
    if (word.kind === 'end') {
      this.#tree?.close()
      // This thread alone. To close the port would not do: what NODE_OPTIONS preload may keep it alive.
      process.exit()
    }
    if (word.kind === 'entries') {
      this.#entries!.add(word.packed)
      this.#wake()
    } else {
      this.#asked += 1
      if (!this.#isMaking) void this.#makePages()
    }
  }

  async #makePages(): Promise<void> {
    this.#isMaking = true
    // Behind the last page, some may have been asked for ahead.
    for (; this.#asked > 0 && this.#pages?.isDone !== true; this.#asked--) {
      try {
        this.#pages ??= this.#open()
        this.#tell({ kind: 'page', page: await this.#pages.next() })
      } catch (failure) {
        this.#tell({ kind: 'failure', failure: packError(failure) })
      }
    }
    this.#isMaking = false
  }

  #open(): PagePacker {
    const files = new NodeFileSystem()
    this.#tree ??= openTree({ files, checksum: this.#checksum }, this.#task.part, this.#entries)
    return new PagePacker({ cursor: this.#tree.cursor, supply: () => this.#supply() }, this.#task)
  }

  #supply(): Promise<void> | undefined {
    return this.#entries?.isDry === true ? this.#arrival(this.#entries) : undefined
  }

  async #arrival(entries: PackedCursor): Promise<void> {
    while (entries.isDry) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  #tell(word: ScanWorkerWord): void {
    this.#port.postMessage(word)
  }
}

async function work(port: MessagePort, task: ScanTask): Promise<void> {
  const checksum = await loadChecksum()
  const scanning = new Scanning(port, task, checksum)
  // Words that came meanwhile have waited in the port.
  port.on('message', (word: ScanWord) => scanning.hear(word))
}

await work(parentPort!, workerData as ScanTask)
