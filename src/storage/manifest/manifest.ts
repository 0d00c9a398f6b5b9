/**
 * The manifest: the single truth about which sorted files and which part of the log count.
 *
 * Invariants:
 *   - An edit takes effect only after it is synced; files it no longer names are removed only after that.
 *   - Every opening for writing starts a new manifest with a snapshot: edits found in the old one may never have become
 *     durable, and nothing may be built on what a power cut can still undo.
 *   - Of several manifests the one with the highest number counts. If it is damaged, opening is refused: falling back
 *     to an older one would silently travel back in time.
 */
import { CorruptionError, NotADatabaseError } from '../../errors.js'
import { writeAtomicFile } from '../disk/atomic-file.js'
import { fileName, manifestNumber } from '../disk/file-name.js'
import { type OpenFile, readFile } from '../disk/file-system.js'
import { checkNamed, checkOurs, givingName, type OwnedFolder } from '../disk/owned-folder.js'
import { isPassing } from '../disk/passing-failure.js'
import type { Environment } from '../environment.js'
import {
  applyEdit,
  decodeManifestFrame,
  encodeManifestFrame,
  laterFrameExists,
  type ManifestEdit,
  type ManifestState,
} from './manifest-format.js'

/** When a manifest has this many edits, a new one begins. */
const EDIT_LIMIT = 1000

/** What a manifest says, and up to where. */
export interface ReadManifest {
  readonly state: ManifestState
  readonly number: number
  readonly editCount: number
  readonly byteLength: number
}

export class Manifest {
  readonly #environment: Environment
  readonly #root: string
  readonly #folder: OwnedFolder
  #state: ManifestState
  #number: number
  #file: OpenFile
  #end: number
  #editCount = 0
  /** The edit that was asked for last. */
  #last: Promise<void> = Promise.resolve()

  private constructor(environment: Environment, folder: OwnedFolder, state: ManifestState, number: number) {
    this.#environment = environment
    this.#root = folder.root
    this.#folder = folder
    this.#state = state
    this.#number = number
    this.#writeSnapshot(number)
    const opened = this.#openSnapshot(number)
    this.#file = opened.file
    this.#end = opened.end
  }

  get state(): ManifestState {
    return this.#state
  }

  get number(): number {
    return this.#number
  }

  /** How many edits of it are durable. */
  get editCount(): number {
    return this.#editCount
  }

  /**
   * Begins a new manifest with a snapshot of `state`; the older ones go once it is durable.
   *
   * @throws {FencedError} When another process has the folder by now, and has begun one.
   */
  static start(environment: Environment, folder: OwnedFolder, state: ManifestState, number: number): Manifest {
    return new Manifest(environment, folder, state, number)
  }

  /** What the newest manifest of a folder says; undefined when there is none. */
  static read(
    { files, checksum }: Pick<Environment, 'files' | 'checksum'>,
    root: string,
    databaseId: string,
  ): ReadManifest | undefined {
    const number = newestManifest(files.list(root))
    if (number === undefined) return undefined

    const path = fileName.manifest(root, number)
    const bytes = Buffer.from(readFile(files, path))
    const seal = { manifest: number, checksum }
    const first = decodeManifestFrame(bytes, 0, 0, seal)
    if (first?.frame.kind !== 'snapshot') throw new CorruptionError(path, 0, 'its snapshot is damaged')
    let state = first.frame.state
    if (state.databaseId !== databaseId) throw new NotADatabaseError(root, `"${path}" belongs to another database`)

    let offset = first.byteLength
    let editCount = 0
    for (let sequence = 1; offset < bytes.length; sequence++) {
      const next = decodeManifestFrame(bytes, offset, sequence, seal)
      if (next?.frame.kind !== 'edit') {
        // The last edit may be torn: nobody acted on it. One that others follow was durable.
        if (laterFrameExists(bytes, offset, sequence, seal)) {
          throw new CorruptionError(path, offset, `edit ${sequence} is damaged, and later ones follow`)
        }
        break
      }
      state = applyEdit(state, next.frame.edit)
      offset += next.byteLength
      editCount = sequence
    }
    return { state, number, editCount, byteLength: offset }
  }

  /** Makes a change durable. When this resolves, files that are no longer named may go. */
  edit(edit: ManifestEdit): Promise<void> {
    // One after the other: each has its place behind the one before.
    const edited = this.#last.then(() => this.#edit(edit))
    this.#last = edited.catch(() => {})
    return edited
  }

  async #edit(edit: ManifestEdit): Promise<void> {
    const sequence = this.#editCount + 1
    const seal = { manifest: this.#number, checksum: this.#environment.checksum }
    const frame = encodeManifestFrame({ kind: 'edit', edit }, sequence, seal)
    this.#file.write(frame, this.#end)
    await this.#file.syncLater('manifest-edit')
    checkNamed(this.#folder, this.#environment.files, fileName.manifest(this.#root, this.#number))
    this.#end += frame.length
    this.#editCount = sequence
    this.#state = applyEdit(this.#state, edit)
    if (sequence >= EDIT_LIMIT) this.#startNextIfThereIsSpace()
  }

  close(): void {
    this.#file.close()
  }

  /** The edit is durable: that there is no space for a new manifest must not look as if it were not. */
  #startNextIfThereIsSpace(): void {
    try {
      this.#writeSnapshot(this.#number + 1)
    } catch (failure) {
      // It has no name yet, so this one goes on, and the next edit tries again.
      if (isPassing(failure)) return
      throw failure
    }
    const opened = this.#openSnapshot(this.#number + 1)
    // Not before there is another one: after a failure it is closed with everything else.
    this.#file.close()
    this.#number += 1
    this.#editCount = 0
    this.#file = opened.file
    this.#end = opened.end
  }

  #writeSnapshot(number: number): void {
    const { files, checksum } = this.#environment
    const path = fileName.manifest(this.#root, number)
    const seal = { manifest: number, checksum }
    const snapshot = encodeManifestFrame({ kind: 'snapshot', state: this.#state }, 0, seal)
    const sync = { file: 'manifest-snapshot', directory: 'manifest-directory' } as const
    // Once more when its bytes are durable: that may have taken long.
    givingName(this.#folder, () => writeAtomicFile(files, path, snapshot, sync, () => checkOurs(this.#folder)))
  }

  /** The manifest that was just written, for edits; the older ones go. */
  #openSnapshot(number: number): { file: OpenFile; end: number } {
    const { files } = this.#environment
    for (const name of files.list(this.#root)) {
      const older = manifestNumber(name)
      if (older !== undefined && older < number) files.remove(fileName.manifest(this.#root, older))
    }
    const file = files.open(fileName.manifest(this.#root, number), 'write')
    return { file, end: file.size() }
  }
}

function newestManifest(names: readonly string[]): number | undefined {
  let newest: number | undefined
  for (const name of names) {
    const number = manifestNumber(name)
    if (number !== undefined && (newest === undefined || number > newest)) newest = number
  }
  return newest
}
