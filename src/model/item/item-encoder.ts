/**
 * Items to bytes (architecture/item-format.md): one pass that checks and writes.
 *
 * What comes out can be stored by DynamoDB and by us, and decodes to an equal item; everything else is refused by name:
 * which attribute, what is wrong with it, what to do. Every property is read once, so a getter can't show the check one
 * value and the encoding another. Nothing that is handed in can make it run out of stack or memory.
 */

import { types } from 'node:util'
import { type BytesInView, isDetached } from '../../base/bytes.js'
import { isWellFormed } from '../../base/well-formed.js'
import { type ValidationCode, ValidationException } from '../../errors.js'
import { checkNumber, Decimal, numberParts } from './decimal.js'
import { elementIdentity } from './equality.js'
import { ITEM_BYTE_LIMIT, ITEM_DEPTH_LIMIT, type Item, type NumberValue } from './item.js'
import { decodeItem } from './item-decoder.js'
import {
  COUNTED_BYTES_PER_ENCODED_BYTE,
  ENCODED_BYTE_LIMIT,
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
import { itemSize } from './item-size.js'
import { isPlainObject, leadsBackTo } from './plain-object.js'
import { nameShape, shapeOfNames } from './shape.js'
import type { ShapeDictionary } from './shape-dictionary.js'

/** The longest name of an attribute, in bytes of UTF-8. */
export const NAME_BYTE_LIMIT = 65_535
/** Up to this length a loop over the characters is faster than a call into Buffer. */
const SHORT_TEXT_LENGTH = 32
/** Items are written one behind the other into slabs of this size; those that need more than the limit get bytes apart. */
const SLAB_BYTES = 65_536
const SLAB_ITEM_LIMIT = 8192
/**
 * Up to this length values are replaced in what is stored. Whatever is in so few bytes, names included that they have by
 * number, is not too big for an item: a map takes three of them at least, and its names are 1,024 bytes at most.
 */
export const REPLACED_BYTE_LIMIT = 1024

/**
 * The item as bytes that are the caller's own. Small ones are a view of a slab that they share with others, like what
 * `Buffer.from` makes: never look at their `buffer`. With a dictionary it is version 2 of the format, without one version 1.
 *
 * @throws {ValidationException} When it can't be stored; the message names the attribute and the code says why.
 */
export function encodeItem(item: unknown, dictionary?: ShapeDictionary): Uint8Array {
  // A getter of the item may encode another item meanwhile: then this one's encoder is not there for it.
  const encoder = idle ?? new Encoder()
  idle = undefined
  try {
    return encoder.encode(item, dictionary)
  } finally {
    idle = encoder
  }
}

/**
 * The same as bytes that are there until the next item is encoded: for whoever copies them anyway.
 *
 * @throws {ValidationException} As `encodeItem`.
 */
export function encodeItemForNow(item: unknown, dictionary: ShapeDictionary): BytesInView {
  const encoder = idle ?? new Encoder()
  idle = undefined
  try {
    return encoder.encodeForNow(item, dictionary)
  } finally {
    idle = encoder
  }
}

/** Where an encoded item lies. */
export interface EncodedItem {
  readonly bytes: Uint8Array
  readonly start: number
  readonly end: number
}

/**
 * The item in some bytes with other values in some of its places, as bytes that are there until the next item is encoded;
 * undefined if it gets too long for that. Its names stay as they are.
 *
 * @param places Of each value, where the one begins and ends that it takes the place of: as `locateAttributes` has them.
 * @throws {ValidationException} As `encodeItem`, when a value can't be stored.
 */
export function encodeReplaced(
  stored: EncodedItem,
  names: readonly string[],
  values: readonly unknown[],
  places: readonly number[],
  dictionary: ShapeDictionary,
): BytesInView | undefined {
  const encoder = idle ?? new Encoder()
  idle = undefined
  try {
    return encoder.replace(stored, names, values, places, dictionary)
  } finally {
    idle = encoder
  }
}

let idle: Encoder | undefined

const ONLY: readonly number[] = [0]

class Encoder {
  /** Where items are written; what is before `slabOffset` has been given away. */
  private slab: NativeBuffer = newBuffer(SLAB_BYTES)
  private slabView: DataView = viewOf(this.slab)
  private slabOffset = 0
  /** What this item is being written to: the slab, or the scratch space if it has turned out to be large. */
  private buffer: NativeBuffer = this.slab
  private view: DataView = this.slabView
  /** Where in that the item begins. Positions that are kept are counted from here, as the item may move. */
  private start = 0
  private offset = 0
  /** For large items, kept for the next one. */
  private scratch: NativeBuffer | undefined = undefined
  /** Where in the item we are: the name or index at each depth. */
  private readonly path: (string | number)[] = new Array<string | number>(ITEM_DEPTH_LIMIT).fill('')
  /** The lists and maps we are inside of. */
  private readonly ancestors: (object | undefined)[] = new Array<undefined>(ITEM_DEPTH_LIMIT).fill(undefined)
  private depth = 0
  private dictionary: ShapeDictionary | undefined = undefined
  /** Where what was encoded for now lies. */
  private readonly lent: { view: DataView; start: number; end: number } = { view: this.slabView, start: 0, end: 0 }
  /** The bytes of names that have a number, which the item does not have but which count. */
  private omittedByteLength = 0

  encode(item: unknown, dictionary: ShapeDictionary | undefined): Uint8Array {
    this.begin(dictionary)
    try {
      this.item(item)
      return this.take()
    } catch (error) {
      this.forget()
      throw error
    } finally {
      this.end()
    }
  }

  /** As `encodeItemForNow`. */
  encodeForNow(item: unknown, dictionary: ShapeDictionary): BytesInView {
    this.begin(dictionary)
    try {
      this.item(item)
      return this.lend()
    } catch (error) {
      this.forget()
      throw error
    } finally {
      this.end()
    }
  }

  private item(item: unknown): void {
    if (!isPlainObject(item)) throw new ValidationException('ITEM_TYPE', `Cannot store the item: ${notAnItem(item)}`)
    this.tag(this.dictionary === undefined ? ITEM_VERSION_NAMED : ITEM_VERSION_NUMBERED)
    this.ancestors[0] = item
    this.mapContent(item)
    this.ancestors[0] = undefined
  }

  /** As `encodeReplaced`. */
  replace(
    { bytes, start, end }: EncodedItem,
    names: readonly string[],
    values: readonly unknown[],
    places: readonly number[],
    dictionary: ShapeDictionary,
  ): BytesInView | undefined {
    this.begin(dictionary)
    try {
      let from = start
      const order = names.length === 1 ? ONLY : names.map((_, i) => i).sort((a, b) => places[2 * a]! - places[2 * b]!)
      for (const i of order) {
        this.copy(bytes, from, places[2 * i]!)
        this.attribute(names[i]!, values[i])
        from = places[2 * i + 1]!
      }
      this.copy(bytes, from, end)
      return this.offset - this.start > REPLACED_BYTE_LIMIT ? undefined : this.lend()
    } catch (error) {
      this.forget()
      throw error
    } finally {
      this.end()
    }
  }

  private begin(dictionary: ShapeDictionary | undefined): void {
    this.start = this.slabOffset
    this.offset = this.start
    this.depth = 0
    this.dictionary = dictionary
    this.omittedByteLength = 0
  }

  private end(): void {
    this.buffer = this.slab
    this.view = this.slabView
  }

  /** Items are the caller's: nothing of them is held on to. */
  private forget(): void {
    this.ancestors.fill(undefined)
  }

  private copy(bytes: Uint8Array, start: number, end: number): void {
    this.reserve(end - start)
    const buffer = this.buffer
    let at = this.offset
    for (let from = start; from < end; from++, at++) buffer[at] = bytes[from]!
    this.offset = at
  }

  /** What was written, as bytes that are given away. */
  private take(): Uint8Array {
    const { buffer, start, offset } = this
    if (buffer === this.slab) this.slabOffset = offset
    const length = offset - start
    const written = new Uint8Array(this.view.buffer, start, length)
    const encoded = buffer === this.slab ? written : new Uint8Array(written)
    this.checkSize(encoded, 0, length)
    return encoded
  }

  /** What was written, where it lies. */
  private lend(): BytesInView {
    const { lent, start, offset } = this
    lent.view = this.view
    lent.start = start
    lent.end = offset
    this.checkSize(this.buffer, start, offset)
    return lent
  }

  private checkSize(bytes: Uint8Array, start: number, end: number): void {
    if ((end - start + this.omittedByteLength) * COUNTED_BYTES_PER_ENCODED_BYTE <= ITEM_BYTE_LIMIT) return
    // Counted on what was written, as reading the item once more might show other values.
    if (itemSize(decodeItem(bytes, start, end, this.dictionary)) > ITEM_BYTE_LIMIT) throw tooBig()
  }

  /** The value of an attribute of the map we are in. */
  attribute(name: string, value: unknown): void {
    this.path[this.depth] = name
    if (typeof value === 'string') this.text(value)
    else this.value(value)
  }

  private mapContent(map: Item): void {
    const symbols = Object.getOwnPropertySymbols(map)
    if (symbols.length > 0) this.refuseSymbols(map, symbols)
    if (this.dictionary !== undefined) {
      const numbered = this.dictionary.shapeOf(map, this.depth)
      if (numbered !== undefined) {
        const { number, shape } = numbered
        this.reserve(4)
        this.offset = this.varintAt(this.offset, number)
        this.omittedByteLength += shape.bytes.length
        shape.code.write(shape, this, map)
        return
      }
      this.tag(NO_SHAPE_NUMBER)
    }
    const names = Object.keys(map)
    const shape = shapeOfNames(names)
    if (shape !== undefined) {
      const { bytes } = shape
      this.reserve(bytes.length + 4)
      this.offset = this.varintAt(this.offset, bytes.length)
      this.buffer.set(bytes, this.offset)
      this.offset += bytes.length
      shape.code.write(shape, this, map)
      return
    }
    this.reserve(8)
    const namesAt = this.offset++ - this.start
    for (let index = 0; index < names.length; index++) this.name(names[index]!)
    nameShape(names, this.buffer, this.start + namesAt + 1, this.offset)
    this.closeLength(namesAt)
    for (let index = 0; index < names.length; index++) this.attribute(names[index]!, map[names[index]!])
  }

  private name(name: string): void {
    const length = name.length
    if (length === 0 || length > NAME_BYTE_LIMIT || name === '__proto__') this.refuseName(name)
    this.reserve(length * 3 + 8)
    const buffer = this.buffer
    const start = this.offset
    if (length <= SHORT_TEXT_LENGTH) {
      let at = start + 1
      let index = 0
      for (; index < length; index++) {
        const code = name.charCodeAt(index)
        if (code > 0x7f) break
        buffer[at++] = code
      }
      if (index === length) {
        buffer[start] = length
        this.offset = at
        return
      }
    }
    this.offset = start + 1 + buffer.utf8Write(name, start + 1, length * 3)
    const byteLength = this.offset - start - 1
    if (byteLength !== length && !isWellFormed(name)) this.refuseName(name)
    if (byteLength > NAME_BYTE_LIMIT) this.refuseName(name)
    this.closeLength(start - this.start)
  }

  private value(value: unknown): void {
    switch (typeof value) {
      case 'string':
        this.text(value)
        return
      case 'number':
        this.number(value)
        return
      case 'object':
        if (value === null) this.tag(TAG_NULL)
        else this.object(value)
        return
      case 'boolean':
        this.tag(value ? TAG_TRUE : TAG_FALSE)
        return
      case 'bigint':
        this.bigint(value)
        return
      case 'undefined':
        throw this.problem('VALUE_UNDEFINED', 'is undefined; leave it out or use null')
      case 'function':
        throw this.problem('VALUE_FUNCTION', 'is a function; only data can be stored')
      case 'symbol':
        throw this.problem('VALUE_SYMBOL', 'is a symbol; only data can be stored')
    }
  }

  private tag(tag: number): void {
    this.reserve(1)
    this.buffer[this.offset++] = tag
  }

  private text(text: string): void {
    const length = text.length
    if (length > SHORT_TEXT_LENGTH) {
      this.longText(text)
      return
    }
    this.reserve(length + 1)
    const buffer = this.buffer
    let at = this.offset
    buffer[at++] = TAG_SHORT_LATIN1 + length
    for (let index = 0; index < length; index++) {
      const code = text.charCodeAt(index)
      if (code > 0xff) {
        this.longText(text)
        return
      }
      buffer[at++] = code
    }
    this.offset = at
  }

  private longText(text: string): void {
    const length = text.length
    if (length > ITEM_BYTE_LIMIT) throw tooBig()
    this.reserve(length * 3 + 8)
    const buffer = this.buffer
    const start = this.offset
    // Text of one UTF-8 byte for each character is ASCII, and so it is its own latin-1.
    const lengthSize = length < 0x80 ? 0 : varintSize(length)
    const contentAt = start + 1 + lengthSize
    const byteLength = buffer.utf8Write(text, contentAt, length * 3)
    if (byteLength === length) {
      if (lengthSize === 0) buffer[start] = TAG_SHORT_LATIN1 + length
      else {
        buffer[start] = TAG_LATIN1
        this.varintAt(start + 1, length)
      }
      this.offset = contentAt + byteLength
      return
    }
    if (!isWellFormed(text)) throw this.problem('VALUE_TEXT', 'has half a surrogate pair in it, which is not text')
    const contentMoved = start + 1 + varintSize(byteLength)
    if (contentMoved !== contentAt) buffer.copyWithin(contentMoved, contentAt, contentAt + byteLength)
    buffer[start] = TAG_UTF8
    this.varintAt(start + 1, byteLength)
    this.offset = contentMoved + byteLength
  }

  private number(value: number): void {
    this.reserve(9)
    if (value >= 0 && value < 64 && (value | 0) === value) {
      this.buffer[this.offset++] = TAG_SMALL_INTEGER + value
    } else if (Number.isSafeInteger(value)) {
      this.buffer[this.offset++] = TAG_INTEGER
      this.zigzag(value)
    } else {
      this.checkedNumber(value)
      this.buffer[this.offset] = TAG_DOUBLE
      this.view.setFloat64(this.offset + 1, value, true)
      this.offset += 9
    }
  }

  private bigint(value: bigint): void {
    this.checkedNumber(value)
    if (value >= -9007199254740991n && value <= 9007199254740991n) {
      this.reserve(9)
      this.buffer[this.offset++] = TAG_BIGINT
      this.zigzag(Number(value))
    } else this.numberText(TAG_BIGINT_TEXT, value)
  }

  /** Digits and exponent: a number written out could be a hundred zeros long. */
  private numberText(tag: number, value: NumberValue): void {
    const { sign, exponent, digits } = numberParts(value)
    const power = exponent - digits.length + 1
    const text = sign === 0 ? '0' : `${sign < 0 ? '-' : ''}${digits}${power === 0 ? '' : `e${power}`}`
    this.reserve(text.length + 2)
    this.buffer[this.offset++] = tag
    this.buffer[this.offset++] = text.length
    this.offset += this.buffer.latin1Write(text, this.offset, text.length)
  }

  private checkedNumber(value: unknown): void {
    try {
      checkNumber(value)
    } catch (error) {
      if (!(error instanceof ValidationException)) throw error
      throw this.problem(error.code, `can't be stored: ${error.message}`)
    }
  }

  private object(value: object): void {
    if (Array.isArray(value)) this.list(value)
    else if (isPlainObject(value)) this.map(value)
    else if (types.isUint8Array(value)) this.binary(value)
    else if (types.isSet(value)) this.set(value)
    else if (Decimal.is(value)) this.numberText(TAG_DECIMAL, value)
    else throw this.problem('VALUE_CLASS', `is ${classHint(value)}`)
  }

  private binary(value: Uint8Array): void {
    const byteLength = value.byteLength
    if (byteLength > ITEM_BYTE_LIMIT) throw tooBig()
    if (byteLength === 0 && isDetached(value)) throw this.problem('VALUE_CLASS', `is ${DETACHED}`)
    this.reserve(byteLength + 6)
    this.buffer[this.offset++] = TAG_BINARY
    this.offset = this.varintAt(this.offset, byteLength)
    this.buffer.set(value, this.offset)
    this.offset += byteLength
  }

  private list(list: readonly unknown[]): void {
    const count = list.length
    const depth = this.enter(list)
    const lengthAt = this.open(TAG_LIST, count)
    for (let index = 0; index < count; index++) {
      this.path[depth] = index
      this.value(list[index])
    }
    this.leave(lengthAt)
  }

  private map(map: Item): void {
    this.enter(map)
    this.reserve(8)
    this.buffer[this.offset++] = TAG_MAP
    const lengthAt = this.offset++ - this.start
    this.mapContent(map)
    this.leave(lengthAt)
  }

  private set(set: ReadonlySet<unknown>): void {
    if (set.size === 0) throw this.problem('SET_EMPTY', 'is an empty set; leave it out, or put at least one element in')
    const elements = [...set]
    const kind = elementKind(elements[0])
    if (kind === undefined) throw this.problem('SET_MIXED', SET_RULE)
    let mixedNumbers = false
    for (const element of elements) {
      if (elementKind(element) !== kind) throw this.problem('SET_MIXED', SET_RULE)
      if (kind === 'binary' && isDetached(element as Uint8Array)) throw this.problem('VALUE_CLASS', DETACHED_ELEMENT)
      mixedNumbers ||= typeof element !== typeof elements[0] || typeof element === 'object'
    }
    // A Set keeps strings, and numbers of one native type, apart by itself; the rest it tells apart by identity.
    if (mixedNumbers && new Set(elements.map(elementIdentity)).size !== elements.length) {
      throw this.problem('SET_DUPLICATE', 'is a set with the same element twice')
    }
    const tag = kind === 'string' ? TAG_STRING_SET : kind === 'number' ? TAG_NUMBER_SET : TAG_BINARY_SET
    const lengthAt = this.open(tag, elements.length)
    for (const element of elements) this.value(element)
    this.closeLength(lengthAt)
  }

  /** Writes the tag, leaves a byte for the length, writes the count; answers where in the item the length goes. */
  private open(tag: number, count: number): number {
    this.reserve(12)
    this.buffer[this.offset] = tag
    const lengthAt = this.offset + 1
    this.offset = this.varintAt(lengthAt + 1, count)
    return lengthAt - this.start
  }

  private enter(container: object): number {
    const depth = this.depth + 1
    if (depth >= ITEM_DEPTH_LIMIT) {
      if (leadsBackTo(container, this.ancestors)) {
        throw this.problem('VALUE_CYCLE', 'contains itself; an item is a tree')
      }
      throw this.problem(
        'ITEM_TOO_DEEP',
        'is too deep inside. Nesting Levels have exceeded supported limits: ' +
          'Attributes in the item have nested levels beyond supported limit',
      )
    }
    this.ancestors[depth] = container
    this.depth = depth
    return depth
  }

  private leave(lengthAt: number): void {
    this.closeLength(lengthAt)
    this.ancestors[this.depth] = undefined
    this.depth--
  }

  /** Puts the length of what was written after the byte at `position` into it, making room if one byte is too few. */
  private closeLength(position: number): void {
    const byteLength = this.offset - this.start - position - 1
    if (byteLength < 0x80) {
      this.buffer[this.start + position] = byteLength
      return
    }
    const extra = varintSize(byteLength) - 1
    this.reserve(extra)
    const lengthAt = this.start + position
    this.buffer.copyWithin(lengthAt + 1 + extra, lengthAt + 1, this.offset)
    this.varintAt(lengthAt, byteLength)
    this.offset += extra
  }

  private varintAt(at: number, value: number): number {
    const buffer = this.buffer
    while (value >= 0x80) {
      buffer[at++] = (value & 0x7f) | 0x80
      value >>>= 7
    }
    buffer[at++] = value
    return at
  }

  /** 0, -1, 1, -2, … as 0, 1, 2, 3, …; seven bits a byte, the low ones first. Up to 54 bits, so halves are divided off. */
  private zigzag(value: number): void {
    const buffer = this.buffer
    let at = this.offset
    const sign = value < 0 ? 1 : 0
    let rest = sign === 1 ? -1 - value : value
    let low = ((rest % 64) << 1) | sign
    rest = Math.floor(rest / 64)
    while (rest > 0) {
      buffer[at++] = low | 0x80
      low = rest % 128
      rest = Math.floor(rest / 128)
    }
    buffer[at++] = low
    this.offset = at
  }

  private reserve(byteLength: number): void {
    if (this.offset + byteLength > this.buffer.length) this.grow(this.offset + byteLength)
  }

  /** Moves what was written of this item to where there is room for more. */
  private grow(end: number): void {
    const { buffer, start, offset } = this
    const needed = end - start
    if (needed > ENCODED_BYTE_LIMIT + 16) throw tooBig()
    let larger: NativeBuffer
    if (buffer === this.slab && needed <= SLAB_ITEM_LIMIT) {
      // The rest of the slab is left unused.
      larger = this.slab = newBuffer(SLAB_BYTES)
      this.slabView = viewOf(larger)
    } else {
      const { scratch } = this
      const isRoomy = scratch !== undefined && scratch !== buffer && scratch.length >= needed
      larger = this.scratch = isRoomy ? scratch : newBuffer(Math.max(needed, 2 * (offset - start), SLAB_BYTES))
    }
    larger.set(buffer.subarray(start, offset))
    this.buffer = larger
    this.view = larger === this.slab ? this.slabView : viewOf(larger)
    this.start = 0
    this.offset = offset - start
  }

  private refuseName(name: string): never {
    const where = this.depth === 0 ? 'has an attribute' : `has, in attribute "${this.pathText(this.depth)}", a name`
    const reason =
      name === ''
        ? 'that is empty: Empty attribute name'
        : name === '__proto__'
          ? 'called "__proto__", which JavaScript objects can\'t carry safely'
          : isWellFormed(name)
            ? `longer than ${NAME_BYTE_LIMIT} bytes`
            : 'with half a surrogate pair in it, which is not text'
    throw new ValidationException('ATTRIBUTE_NAME', `Cannot store the item: it ${where} ${reason}`)
  }

  private refuseSymbols(map: object, symbols: readonly symbol[]): void {
    const symbol = symbols.find((candidate) => Object.prototype.propertyIsEnumerable.call(map, candidate))
    if (symbol === undefined) return
    const where = this.depth === 0 ? 'it' : `attribute "${this.pathText(this.depth)}"`
    throw new ValidationException(
      'VALUE_SYMBOL',
      `Cannot store the item: ${where} has a property named by ${String(symbol)}; names are strings`,
    )
  }

  private problem(code: ValidationCode, what: string): ValidationException {
    return new ValidationException(code, `Cannot store the item: attribute "${this.pathText(this.depth + 1)}" ${what}`)
  }

  private pathText(segments: number): string {
    let text = ''
    for (const segment of this.path.slice(0, segments)) {
      if (typeof segment === 'number') text += `[${segment}]`
      else text += (text === '' ? '' : '.') + (segment.length > 100 ? `${segment.slice(0, 100)}…` : segment)
    }
    return text
  }
}

const DETACHED = 'a Uint8Array whose memory was transferred; store it before, or a copy of it: bytes.slice()'
const DETACHED_ELEMENT = `is a set with ${DETACHED}`
const SET_RULE = 'is a set that mixes types; a set holds only strings, only numbers or only Uint8Arrays'

function elementKind(element: unknown): 'string' | 'number' | 'binary' | undefined {
  if (typeof element === 'string') return 'string'
  if (typeof element === 'number' || typeof element === 'bigint' || Decimal.is(element)) return 'number'
  return types.isUint8Array(element) ? 'binary' : undefined
}

function tooBig(): ValidationException {
  return new ValidationException(
    'ITEM_TOO_BIG',
    `Cannot store the item: Item size has exceeded the maximum allowed size of ${ITEM_BYTE_LIMIT} bytes`,
  )
}

function notAnItem(value: unknown): string {
  if (value === null) return 'it is null, not an object'
  if (Array.isArray(value)) return 'it is an array, not an object'
  if (typeof value === 'object') return `it is ${classHint(value)}`
  return `it is of type ${typeof value}, not an object`
}

function classHint(value: object): string {
  if (value instanceof Date || types.isDate(value)) return 'a Date; store its toISOString() or its getTime()'
  if (types.isMap(value)) return 'a Map; store a plain object: Object.fromEntries(map)'
  if (types.isAnyArrayBuffer(value)) return 'an ArrayBuffer; store new Uint8Array(buffer)'
  if (ArrayBuffer.isView(value)) {
    return 'a typed array other than Uint8Array; store its bytes, or a list of its numbers: [...array]'
  }
  if (types.isBoxedPrimitive(value)) return 'a boxed primitive; store its valueOf()'
  if (types.isPromise(value)) return 'a promise; await it first'
  if (types.isRegExp(value)) return 'a regular expression; store its source'
  const name: unknown = (Object.getPrototypeOf(value) as { constructor?: { name?: unknown } } | null)?.constructor?.name
  const shown = typeof name === 'string' && name !== '' ? `an instance of ${name.slice(0, 100)}` : 'not a plain object'
  return `${shown}; store a plain object: { ...value }`
}

/** Node's own writers, without what `write` asks before it calls them. */
interface NativeBuffer extends Buffer<ArrayBuffer> {
  latin1Write(text: string, offset: number, length: number): number
  utf8Write(text: string, offset: number, length: number): number
}

function newBuffer(byteLength: number): NativeBuffer {
  return Buffer.allocUnsafeSlow(byteLength) as NativeBuffer
}

function viewOf(buffer: Buffer): DataView {
  return new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength)
}

function varintSize(value: number): number {
  return value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x200000 ? 3 : value < 0x10000000 ? 4 : 5
}
