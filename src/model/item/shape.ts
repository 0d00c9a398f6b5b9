/**
 * Shapes: the lists of names that items and the maps in them have. A table has few of them and meets them all the time,
 * so a shape is remembered, and one that was met often gets code of its own, in which making an object is one step and
 * reading a property is another.
 *
 * Nothing that anybody stored becomes a part of that code: its text is made of numbers, and the names are handed to it as
 * values. Where code may not be made from text (`--disallow-code-generation-from-strings`) the plain functions stay.
 * However many shapes there are, so many are remembered and so many have code; the oldest are forgotten.
 */
import { isWellFormed } from '../../base/well-formed.js'
import type { Item } from './item.js'
import { TAG_FALSE, TAG_INTEGER, TAG_NULL, TAG_SHORT_LATIN1, TAG_SMALL_INTEGER, TAG_TRUE } from './item-format.js'

/** How many shapes are remembered, and how long the names of one may be, in bytes. */
export const SHAPE_LIMIT = 2048
const SHAPE_BYTE_LIMIT = 1024
/** The longest name, in bytes, of a shape that is kept: its length is one byte. */
const NAME_BYTE_LIMIT = 127
/** How many have code of their own, how many names such a one may have, and how often it was met before. */
export const CODE_LIMIT = 256
const CODE_NAME_LIMIT = 64
const CODE_THRESHOLD = 50
/** Places in which shapes are looked for first; a power of two. */
export const SLOT_COUNT = 2048
/** One of so many lists of names that are new to the encoder is remembered: most of those are never met again. */
const NEWCOMER_INTERVAL = 4

/** What a shape's code needs of the decoder: the next value. The short ones it reads itself, which is quicker. */
export interface ValueReader {
  readonly bytes: Uint8Array
  /** Where in them the next value begins. */
  offset: number
  /** The bytes from `textStart` on as latin-1, as far as they are needed; undefined when they are too many. */
  readonly text: string | undefined
  readonly textStart: number
  value(end: number): unknown
}

/** What it needs of the encoder: somewhere to put the value of a name. */
export interface ValueWriter {
  attribute(name: string, value: unknown): void
}

/** What is done with the values of a map whose names are known. */
export interface ShapeCode {
  read(shape: Shape, reader: ValueReader, end: number): Item
  write(shape: Shape, writer: ValueWriter, map: Item): void
  copy(shape: Shape, map: Item, copyValue: (value: unknown) => unknown): Item
}

export interface Shape {
  readonly names: readonly string[]
  /** The names as the format has them, after their length. */
  readonly bytes: Uint8Array
  /** The same as latin-1. */
  readonly key: string
  /** Where in the names each one is; made when somebody asks. */
  positions: Map<string, number> | undefined
  uses: number
  code: ShapeCode
}

const known = new Map<string, Shape>()
const slotsByBytes: (Shape | undefined)[] = new Array<undefined>(SLOT_COUNT).fill(undefined)
const slotsByNames: (Shape | undefined)[] = new Array<undefined>(SLOT_COUNT).fill(undefined)
/** The shapes that have code, the oldest first. */
const coded: Shape[] = []
let codeCount = 0
let newcomers = 0

/**
 * The shape with the names that stand in these bytes, if it is remembered. When `text` is given, it has the same bytes as
 * latin-1 from `textStart` on: strings are compared faster.
 */
export function shapeOfBytes(
  bytes: Uint8Array,
  start: number,
  end: number,
  text?: string,
  textStart = 0,
): Shape | undefined {
  const slot = slotOfBytes(bytes, start, end)
  const likely = slotsByBytes[slot]
  if (likely !== undefined && likely.key.length === end - start) {
    const isIt =
      text === undefined
        ? hasBytes(likely, bytes, start)
        : text.substring(textStart, textStart + end - start) === likely.key
    if (isIt) return likely
  }
  if (end - start > SHAPE_BYTE_LIMIT) return undefined
  const shape = known.get(latin1Slice.call(bytes, start, end))
  if (shape !== undefined) settle(slotsByBytes, slot, shape)
  return shape
}

/** Remembers the names that stand in these bytes, which `shapeOfBytes` did not know. */
export function addShape(names: readonly string[], bytes: Uint8Array, start: number, end: number): Shape {
  const key = latin1Slice.call(bytes, start, end)
  const shape: Shape = {
    key,
    names: names.map(internalized),
    bytes: new Uint8Array(bytes.subarray(start, end)),
    positions: undefined,
    uses: 0,
    code: plainCode(names),
  }
  if (end - start > SHAPE_BYTE_LIMIT) return shape
  if (known.size >= SHAPE_LIMIT) forgetOne()
  known.set(key, shape)
  settle(slotsByBytes, slotOfBytes(bytes, start, end), shape)
  if (isWritten(names, end - start)) settle(slotsByNames, slotOfNames(names), shape)
  return shape
}

/**
 * Whether the encoder would write these names, and in these bytes: a decoder also takes lengths with needless zeros, which
 * make the bytes more than the names need. Names too long for a length of one byte are left to the encoder.
 */
