/**
 * Entries of memory on their way to another thread: bytes, a piece after the other, in memory that both threads share. Memory
 * that is moved from one to the other would be taken away from this one, and once that has happened V8 looks before it reads
 * a byte of any memory whether it is still there.
 *
 *   each entry: length of the key, the key, commit (as a difference to the lowest), then length of the value + 1, the
 *   value; or 0 for a tombstone. All numbers are varints.
 */
import { ByteReader } from '../../base/byte-reader.js'
import { ByteWriter } from '../../base/byte-writer.js'
import { type ByteView, compareBytes, type EntryCursor } from './cursor.js'

/** Packed in one turn: some tenths of a millisecond. A piece ends with the entry that passes it. */
const PIECE_BYTE_LENGTH = 256 * 1024
const MEMORY_LENGTH = PIECE_BYTE_LENGTH + 16 * 1024

export interface PackedEntries {
  /** Memory of its own, which whoever has the piece may read; the entries are where it begins. */
  readonly memory: SharedArrayBuffer
  readonly byteLength: number
  readonly isLast: boolean
}

/** Packs what a cursor walks over. */
export class EntryPacker {
  readonly #cursor: EntryCursor
  readonly #lowestLsn: number
  readonly #out = new ByteWriter(PIECE_BYTE_LENGTH)

  constructor(cursor: EntryCursor, lowestLsn = 0) {
    this.#cursor = cursor
    this.#lowestLsn = lowestLsn
  }

  /**
   * The next piece. Behind the last one there is none.
   *
   * @param memory Of a piece that was read: it is used again, as far as the next one fits in.
   */
  next(memory: SharedArrayBuffer = new SharedArrayBuffer(MEMORY_LENGTH)): PackedEntries {
    const out = this.#out
    out.clear()
    const isLast = this.#pack(out)
    const { length: byteLength } = out
    const own = memory.byteLength >= byteLength ? memory : new SharedArrayBuffer(byteLength)
    new Uint8Array(own).set(out.view())
    return { memory: own, byteLength, isLast }
  }

  /** Answers whether there are no more entries. */
  #pack(out: ByteWriter): boolean {
    const cursor = this.#cursor
    while (out.length < PIECE_BYTE_LENGTH) {
      if (!cursor.next()) return true
      const keyLength = cursor.keyLength()
      out.varint(keyLength)
      const keyStart = out.length
      out.skip(keyLength)
      cursor.copyKey(out.memory, keyStart)
      out.varint(cursor.lsn() - this.#lowestLsn)
      if (cursor.isTombstone) out.varint(0)
      else {
        const { bytes, start, end } = cursor
        out.varint(end - start + 1)
        out.part(bytes, start, end)
      }
    }
    return false
  }
}

const NOTHING = new ByteReader(new Uint8Array())

/** Walks over packed entries, upwards, as they arrive. */
export class PackedCursor implements EntryCursor {
  readonly #lowestLsn: number
  readonly #onPieceRead: (memory: SharedArrayBuffer) => void
  readonly #arrived: PackedEntries[] = []
  #current: PackedEntries | undefined
  #reader: ByteReader = NOTHING
  #keyStart = 0
  #keyEnd = 0
  #lsn = 0
  bytes: Buffer = NOTHING.buffer
  start = 0
  end = 0
  isTombstone = false

  /** @param onPieceRead Called with the memory of a piece when the next one is begun. */
  constructor(lowestLsn = 0, onPieceRead: (memory: SharedArrayBuffer) => void = () => {}) {
    this.#lowestLsn = lowestLsn
    this.#onPieceRead = onPieceRead
  }

  /** Whether the next entry has not arrived yet: then `next` must not be called. */
  get isDry(): boolean {
    return this.#reader.remaining === 0 && this.#arrived.length === 0 && this.#current?.isLast !== true
  }

  add(piece: PackedEntries): void {
    this.#arrived.push(piece)
  }

  next(): boolean {
    while (this.#reader.remaining === 0) {
      const piece = this.#arrived.shift()
      if (piece === undefined) return false
      if (this.#current !== undefined) this.#onPieceRead(this.#current.memory)
      this.#current = piece
      this.#reader = new ByteReader(new Uint8Array(piece.memory, 0, piece.byteLength))
      this.bytes = this.#reader.buffer
    }
    const reader = this.#reader
    const keyLength = reader.varint()
    this.#keyStart = reader.offset
    this.#keyEnd = reader.offset += keyLength
    this.#lsn = this.#lowestLsn + reader.varint()
    const valueLength = reader.varint()
    this.isTombstone = valueLength === 0
    this.start = reader.offset
    this.end = this.isTombstone ? reader.offset : reader.offset + valueLength - 1
    reader.offset = this.end
    return true
  }

  compareTo(key: ByteView): number {
    return compareBytes(this.keyView(), key)
  }

  keyView(): ByteView {
    return { bytes: this.bytes, start: this.#keyStart, end: this.#keyEnd }
  }

  key(): string {
    return this.bytes.toString('latin1', this.#keyStart, this.#keyEnd)
  }

  keyLength(): number {
    return this.#keyEnd - this.#keyStart
  }

  copyKey(target: Uint8Array, start: number): void {
    const { bytes } = this
    const end = this.#keyEnd
    for (let from = this.#keyStart, to = start; from < end; from++, to++) target[to] = bytes[from]!
  }

  lsn(): number {
    return this.#lsn
  }
}
