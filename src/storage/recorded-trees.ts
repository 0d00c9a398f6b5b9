/**
 * A moment of the storage, read through a recorder: what was read, and that something was not there, is remembered until
 * it is asked whether all of it is still so. A range counts with everything that was met in it, and with the gaps between.
 *
 * It compares values, not times: what was changed and changed back is as it was, and whoever read it can't tell.
 */

import { Buffer } from 'node:buffer'
import type { HashedKey } from '../base/key-hash.js'
import { ValidationException } from '../errors.js'
import type { StorageSnapshot } from './snapshot.js'
import type { Storage } from './storage.js'
import {
  type ByteView,
  CopiedKey,
  compareBytes,
  type Direction,
  type EntryCursor,
  type Finding,
  type FoundValue,
  type KeyBounds,
} from './tree/cursor.js'
import { MergeCursor } from './tree/merge.js'
import { RangeCursor } from './tree/range-cursor.js'
import type { SortedTree } from './tree/sorted-tree.js'
import type { ReadableTrees } from './view.js'

/** So much may be read: all of it is compared in one turn. */
const RECORDED_BYTE_LIMIT = 32 * 1024 * 1024

interface RecordedPoint {
  readonly tree: number
  readonly key: string
  readonly value: Uint8Array | undefined
}

interface RecordedRange {
  readonly tree: number
  readonly bounds: KeyBounds
  readonly direction: Direction
  readonly entries: { readonly key: string; readonly value: Uint8Array }[]
  /** Whether it was read to its end. */
  isWhole: boolean
}

/** What stands above the moment and was not read from it: the reader's own writes. */
export interface OwnEntries {
  /** Looks for a key. Where its value is, and stays, is in `target` afterwards. */
  find(tree: number, key: string, target: FoundValue): Finding
  /** What there is of a tree now; undefined when there is nothing. It stays as it is. */
  snapshot(tree: number): SortedTree | undefined
}

export class RecordedTrees implements ReadableTrees {
  readonly #snapshot: StorageSnapshot
  readonly #own: OwnEntries
  readonly #points = new Map<string, RecordedPoint>()
  readonly #ranges: RecordedRange[] = []
  /** What was published when the moment was taken. */
  readonly #lsn: number
  #byteLength = 0

  constructor(storage: Storage, own: OwnEntries) {
    this.#lsn = storage.publishedLsn
    this.#snapshot = storage.snapshot()
    this.#own = own
  }

  peek(tree: number, key: HashedKey): ByteView | undefined {
    const value = this.get(tree, key.text)
    return value && { bytes: value, start: 0, end: value.length }
  }

  get(tree: number, key: string): Uint8Array | undefined {
    const own = { bytes: NOTHING, start: 0, end: 0 }
    const finding = this.#own.find(tree, key, own)
    if (finding === 'removed') return undefined
    if (finding === 'found') return own.bytes.subarray(own.start, own.end)
    return this.before(tree, key)
  }

  /** What stood there without the reader's own writes. */
  before(tree: number, key: string): Uint8Array | undefined {
    const name = `${tree}/${key}`
    const known = this.#points.get(name)
    if (known !== undefined) return known.value
    const value = this.#snapshot.get(tree, key)
    this.#note(key.length + (value?.length ?? 0))
    this.#points.set(name, { tree, key, value })
    return value
  }

