/**
 * Bytes to items (architecture/item-format.md).
 *
 * Whatever the bytes are, decoding ends in an item that is the caller's own or in a `CorruptionError`: it reads nothing
 * past the end, makes nothing larger than the bytes justify, goes no deeper than items go, and touches no prototype.
 *
 * Most items of a table have the same names, so names are decoded once and then found again: by their number, or by their
 * bytes (shape.ts).
 */
import { isUtf8 } from 'node:buffer'
import { CorruptionError } from '../../errors.js'
import { Decimal } from './decimal.js'
import { type AttributeValue, ITEM_DEPTH_LIMIT, type Item } from './item.js'
import {
  ITEM_VERSION_NAMED,
  ITEM_VERSION_NUMBERED,
  NO_SHAPE_NUMBER,
  TAG_BIGINT,
  TAG_BIGINT_TEXT,
  TAG_BINARY,
  TAG_BINARY_SET,
  TAG_DECIMAL,
  TAG_DOUBLE,
  TAG_FALSE,
  TAG_INTEGER,
  TAG_LATIN1,
  TAG_LIST,
  TAG_MAP,
  TAG_NULL,
  TAG_NUMBER_SET,
  TAG_SHORT_LATIN1,
  TAG_SMALL_INTEGER,
  TAG_STRING_SET,
  TAG_TRUE,
  TAG_UTF8,
} from './item-format.js'
import { addShape, positionOf, type Shape, shapeOfBytes, type ValueReader } from './shape.js'
import type { ShapeDictionary } from './shape-dictionary.js'

/**
 * Up to this length bytes become one string that the short strings are cut out of: one call instead of many. Not
 * beyond, because a string that was cut out keeps the whole one in memory.
 */
const TEXT_LIMIT = 2048
/** Up to this many elements a list gets its room before they are read. */
const LIST_ROOM_LIMIT = 32

/** Up to so many bytes apart, items lie side by side: their keys are between them. */
const NEIGHBOUR_GAP = 512

/** Bytes as text. */
interface ReadText {
  bytes: Uint8Array | undefined
  start: number
  end: number
  text: string
  /** Whether what was read of these bytes lies side by side. */
  isSerial: boolean
}

/**
 * For whoever decodes items that lie side by side, one after the other: bytes of several become one string. They may lie
 * in two places, between which the reader goes to and fro, as where one merges what is in memory with a file; of a place
 * where they are scattered no more is read than the item. While a run is used, the same object must not come to hold other
 * bytes.
 */
export class TextRun {
  #last: ReadText = { bytes: undefined, start: 0, end: 0, text: '', isSerial: true }
  #other: ReadText | undefined

  get text(): string {
    return this.#last.text
  }

  /** Where in the bytes the text begins. */
  get start(): number {
    return this.#last.start
  }

  /** Makes the text one that has all from `start` to `end` in it, and as much of what is next to it as will be read. */
  cover(bytes: Uint8Array, start: number, end: number): void {
    if (bytes !== this.#last.bytes && this.#last.bytes !== undefined) this.#change(bytes)
    const last = this.#last
    if (bytes !== last.bytes) {
      last.bytes = bytes
      this.#read(start, end)
      return
    }
    if (start >= last.start && end <= last.end) return
    const isBackwards = start < last.start
    last.isSerial = isBackwards ? last.start - end <= NEIGHBOUR_GAP : start - last.end <= NEIGHBOUR_GAP
    this.#read(start, end, isBackwards)
  }

  /** Of the two places, the one where these bytes are, or the one that is worth less. */
  #change(bytes: Uint8Array): void {
    const last = this.#last
    const other = (this.#other ??= { bytes: undefined, start: 0, end: 0, text: '', isSerial: false })
    if (bytes !== other.bytes && (other.isSerial || !last.isSerial)) return
    this.#last = other
    this.#other = last
  }

  #read(start: number, end: number, isBackwards = false): void {
    const last = this.#last
    const bytes = last.bytes!
    last.start = last.isSerial && isBackwards ? Math.max(0, end - TEXT_LIMIT) : start
    last.end = last.isSerial && !isBackwards ? Math.min(bytes.length, start + TEXT_LIMIT) : end
    last.text = latin1Slice.call(bytes, last.start, last.end)
  }
}