function isWritten(names: readonly string[], byteLength: number): boolean {
  let needed = 0
  for (const name of names) {
    if (name === '' || name === '__proto__') return false
    needed += 1 + Buffer.byteLength(name)
  }
  return needed === byteLength
}

/** The shape with these names, if one that the encoder may write is remembered. */
export function shapeOfNames(names: readonly string[]): Shape | undefined {
  const likely = slotsByNames[slotOfNames(names)]
  return likely !== undefined && hasNames(likely, names) ? likely : undefined
}

/** Tells which names, all of them valid, the encoder has just written to these bytes; now and then they are remembered. */
export function nameShape(names: readonly string[], bytes: Uint8Array, start: number, end: number): void {
  if (++newcomers % NEWCOMER_INTERVAL !== 0 || end - start > SHAPE_BYTE_LIMIT) return
  const shape = shapeOfBytes(bytes, start, end) ?? addShape(names, bytes, start, end)
  settle(slotsByNames, slotOfNames(names), shape)
}

/**
 * The shape with these names, for somebody who keeps it; undefined when the encoder would not write such names, or when
 * they are longer than shapes get.
 */
export function shapeWith(names: readonly string[]): Shape | undefined {
  let byteLength = 0
  for (const name of names) {
    const length = Buffer.byteLength(name)
    const isPlain = name !== '' && name !== '__proto__' && length <= NAME_BYTE_LIMIT && isWellFormed(name)
    byteLength += 1 + length
    if (!isPlain || byteLength > SHAPE_BYTE_LIMIT) return undefined
  }
  const bytes = Buffer.alloc(byteLength)
  let at = 0
  for (const name of names) {
    const length = bytes.write(name, at + 1)
    bytes[at] = length
    at += 1 + length
  }
  const shape = shapeOfBytes(bytes, 0, byteLength) ?? addShape(names, bytes, 0, byteLength)
  settle(slotsByNames, slotOfNames(names), shape)
  return shape
}

/** The position of a name among those of the shape. */
export function positionOf(shape: Shape, name: string): number | undefined {
  shape.positions ??= new Map(shape.names.map((each, position) => [each, position]))
  return shape.positions.get(name)
}

/** How many shapes are remembered and how many have code, for tests. */
export function shapeCounts(): { known: number; coded: number } {
  return { known: known.size, coded: coded.length }
}

/** The same string as the one object that V8 keeps of each name of a property: accesses by that one are several times faster. */
function internalized(name: string): string {
  return Object.keys({ [name]: 0 })[0]!
}

const { latin1Slice } = Buffer.prototype as unknown as {
  latin1Slice: (this: Uint8Array, start: number, end: number) => string
}

/** The length and some of the bytes: good enough to find the right one mostly. */
function slotOfBytes(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start
  if (length === 0) return 0
  const quarter = length >> 2
  const sample =
    bytes[start + 1]! +
    bytes[start + quarter]! * 31 +
    bytes[start + 2 * quarter]! * 961 +
    bytes[start + 3 * quarter]! * 29791 +
    bytes[end - 1]! * 923521
  return (Math.imul(sample + length * 7919, 0x9e3779b1) >>> 16) & (SLOT_COUNT - 1)
}

function hasBytes(shape: Shape, bytes: Uint8Array, start: number): boolean {
  const own = shape.bytes
  for (let index = 0; index < own.length; index++) if (own[index] !== bytes[start + index]) return false
  return true
}

/** A place among `SLOT_COUNT` for a list of names: good enough to tell most apart. */
export function slotOfNames(names: readonly string[]): number {
  const count = names.length
  if (count === 0) return 0
  const first = names[0]!
  const middle = names[count >> 1]!
  const last = names[count - 1]!
  const sample =
    count +
    first.length * 31 +
    middle.length * 961 +
    last.length * 29791 +
    middle.charCodeAt(0) * 7919 +
    last.charCodeAt(last.length - 1) * 104729
  return (Math.imul(sample, 0x9e3779b1) >>> 16) & (SLOT_COUNT - 1)
}

export function hasNames({ names: own }: { readonly names: readonly string[] }, names: readonly string[]): boolean {
  if (own.length !== names.length) return false
  for (let index = 0; index < own.length; index++) if (own[index] !== names[index]) return false
  return true
}

/** Gives the shape the place, unless one that is met often has it. */
function settle(slots: (Shape | undefined)[], slot: number, shape: Shape): void {
  const holder = slots[slot]
  if (holder === undefined || !hasCode(holder) || hasCode(shape)) slots[slot] = shape
}

function forgetOne(): void {
  for (const [key, shape] of known) {
    known.delete(key)
    if (!hasCode(shape)) return
    known.set(key, shape)
  }
}

function hasCode(shape: Shape): boolean {
  return shape.code !== countingCode && shape.code !== definingCode
}

function plainCode(names: readonly string[]): ShapeCode {
  // Plain assignment to these would meet what `Object.prototype` has: a setter, or something that is frozen.
  return names.some((name) => name in Object.prototype) ? definingCode : countingCode
}

