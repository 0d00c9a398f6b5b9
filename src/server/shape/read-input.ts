/**
 * The first look at a request: is each member of the type that its shape demands? What nobody knows is dropped, and so is
 * what is null; base64 becomes bytes. It reads JSON that was parsed, and what callers in this process hand over.
 *
 * What it is given is not changed: where something has to be another value, the objects around it are copied. So the usual
 * request, in which nothing has to, is looked at and not copied.
 */
import { types } from 'node:util'
import { AwsError } from '../aws-error.js'
import type { Members } from '../performer.js'
import { base64Problem, bytesFromBase64 } from './base64.js'
import type { NumberShape, Shape, StructureShape } from './shape.js'
import type { JsonToken, Wording } from './wording.js'

/** Attribute values nest no deeper: 31 maps or lists around a value are fine, 32 are not. */
const MAX_NESTING = 31

/** A body of 16 MiB holds no more. Objects in this process could: those that hold themselves twice, for one. */
const MAX_VALUE_COUNT = 16 * 1024 * 1024

const MODEL = 'com.amazonaws.dynamodb.v20120810'

const INTEGER_LIMITS = { integer: 2 ** 31 - 1, long: 2 ** 63 - 1, double: Number.POSITIVE_INFINITY }
const NUMBER_TYPES = { integer: 'Integer', long: 'Long', double: 'Double' }

type Fields = Record<string, unknown>

/**
 * What a request is made of.
 *
 * - `json`: what was sent, parsed. A null in a map is a value of its own, which is refused.
 * - `objects`: what a program hands its SDK. A null, or undefined, in a map is what the SDK does not send.
 */
export type InputForm = 'json' | 'objects'

/**
 * @throws {AwsError} `SerializationException` when something is of the wrong type; `ValidationException` when attribute
 *   values nest too deep.
 */
export function readInput(shape: StructureShape, value: unknown, wording: Wording, form: InputForm = 'json'): Members {
  if (typeof value !== 'object' || value === null) throw new AwsError('SerializationException', '')
  return new InputReader(wording, form).readStructure(shape, value, false)
}

class InputReader {
  readonly #wording: Wording
  readonly #form: InputForm
  #valueCount = 0

  constructor(wording: Wording, form: InputForm) {
    this.#wording = wording
    this.#form = form
  }

  readStructure(shape: StructureShape, value: unknown, isElement: boolean): Fields {
    const fields = this.#fieldsOf(value, isElement, `class ${MODEL}.${shape.name}`)
    let copy: Fields | undefined
    for (const name of Object.keys(fields)) {
      const member = shape.members.get(name)
      const given = fields[name]
      const read = member === undefined || given == null ? undefined : this.#read(member.shape, given, false)
      if (read !== given || read === undefined) copy = withField(copy ?? { ...fields }, name, read)
    }
    return copy ?? fields
  }

  #read(shape: Shape, value: unknown, isElement: boolean): unknown {
    switch (shape.kind) {
      case 'text':
        if (typeof value === 'string') return value
        throw this.#wrongScalar(value, 'String', 'java.lang.String')
      case 'flag':
        if (typeof value === 'boolean') return value
        if (typeof value === 'string') throw serializationError(this.#wording.notAFlag)
        throw this.#wrongScalar(value, 'Boolean', 'java.lang.Boolean')
      case 'integer':
      case 'long':
      case 'double':
        return this.#readNumber(shape.kind, value)
      case 'instant':
        return this.#readInstant(value)
      case 'bytes':
        return this.#readBytes(value)
      case 'list':
        return this.#readList(shape.element, value, isElement)
      case 'map':
        return this.#readMap(shape, value, isElement)
      case 'structure':
        return this.readStructure(shape, value, isElement)
      case 'attributeValue':
        return this.#readAttributeValue(value, isElement, 0)
    }
  }