/**
 * The item that the bytes from `start` to `end` hold. It shares no memory with them. The dictionary is the one that it
 * was encoded with.
 *
 * @throws {CorruptionError} When they hold no item, or something after it.
 */
export function decodeItem(
  bytes: Uint8Array,
  start = 0,
  end: number = bytes.length,
  dictionary?: ShapeDictionary,
  run?: TextRun,
): Item {
  const decoder = decoderOf(bytes, start, end, dictionary)
  try {
    decoder.version()
    decoder.readText(run)
    const item = decoder.mapContent(end)
    if (decoder.offset !== end) throw decoder.corrupt('there are bytes after the end of the item')
    return item
  } finally {
    idle = decoder
  }
}

/**
 * One attribute of the item that the bytes from `start` to `end` hold, or `undefined` if it has none of that name. The
 * others are passed over without being looked at.
 *
 * @throws {CorruptionError} When the bytes up to there are no item.
 */
export function decodeAttribute(
  bytes: Uint8Array,
  name: string,
  start = 0,
  end: number = bytes.length,
  dictionary?: ShapeDictionary,
): AttributeValue | undefined {
  const decoder = decoderOf(bytes, start, end, dictionary)
  try {
    decoder.version()
    if (!decoder.seek(name)) return undefined
    return decoder.value(end) as AttributeValue
  } finally {
    idle = decoder
  }
}

/**
 * Where the values of some attributes lie: for each name in turn, where its value begins and where it ends. Undefined if the
 * item lacks one of them, or if its names have no number.
 *
 * @throws {CorruptionError} When the bytes up to there are no item.
 */
export function locateAttributes(
  bytes: Uint8Array,
  names: readonly string[],
  start: number,
  end: number,
  dictionary: ShapeDictionary,
): number[] | undefined {
  const decoder = decoderOf(bytes, start, end, dictionary)
  try {
    decoder.version()
    return decoder.locate(names)
  } finally {
    idle = decoder
  }
}

/** Made once and used again: none of the caller's code runs while an item is decoded. */
function decoderOf(bytes: Uint8Array, start: number, end: number, dictionary: ShapeDictionary | undefined): Decoder {
  const decoder = idle ?? new Decoder()
  idle = undefined
  decoder.begin(bytes, start, end, dictionary)
  return decoder
}

let idle: Decoder | undefined

const NOTHING = new Uint8Array()

class Decoder implements ValueReader {
  bytes: Uint8Array = NOTHING
  offset = 0
  /** Bytes as latin-1, these among them; undefined when they are too many. */
  text: string | undefined = undefined
  textStart = 0
  private start = 0
  private end = 0
  private depth = 0
  /** Of an item of version 2. */
  private dictionary: ShapeDictionary | undefined = undefined

  begin(bytes: Uint8Array, start: number, end: number, dictionary: ShapeDictionary | undefined): void {
    this.dictionary = dictionary
    this.bytes = bytes
    this.start = start
    this.end = end
    this.offset = start
    this.text = undefined
    this.depth = 0
    if (!(start >= 0 && start <= end && end <= bytes.length)) throw this.corrupt('its bytes are not there')
  }

  version(): void {
    const at = this.offset
    const version = at < this.end ? this.bytes[at] : undefined
    if (version === ITEM_VERSION_NUMBERED) {
      if (this.dictionary === undefined) throw this.corrupt('its names are in a dictionary that is not there')
    } else if (version === ITEM_VERSION_NAMED) this.dictionary = undefined
    else {
      throw this.corrupt(
        version === undefined
          ? 'there are no bytes'
          : `its format is ${version}, this version reads ${ITEM_VERSION_NAMED} and ${ITEM_VERSION_NUMBERED}`,
      )
    }
    this.offset = at + 1
  }

  readText(run?: TextRun): void {
    const { bytes, start, end } = this
    if (end - start > TEXT_LIMIT) return
    if (run === undefined) {
      this.textStart = start
      this.text = latin1Slice.call(bytes, start, end)
      return
    }
    run.cover(bytes, start, end)
    this.textStart = run.start
    this.text = run.text
  }

