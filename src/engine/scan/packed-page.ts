/**
 * A page of a worker's part of a scan, in bytes: what `postMessage` makes of objects would cost more than encoding them,
 * and knows no `Decimal`. Whole items stay as they are stored; each has its length in front.
 */
import { ByteReader } from '../../base/byte-reader.js'
import { ByteWriter } from '../../base/byte-writer.js'
import { compileFilter } from '../../model/expression/compile-filter.js'
import type { Predicate } from '../../model/expression/predicate.js'
import { compileProjection, type Projection } from '../../model/expression/projection.js'
import type { Item } from '../../model/item/item.js'
import { encodeItem, ItemCodec } from '../../model/item/item-codec.js'
import { ShapeDictionary } from '../../model/item/shape-dictionary.js'
import type { EntryCursor } from '../../storage/tree/cursor.js'
import { isExpiredItem } from '../commit/stored-item.js'
import { passes, selected } from '../operation/selected-item.js'
import { unpackFilter } from './portable-filter.js'
import type { ScanTask } from './scan-task.js'

export interface PackedPage {
  /** In memory of its own, which both threads share: it is neither copied nor taken away from this one. */
  readonly items: Uint8Array<SharedArrayBuffer>
  readonly count: number
  readonly scanned: number
  readonly isLast: boolean
}

/** What a page looks at before it ends: some milliseconds. */
const PAGE_BYTE_LIMIT = 1024 * 1024
const PAGE_ENTRY_LIMIT = 20_000

/** What pages are made of. */
export interface PageSource {
  readonly cursor: EntryCursor
  /** What has to arrive before the cursor can go on, if anything has. */
  supply(): Promise<void> | undefined
}

/** Makes pages out of what a cursor walks over. */
export class PagePacker {
  readonly #source: PageSource
  readonly #task: ScanTask
  readonly #codec: ItemCodec
  readonly #filter: Predicate | undefined
  readonly #projection: Projection
  readonly #out = new ByteWriter()
  #isDone = false

  constructor(source: PageSource, task: ScanTask) {
    const { filter, nowMs } = task
    const dictionary = new ShapeDictionary()
    for (const [number, names] of task.shapes) dictionary.restore(number, names)
    this.#codec = new ItemCodec(dictionary)
    this.#source = source
    this.#task = task
    this.#filter = filter === undefined ? undefined : compileFilter(unpackFilter(filter), { now: () => nowMs / 1000 })
    this.#projection = compileProjection(task.select)
  }

  /** Whether the last page was made. */
  get isDone(): boolean {
    return this.#isDone
  }

  /** One at a time. */
  async next(): Promise<PackedPage> {
    const { countOnly, nowMs } = this.#task
    const source = this.#source
    const { cursor } = source
    this.#out.clear()
    let count = 0
    let scanned = 0
    let byteLength = 0
    for (let looked = 0; byteLength < PAGE_BYTE_LIMIT && looked < PAGE_ENTRY_LIMIT; looked++) {
      const supply = source.supply()
      if (supply !== undefined) await supply
      if (!cursor.next()) {
        this.#isDone = true
        break
      }
      if (cursor.isTombstone) continue
      const { bytes, start, end } = cursor
      byteLength += end - start
      scanned += 1
      const isExpired = isExpiredItem(this.#codec, this.#task, bytes, nowMs, start, end)
      if (isExpired || !passes(this.#codec, this.#filter, bytes, start, end)) continue
      count += 1
      if (!countOnly) this.#add(bytes, start, end)
    }
    return { items: this.#packed(), count, scanned, isLast: this.#isDone }
  }

  #add(bytes: Uint8Array, start: number, end: number): void {
    // Without numbers: this dictionary is a copy, and can give none.
    const isWhole = this.#projection.attributes === undefined
    const item = isWhole
      ? bytes.subarray(start, end)
      : encodeItem(selected(this.#codec, this.#projection, bytes, start, end))
    this.#out.varint(item.length)
    this.#out.bytes(item)
  }

  #packed(): Uint8Array<SharedArrayBuffer> {
    const items = new Uint8Array(new SharedArrayBuffer(this.#out.length))
    items.set(this.#out.view())
    return items
  }
}

export function unpackItems({ items }: PackedPage, codec: ItemCodec): Item[] {
  const reader = new ByteReader(items)
  const found: Item[] = []
  while (reader.remaining > 0) {
    const byteLength = reader.varint()
    const end = reader.offset + byteLength
    found.push(codec.decode(items, reader.offset, end))
    reader.offset = end
  }
  return found
}