  range(tree: number, bounds: KeyBounds, direction: Direction = 'ascending', tombstoneLimit?: number): RangeCursor {
    const recorded: RecordedRange = { tree, bounds, direction, entries: [], isWhole: false }
    this.#ranges.push(recorded)
    const found = this.#snapshot.range(tree, bounds, direction)
    const source = new RecordingCursor(found, recorded, (byteLength) => this.#note(byteLength))
    // A filter may write to the transaction while it is asked.
    const own = this.#own.snapshot(tree)
    if (own === undefined) return new RangeCursor(source, tombstoneLimit)
    const still = own.cursor(bounds, direction)
    return new RangeCursor(new MergeCursor([still, source], direction), tombstoneLimit)
  }

  /** Whether the next commit would find everything as it was read. */
  isUnchanged(storage: Storage): boolean {
    if (storage.queuedLsn === this.#lsn) return true
    for (const { tree, key, value } of this.#points.values()) if (!isSame(storage.head(tree, key), value)) return false
    return this.#ranges.every((range) => isRangeUnchanged(storage, range))
  }

  /** Whether something holds for any value of a tree that was read. */
  some(tree: number, holds: (value: Uint8Array) => boolean): boolean {
    for (const point of this.#points.values()) {
      if (point.tree === tree && point.value !== undefined && holds(point.value)) return true
    }
    return this.#ranges.some((range) => range.tree === tree && range.entries.some(({ value }) => holds(value)))
  }

  release(): void {
    this.#snapshot.release()
  }

  #note(byteLength: number): void {
    this.#byteLength += byteLength
    if (this.#byteLength <= RECORDED_BYTE_LIMIT) return
    const reason = `it has read more than ${RECORDED_BYTE_LIMIT / 1024 / 1024} MB; read what need not stay as it is before`
    throw new ValidationException('TRANSACTION', `Cannot go on with the transaction: ${reason}`)
  }
}

/** The live entries of a range, remembered as they are met. */
class RecordingCursor implements EntryCursor {
  readonly #source: RangeCursor
  readonly #recorded: RecordedRange
  readonly #note: (byteLength: number) => void
  #key = ''
  #copiedKey: CopiedKey | undefined
  readonly isTombstone = false
  bytes: Uint8Array = NOTHING
  readonly start = 0
  end = 0

  constructor(source: RangeCursor, recorded: RecordedRange, note: (byteLength: number) => void) {
    this.#source = source
    this.#recorded = recorded
    this.#note = note
  }

  next(): boolean {
    if (!this.#source.next()) {
      this.#recorded.isWhole = true
      return false
    }
    const key = this.#source.key()
    const value = this.#source.value()
    this.#note(key.length + value.length)
    this.#recorded.entries.push({ key, value })
    this.#key = key
    this.bytes = value
    this.end = value.length
    return true
  }

  compareTo(key: ByteView): number {
    return compareBytes(this.keyView(), key)
  }

  keyView(): ByteView {
    this.#copiedKey ??= new CopiedKey()
    return this.#copiedKey.of(this)
  }

  key(): string {
    return this.#key
  }

  keyLength(): number {
    return this.#key.length
  }

  copyKey(target: Uint8Array, start: number): void {
    for (let i = 0; i < this.#key.length; i++) target[start + i] = this.#key.charCodeAt(i)
  }

  /** Nobody asks: it is read by readers alone. */
  lsn(): number {
    return 0
  }
}

/** What is there must be what was read, and what is queued there must leave it so: a checkpoint commits some entries again. */
function isRangeUnchanged(storage: Storage, { tree, bounds, direction, entries, isWhole }: RecordedRange): boolean {
  for (const key of storage.queuedKeys(tree, readPart(bounds, direction, entries, isWhole))) {
    if (!isSame(storage.head(tree, key), storage.get(tree, key))) return false
  }
  const found = storage.range(tree, bounds, direction)
  for (const { key, value } of entries) {
    if (!found.next() || found.key() !== key) return false
    if (!isSame(found.bytes.subarray(found.start, found.end), value)) return false
  }
  return !isWhole || !found.next()
}

/** The part of a range that was read. */
function readPart(
  { lower, upper }: KeyBounds,
  direction: Direction,
  entries: RecordedRange['entries'],
  isWhole: boolean,
): KeyBounds {
  const last = entries.at(-1)?.key
  if (isWhole || last === undefined) return { lower, upper }
  // The lowest byte string above a key is the key and a zero byte.
  return direction === 'ascending' ? { lower, upper: `${last}\0` } : { lower: last, upper }
}

function isSame(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a === undefined || b === undefined ? a === b : Buffer.compare(a, b) === 0
}

const NOTHING: Uint8Array = Buffer.alloc(0)