  /** Goes to the value of the attribute; false if there is none of that name. */
  seek(name: string): boolean {
    const { bytes, end } = this
    const numbered = this.dictionary === undefined ? undefined : this.numberedShape(this.dictionary, end)
    if (numbered !== undefined) {
      const position = positionOf(numbered, name)
      if (position === undefined) return false
      this.skipTo(position)
      return true
    }
    const byteLength = this.varint(end)
    const namesEnd = this.offset + byteLength
    if (namesEnd > end) throw this.corrupt('its names run past its end')
    let position = 0
    while (this.offset < namesEnd) {
      const length = this.varint(namesEnd)
      const at = this.offset
      if (at + length > namesEnd) throw this.corrupt('a string runs past its end')
      this.offset = at + length
      if (isName(name, bytes, at, at + length)) {
        this.offset = namesEnd
        this.skipTo(position)
        return true
      }
      position++
    }
    return false
  }

  /** As `locateAttributes`. */
  locate(names: readonly string[]): number[] | undefined {
    const shape = this.dictionary && this.numberedShape(this.dictionary, this.end)
    if (shape === undefined) return undefined
    const valuesAt = this.offset
    const places: number[] = []
    for (const name of names) {
      const position = positionOf(shape, name)
      if (position === undefined) return undefined
      this.offset = valuesAt
      for (let index = 0; index < position; index++) this.skip()
      places.push(this.offset)
      this.skip()
      places.push(this.offset)
    }
    return places
  }

  private skipTo(position: number): void {
    for (let index = 0; index < position; index++) this.skip()
    // What is made of many strings is worth making one of them first.
    const tag = this.bytes[this.offset]!
    if (tag >= TAG_LIST && tag <= TAG_BINARY_SET) this.readText()
  }

  /** The shape whose number follows; undefined when names follow. */
  private numberedShape(dictionary: ShapeDictionary, end: number): Shape | undefined {
    const number = this.varint(end)
    if (number === NO_SHAPE_NUMBER) return undefined
    const shape = dictionary.shape(number)
    if (shape === undefined) throw this.corrupt(`there are no names with the number ${number}`)
    return shape
  }

  mapContent(end: number): Item {
    const numbered = this.dictionary === undefined ? undefined : this.numberedShape(this.dictionary, end)
    if (numbered !== undefined) return numbered.code.read(numbered, this, end)
    const byteLength = this.varint(end)
    const start = this.offset
    const namesEnd = start + byteLength
    if (namesEnd > end) throw this.corrupt('its names run past its end')
    const shape =
      shapeOfBytes(this.bytes, start, namesEnd, this.text, start - this.textStart) ?? this.newShape(start, namesEnd)
    this.offset = namesEnd
    return shape.code.read(shape, this, end)
  }

  private newShape(start: number, end: number): Shape {
    const names: string[] = []
    while (this.offset < end) names.push(this.utf8(this.varint(end), end))
    if (new Set(names).size !== names.length) throw this.corrupt('it has the same name twice')
    return addShape(names, this.bytes, start, end)
  }

  value(end: number): unknown {
    if (this.offset >= end) throw this.corrupt('it ends in the middle of its values')
    const tag = this.bytes[this.offset++]!
    if (tag >= TAG_SHORT_LATIN1) {
      const length = tag - TAG_SHORT_LATIN1
      if (this.offset + length > end) throw this.corrupt('a string runs past its end')
      return this.latin1(length)
    }
    if (tag >= TAG_SMALL_INTEGER) return tag - TAG_SMALL_INTEGER
    switch (tag) {
      case TAG_NULL:
        return null
      case TAG_FALSE:
        return false
      case TAG_TRUE:
        return true
      case TAG_INTEGER:
        return this.zigzag(end)
      case TAG_DOUBLE:
        return this.double(end)
      case TAG_LATIN1:
        return this.latin1(this.contentLength(end))
      case TAG_UTF8:
        return this.utf8(this.contentLength(end), end)
      case TAG_BINARY:
        return this.binary(this.contentLength(end))
      case TAG_LIST:
        return this.list(this.contentEnd(end))
      case TAG_MAP:
        return this.map(this.contentEnd(end))
      case TAG_BIGINT:
        return BigInt(this.zigzag(end))
      case TAG_BIGINT_TEXT:
        return this.bigintText(this.contentLength(end))
      case TAG_DECIMAL:
        return this.decimal(this.contentLength(end))
      case TAG_STRING_SET:
      case TAG_NUMBER_SET:
      case TAG_BINARY_SET:
        return this.set(tag, this.contentEnd(end))
    }
    this.offset--
    throw this.corrupt(`there is no type 0x${tag.toString(16).padStart(2, '0')}`)
  }