/** For shapes that may get code of their own one day. */
const countingCode: ShapeCode = {
  read(shape, reader, end) {
    count(shape)
    const map: Item = {}
    const names = shape.names
    for (let index = 0; index < names.length; index++) map[names[index]!] = reader.value(end)
    return map
  },
  write(shape, writer, map) {
    count(shape)
    const names = shape.names
    for (let index = 0; index < names.length; index++) writer.attribute(names[index]!, map[names[index]!])
  },
  copy(shape, map, copyValue) {
    count(shape)
    // A spread copies all in one go.
    const copy = { ...map }
    for (const name of shape.names) {
      const value = copy[name]
      if (typeof value === 'object') copy[name] = copyValue(value)
    }
    return copy
  },
}

/** For shapes with names that can't be assigned to. */
const definingCode: ShapeCode = {
  read(shape, reader, end) {
    const map: Item = {}
    for (const name of shape.names) define(map, name, reader.value(end))
    return map
  },
  write: (shape, writer, map) => {
    for (const name of shape.names) writer.attribute(name, map[name])
  },
  copy(shape, map, copyValue) {
    const copy: Item = {}
    for (const name of shape.names) define(copy, name, copyValue(map[name]))
    return copy
  },
}

function define(map: Item, name: string, value: unknown): void {
  Object.defineProperty(map, name, { value, writable: true, enumerable: true, configurable: true })
}

function count(shape: Shape): void {
  // The more code was made, the more it takes: a program that never stops meeting new shapes stops making code.
  const threshold = CODE_THRESHOLD * 2 ** Math.floor(codeCount / CODE_LIMIT)
  if (++shape.uses === Math.min(threshold, 2 ** 30)) giveCode(shape)
}

function giveCode(shape: Shape): void {
  const { names } = shape
  // A name that is a number is an index to an object, and an object of many names is no record.
  if (names.length === 0 || names.length > CODE_NAME_LIMIT || names.some((name) => /^\d+$/.test(name))) return
  const code = makeCode(names, codeCount)
  if (code === undefined) return
  codeCount++
  shape.code = code
  coded.push(shape)
  if (coded.length <= CODE_LIMIT) return
  const oldest = coded.shift()!
  oldest.code = countingCode
  oldest.uses = 0
}

/**
 * The text has nothing in it but numbers. The serial number makes it another text each time: V8 shares what it learns about
 * the types that a code meets among all that were made from one text, and here each is to know one shape only.
 */
function makeCode(names: readonly string[], serial: number): ShapeCode | undefined {
  const list = (part: (index: number) => string, separator = ', ') => names.map((_, i) => part(i)).join(separator)
  // The end of a short string of this tag, counted from the tag: one byte for the tag itself.
  const toEnd = TAG_SHORT_LATIN1 - 1
  // Short strings and integers, and what is true or false; anything else, or what is not all there, is the reader's.
  const next = (i: number) => `
    tag = at < end ? bytes[at] : ${TAG_NULL}
    if (tag >= shortest && at + tag - ${toEnd} <= end) {
      v${i} = text.substring(at + 1 - from, at + tag - ${toEnd} - from)
      at += tag - ${toEnd}
    } else if (tag >= ${TAG_SMALL_INTEGER} && tag < ${TAG_SHORT_LATIN1}) {
      v${i} = tag - ${TAG_SMALL_INTEGER}
      at++
    } else if (tag === ${TAG_INTEGER} && at + 3 <= end && (low = bytes[at + 1]) >= 0x80 && (high = bytes[at + 2]) < 0x80) {
      v${i} = ((low & 0x7f) >> 1) + (high << 6)
      if ((low & 1) === 1) v${i} = -1 - v${i}
      at += 3
    } else if (tag === ${TAG_FALSE} || tag === ${TAG_TRUE}) {
      v${i} = tag === ${TAG_TRUE}
      at++
    } else {
      reader.offset = at
      v${i} = reader.value(end)
      at = reader.offset
    }`
  const text = `'use strict' // ${serial}
function Item(${list((i) => `v${i}`)}) { ${list((i) => `this[n${i}] = v${i}`, '; ')} }
Item.prototype = Object.prototype
return {
  read(shape, reader, end) {
    const bytes = reader.bytes, text = reader.text, from = reader.textStart
    // Without a text no tag is that of a short string.
    const shortest = text === undefined ? 256 : ${TAG_SHORT_LATIN1}
    let at = reader.offset, tag = 0, low = 0, high = 0, ${list((i) => `v${i}`)}
    ${list(next, '')}
    reader.offset = at
    return new Item(${list((i) => `v${i}`)})
  },
  write(shape, writer, map) { ${list((i) => `writer.attribute(n${i}, map[n${i}])`, '; ')} },
  copy(shape, map, copyValue) { let v; return new Item(${list((i) => `typeof (v = map[n${i}]) === 'object' ? copyValue(v) : v`)}) },
}`
  try {
    const make = new Function(...names.map((_, i) => `n${i}`), text) as (...names: readonly string[]) => ShapeCode
    return make(...names)
  } catch {
    // Not allowed here, then.
    return undefined
  }
}