  #readNumber(kind: NumberShape['kind'], value: unknown): number {
    if (typeof value !== 'number' || Number.isNaN(value)) {
      throw this.#wrongScalar(value, NUMBER_TYPES[kind], `java.lang.${NUMBER_TYPES[kind]}`)
    }
    if (kind === 'double') return value
    const limit = INTEGER_LIMITS[kind]
    return Math.min(Math.max(Math.trunc(value), -limit - 1), limit)
  }

  #readInstant(value: unknown): number {
    const seconds = types.isDate(value) ? value.getTime() / 1000 : value
    if (typeof seconds === 'number' && Number.isFinite(seconds)) return seconds
    if (Array.isArray(value)) throw serializationError(this.#wording.collectionNotExpected('class java.util.Date'))
    if (typeof value === 'object') throw serializationError(this.#wording.structureNotExpected)
    throw serializationError(this.#wording.notASecond(tokenOf(value)))
  }

  #readBytes(value: unknown): Uint8Array {
    if (typeof value === 'string') {
      const problem = base64Problem(value)
      if (problem === undefined) return bytesFromBase64(value)
      const { base64Length, base64Character } = this.#wording
      throw serializationError(problem === 'length' ? base64Length(value.length) : base64Character)
    }
    if (value instanceof Uint8Array) return value
    if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
    if (types.isAnyArrayBuffer(value)) return new Uint8Array(value)
    if (typeof value === 'object') throw this.#wrongScalar(value, 'Blob', 'java.nio.ByteBuffer')
    throw serializationError(this.#wording.notBase64)
  }

  #readList(element: Shape, value: unknown, isElement: boolean): unknown[] {
    const list = this.#elementsOf(value, isElement)
    let copy: unknown[] | undefined
    for (let at = 0; at < list.length; at++) {
      const given = list[at]
      const read = given == null ? absentElement(element) : this.#read(element, given, true)
      if (read !== given) (copy ??= list.slice())[at] = read
    }
    return copy ?? list
  }

  #readMap(shape: Shape & { kind: 'map' }, value: unknown, isElement: boolean): Fields {
    const fields = this.#mapOf(value, isElement, shape.value)
    let copy: Fields | undefined
    for (const name of Object.keys(fields)) {
      const given = fields[name]
      const read = given == null ? this.#absentMember(shape.value) : this.#read(shape.value, given, true)
      if (read !== given || read === undefined) copy = withField(copy ?? { ...fields }, name, read)
    }
    return copy ?? fields
  }

  #readAttributeValue(value: unknown, isElement: boolean, nesting: number): Fields {
    const fields = this.#fieldsOf(value, isElement, `class ${MODEL}.AttributeValue`)
    if (nesting > MAX_NESTING) throw new AwsError('ValidationException', this.#wording.nestingLevels)
    if (++this.#valueCount > MAX_VALUE_COUNT) throw new AwsError('RequestEntityTooLarge', '')
    let copy: Fields | undefined
    for (const type of Object.keys(fields)) {
      const given = fields[type]
      const read = given == null ? undefined : this.#readTyped(type, given, nesting)
      if (read !== given || read === undefined) copy = withField(copy ?? { ...fields }, type, read)
    }
    return copy ?? fields
  }

  #readTyped(type: string, value: unknown, nesting: number): unknown {
    switch (type) {
      case 'S':
      case 'N':
        if (typeof value === 'string') return value
        throw this.#wrongScalar(value, 'String', 'java.lang.String')
      case 'BOOL':
      case 'NULL':
        return this.#read(FLAG, value, false)
      case 'B':
        return this.#readBytes(value)
      case 'SS':
      case 'NS':
        return this.#readSet(type, TEXT, value)
      case 'BS':
        return this.#readSet(type, BYTES, value)
      case 'L': {
        const list = this.#elementsOf(value, false)
        let copy: unknown[] | undefined
        for (let at = 0; at < list.length; at++) {
          const given = list[at]
          const read = given == null ? EMPTY_VALUE : this.#readAttributeValue(given, true, nesting + 1)
          if (read !== given) (copy ??= list.slice())[at] = read
        }
        return copy ?? list
      }
      case 'M': {
        const fields = this.#mapOf(value, false, ATTRIBUTE_VALUE)
        let copy: Fields | undefined
        for (const name of Object.keys(fields)) {
          const given = fields[name]
          const read =
            given == null ? this.#absentMember(ATTRIBUTE_VALUE) : this.#readAttributeValue(given, true, nesting + 1)
          if (read !== given || read === undefined) copy = withField(copy ?? { ...fields }, name, read)
        }
        return copy ?? fields
      }
      default:
        return undefined
    }
  }

  #readSet(type: 'SS' | 'NS' | 'BS', element: Shape, value: unknown): unknown[] {
    const elements = this.#readList(element, value, false)
    if (elements.includes(null)) throw new AwsError('ValidationException', this.#wording.nullInSet[type])
    return elements
  }

  /** In the place of a null in a map; undefined when there is to be nothing. */
  #absentMember(shape: Shape): Fields | null | undefined {
    return this.#form === 'objects' ? undefined : absentElement(shape)
  }

  #fieldsOf(value: unknown, isElement: boolean, javaType: string): Fields {
    if (typeof value !== 'object' || value === null) {
      throw serializationError(isElement ? this.#wording.valueNotExpected : this.#wording.fieldNotExpected)
    }
    if (Array.isArray(value)) throw serializationError(this.#wording.collectionNotExpected(javaType))
    return value as Fields
  }

  #mapOf(value: unknown, isElement: boolean, valueShape: Shape): Fields {
    if (typeof value !== 'object' || value === null) {
      throw serializationError(isElement ? this.#wording.nestedCollectionExpected : this.#wording.fieldNotExpected)
    }
    if (!Array.isArray(value)) return value as Fields
    throw serializationError(
      this.#wording.collectionNotExpected(`java.util.Map<java.lang.String, ${javaTypeOf(valueShape)}>`),
    )
  }

  #elementsOf(value: unknown, isElement: boolean): unknown[] {
    if (Array.isArray(value)) return value
    if (typeof value === 'object') throw serializationError(this.#wording.structureNotExpected)
    throw serializationError(isElement ? this.#wording.nestedCollectionExpected : this.#wording.fieldNotExpected)
  }

  #wrongScalar(value: unknown, type: string, javaType: string): AwsError {
    if (Array.isArray(value)) return serializationError(this.#wording.collectionNotExpected(`class ${javaType}`))
    if (typeof value === 'object') return serializationError(this.#wording.structureNotExpected)
    return serializationError(this.#wording.cannotConvert(tokenOf(value), type))
  }
}

const FLAG: Shape = { kind: 'flag' }
const TEXT: Shape = { kind: 'text' }
const BYTES: Shape = { kind: 'bytes' }
const ATTRIBUTE_VALUE: Shape = { kind: 'attributeValue' }

/** What DynamoDB makes of a null among values: one without a type, which it refuses later, in its own words. */
const EMPTY_VALUE: Fields = Object.freeze({})

/** Null stays in lists and maps, for the constraints to name its place. */
function absentElement(shape: Shape): Fields | null {
  return shape.kind === 'attributeValue' ? EMPTY_VALUE : null
}

/** The name is the copy's own, so even `__proto__` is but a name. */
function withField(copy: Fields, name: string, value: unknown): Fields {
  if (value === undefined) delete copy[name]
  else copy[name] = value
  return copy
}

function serializationError(message: string): AwsError {
  return new AwsError('SerializationException', message)
}

function tokenOf(value: unknown): JsonToken {
  if (typeof value === 'number') return Number.isInteger(value) ? 'NUMBER_VALUE' : 'DECIMAL_VALUE'
  if (typeof value === 'bigint') return 'NUMBER_VALUE'
  if (typeof value === 'boolean') return value ? 'TRUE_VALUE' : 'FALSE_VALUE'
  return 'STRING_VALUE'
}

function javaTypeOf(shape: Shape): string {
  switch (shape.kind) {
    case 'text':
      return 'java.lang.String'
    case 'flag':
      return 'java.lang.Boolean'
    case 'integer':
    case 'long':
    case 'double':
      return `java.lang.${NUMBER_TYPES[shape.kind]}`
    case 'bytes':
      return 'java.nio.ByteBuffer'
    case 'instant':
      return 'java.util.Date'
    case 'list':
      return `java.util.List<${javaTypeOf(shape.element)}>`
    case 'map':
      return `java.util.Map<java.lang.String, ${javaTypeOf(shape.value)}>`
    case 'structure':
      return `${MODEL}.${shape.name}`
    case 'attributeValue':
      return `${MODEL}.AttributeValue`
  }
}