  /** Passes over a value. */
  skip(): void {
    const end = this.end
    if (this.offset >= end) throw this.corrupt('it ends in the middle of its values')
    const tag = this.bytes[this.offset++]!
    if (tag >= TAG_SHORT_LATIN1) this.offset += tag - TAG_SHORT_LATIN1
    else if (tag >= TAG_SMALL_INTEGER || tag <= TAG_TRUE) return
    else if (tag === TAG_INTEGER || tag === TAG_BIGINT) this.zigzag(end)
    else if (tag === TAG_DOUBLE) this.offset += 8
    else if (tag <= TAG_BINARY_SET) this.offset = this.contentEnd(end)
    else throw this.corrupt(`there is no type 0x${tag.toString(16).padStart(2, '0')}`)
    if (this.offset > end) throw this.corrupt('a value runs past its end')
  }

  private list(end: number): unknown[] {
    const count = this.count(end)
    this.enter()
    // Room for few is made at once; for many only when they come, as lists in lists could all claim to be long.
    const list = new Array<unknown>(count <= LIST_ROOM_LIMIT ? count : 0)
    const { bytes, text, textStart } = this
    for (let index = 0; index < count; index++) {
      const at = this.offset + 1
      const length = bytes[at - 1]! - TAG_SHORT_LATIN1
      if (length >= 0 && text !== undefined && at + length <= end) {
        list[index] = text.substring(at - textStart, at + length - textStart)
        this.offset = at + length
      } else list[index] = this.value(end)
    }
    this.leave(end)
    return list
  }

  private map(end: number): Item {
    this.enter()
    const map = this.mapContent(end)
    this.leave(end)
    return map
  }

  private set(tag: number, end: number): Set<unknown> {
    const count = this.count(end)
    const set = new Set<unknown>()
    for (let index = 0; index < count; index++) {
      // Looked at first: a set in a set in a set … must not cost a stack frame each.
      const elementTag = this.bytes[this.offset]!
      const nested = elementTag >= TAG_LIST && elementTag <= TAG_BINARY_SET
      const element = nested ? undefined : this.value(end)
      if (tagOfSetWith(element) !== tag) throw this.corrupt('a set holds an element of another type')
      set.add(element)
    }
    if (count === 0 || set.size !== count) throw this.corrupt('a set is empty or has an element twice')
    if (this.offset !== end) throw this.corrupt('a set has another length than it says')
    return set
  }

  private enter(): void {
    this.depth++
    if (this.depth >= ITEM_DEPTH_LIMIT) throw this.corrupt('its values are nested too deep')
  }

  private leave(end: number): void {
    this.depth--
    if (this.offset !== end) throw this.corrupt('a list or map has another length than it says')
  }

  /** How many elements follow. Each has a byte at least, so more than bytes they can't be. */
  private count(end: number): number {
    const count = this.varint(end)
    if (count > end - this.offset) throw this.corrupt('it has fewer elements than it says')
    return count
  }

  private contentLength(end: number): number {
    const byteLength = this.varint(end)
    if (this.offset + byteLength > end) throw this.corrupt('a value runs past its end')
    return byteLength
  }

  private contentEnd(end: number): number {
    const byteLength = this.contentLength(end)
    return this.offset + byteLength
  }

  private varint(end: number): number {
    const bytes = this.bytes
    const at = this.offset
    if (at < end) {
      const first = bytes[at]!
      if (first < 0x80) {
        this.offset = at + 1
        return first
      }
    }
    let value = 0
    for (let index = 0; index < 4 && at + index < end; index++) {
      const byte = bytes[at + index]!
      value |= (byte & 0x7f) << (7 * index)
      if (byte < 0x80) {
        this.offset = at + index + 1
        return value
      }
    }
    throw this.corrupt('a length does not end, or is too large')
  }

