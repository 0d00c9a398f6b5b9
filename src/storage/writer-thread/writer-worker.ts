/**
 * The worker thread that writes sorted files: from other sorted files, which it opens by their paths, and from what is in
 * memory, which it is sent. It writes as any thread does (partition/piece-writer.ts), one task after the other. The package
 * has it as a file of its own.
 */
import { type MessagePort, parentPort } from 'node:worker_threads'
import { type Checksum, loadChecksum } from '../../base/checksum.js'
import { packError } from '../../base/portable-error.js'
import { nextTurn } from '../../base/turn.js'
import { NodeFileSystem } from '../disk/node-file-system.js'
import { type PieceHost, type PieceName, writePieces } from '../partition/piece-writer.js'
import { sourceCursor } from '../partition/write-source.js'
import { BlockCache, slotByteLength } from '../sorted-file/block-cache.js'
import { OpenFiles } from '../sorted-file/open-files.js'
import { SortedFileReader } from '../sorted-file/sorted-file-reader.js'
import { PackedCursor } from '../tree/packed-entries.js'
import type { WorkerWord, WriterWord, WriteTask } from './writer-messages.js'

/** Pieces of memory that are asked for ahead. */
const PIECES_AHEAD = 3
/** How often the other thread is asked whether to go on, in slices. */
const SLICES_PER_QUESTION = 8
/** For pages of indexes: each is looked into for every block that it names. */
const CACHE_BYTE_LIMIT = 1024 * 1024
const OPEN_FILE_LIMIT = 64

const files = new NodeFileSystem()

/** A task under way. */
class Writing implements PieceHost {
  readonly #port: MessagePort
  readonly #task: WriteTask
  readonly #entries: PackedCursor | undefined
  #sliceCount = 0
  /** How often it was asked whether to go on, … */
  #asked = 0
  /** … and how often the answer was that. */
  #allowed = 0
  #isOver = false
  /** Goes on with what is waited for. */
  #wake: () => void = () => {}
  #name: PieceName | undefined

  constructor(port: MessagePort, task: WriteTask) {
    this.#port = port
    this.#task = task
    if (!task.hasEntries) return
    this.#entries = new PackedCursor(task.plan.lowestLsn, (memory) => {
      this.#tell({ kind: 'send entries', memory })
    })
    for (let i = 0; i < PIECES_AHEAD; i++) this.#tell({ kind: 'send entries' })
  }

  async run(checksum: Checksum): Promise<void> {
    const { settings, plan, bounds } = this.#task
    const { databaseId, blockByteLength } = settings
    const openFiles = new OpenFiles(files, OPEN_FILE_LIMIT)
    const cache = new BlockCache(CACHE_BYTE_LIMIT, slotByteLength(blockByteLength))
    const context = { files, checksum, openFiles, cache, databaseId }
    try {
      const readers = this.#task.files.map(
        ({ path, record, owner }) => new SortedFileReader(path, record, owner, context),
      )
      const source = sourceCursor(this.#entries, readers, bounds)
      const pieces = await writePieces({ files, checksum }, settings, source, plan, this)
      this.#tell({ kind: 'written', pieces })
    } catch (failure) {
      this.#tell({ kind: 'failure', failure: packError(failure) })
    } finally {
      openFiles.closeAll()
    }
  }

  hear(word: WriterWord): void {
    if (word.kind === 'entries') this.#entries!.add(word.packed)
    if (word.kind === 'name') this.#name = word.name
    if (word.kind === 'go on') this.#allowed += 1
    if (word.kind === 'give up') this.#isOver = true
    this.#wake()
  }

  async namePiece(isFirst: boolean): Promise<PieceName> {
    this.#tell({ kind: 'name a file', isFirst })
    while (this.#name === undefined) await this.#word()
    const name = this.#name
    this.#name = undefined
    return name
  }

  supply(): Promise<void> | undefined {
    return this.#entries?.isDry === true ? this.#arrival(this.#entries) : undefined
  }

  async pause(): Promise<void> {
    this.#sliceCount += 1
    if (this.#sliceCount % SLICES_PER_QUESTION === 0) this.#ask()
    // Words that have come are heard now.
    await nextTurn()
    this.#check()
  }

  async waitFor(synced: Promise<void>): Promise<void> {
    await synced
    // The folder may be another process's by now, and a file of that one have the name that this one gets next.
    this.#ask()
    while (this.#allowed < this.#asked) await this.#word()
  }

  async #arrival(entries: PackedCursor): Promise<void> {
    while (entries.isDry) await this.#word()
  }

  async #word(): Promise<void> {
    this.#check()
    await new Promise<void>((resolve) => {
      this.#wake = resolve
    })
    this.#check()
  }

  #ask(): void {
    this.#asked += 1
    this.#tell({ kind: 'may I go on' })
  }

  #check(): void {
    if (this.#isOver) throw new Error('the other thread gave up')
  }

  #tell(word: WorkerWord): void {
    this.#port.postMessage(word)
  }
}

async function work(port: MessagePort): Promise<void> {
  const checksum = await loadChecksum()
  let writing: Writing | undefined
  // Words that came meanwhile have waited in the port.
  port.on('message', (word: WriterWord) => {
    // This thread alone. To close the port would not do: what NODE_OPTIONS preload may keep it alive.
    if (word.kind === 'end') process.exit()
    else if (word.kind === 'write') {
      writing = new Writing(port, word.task)
      void writing.run(checksum)
    } else writing!.hear(word)
  })
  // The other thread hears that this one died, and writes itself.
  port.on('messageerror', (failure) => {
    throw failure
  })
}

await work(parentPort!)