  private zigzag(end: number): number {
    const bytes = this.bytes
    let at = this.offset
    if (at + 3 <= end) {
      // Up to a million: most integers.
      const first = bytes[at]!
      const second = bytes[at + 1]!
      const third = bytes[at + 2]!
      const isLong = second >= 0x80
      if (first >= 0x80 && (second < 0x80 || third < 0x80)) {
        this.offset = at + (isLong ? 3 : 2)
        const value = ((first & 0x7f) >> 1) + ((second & 0x7f) << 6) + (isLong ? third << 13 : 0)
        return (first & 1) === 1 ? -1 - value : value
      }
    }
    let value = 0
    let scale = 1
    for (let index = 0; index < 8; index++) {
      if (at >= end) break
      const byte = bytes[at++]!
      if (index === 0) {
        value = (byte & 0x7f) >> 1
        scale = 64
      } else {
        value += (byte & 0x7f) * scale
        scale *= 128
      }
      if (byte < 0x80) {
        const result = (bytes[this.offset]! & 1) === 1 ? -1 - value : value
        if (!Number.isSafeInteger(result)) break
        this.offset = at
        return result
      }
    }
    throw this.corrupt('an integer does not end, or is too large')
  }

  private double(end: number): number {
    if (this.offset + 8 > end) throw this.corrupt('a number runs past its end')
    const bytes = this.bytes
    const at = this.offset
    for (let index = 0; index < 8; index++) doubleBytes[index] = bytes[at + index]!
    const value = doubleView.getFloat64(0, true)
    if (!Number.isFinite(value)) throw this.corrupt('a number is not finite')
    this.offset = at + 8
    return value
  }

  private numberText(length: number): string {
    if (length > 64) throw this.corrupt('a number is too long')
    return this.latin1(length)
  }

  private decimal(length: number): Decimal {
    const start = this.offset
    try {
      return Decimal.from(this.numberText(length))
    } catch (cause) {
      this.offset = start
      throw this.corrupt('a number is none', cause)
    }
  }

  private bigintText(length: number): bigint {
    const value = this.decimal(length).toString()
    if (value.includes('.')) throw this.corrupt('an integer is none')
    return BigInt(value)
  }

  private binary(byteLength: number): Uint8Array {
    const start = this.offset
    this.offset = start + byteLength
    return new Uint8Array(this.bytes.subarray(start, this.offset))
  }

  /** Characters below 256, one byte each. The caller has checked that they are there. */
  private latin1(length: number): string {
    const at = this.offset
    this.offset = at + length
    if (this.text === undefined) return latin1Slice.call(this.bytes, at, at + length)
    return this.text.substring(at - this.textStart, at - this.textStart + length)
  }

  private utf8(byteLength: number, limit: number): string {
    const start = this.offset
    const end = start + byteLength
    if (end > limit) throw this.corrupt('a string runs past its end')
    const text = utf8Slice.call(this.bytes, start, end)
    // A replacement character can be in the text itself; bytes that are no UTF-8 become one too.
    if (text.includes('\ufffd') && !isUtf8(this.bytes.subarray(start, end))) throw this.corrupt('a string is not UTF-8')
    this.offset = end
    return text
  }

  corrupt(reason: string, cause?: unknown): CorruptionError {
    return new CorruptionError('item', this.offset - this.start, reason, cause === undefined ? undefined : { cause })
  }
}

/** Whether the bytes are the name in UTF-8. */
function isName(name: string, bytes: Uint8Array, start: number, end: number): boolean {
  const length = end - start
  if (length < name.length) return false
  for (let index = 0; index < name.length; index++) {
    const code = name.charCodeAt(index)
    if (code > 0x7f) return utf8Slice.call(bytes, start, end) === name
    if (code !== bytes[start + index]) return false
  }
  return length === name.length
}

function tagOfSetWith(element: unknown): number {
  if (typeof element === 'string') return TAG_STRING_SET
  if (typeof element === 'number' || typeof element === 'bigint' || Decimal.is(element)) return TAG_NUMBER_SET
  return element instanceof Uint8Array ? TAG_BINARY_SET : -1
}

const doubleBytes = new Uint8Array(8)
const doubleView = new DataView(doubleBytes.buffer)

type Slice = (this: Uint8Array, start: number, end: number) => string
const { latin1Slice, utf8Slice } = Buffer.prototype as unknown as { latin1Slice: Slice; utf8Slice: Slice }
