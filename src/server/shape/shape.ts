/**
 * What the members of a request may be: the words in which the tables beside this file say it. A shape holds what can be
 * wrong with a value: its type (`read-input.ts`) and its constraints (`check-input.ts`).
 */

export type Shape =
  | TextShape
  | NumberShape
  | FlagShape
  | BytesShape
  | InstantShape
  | ListShape
  | MapShape
  | StructureShape
  | AttributeValueShape

interface Bounds {
  readonly min?: number
  readonly max?: number
}

export interface TextShape extends Bounds {
  readonly kind: 'text'
  /** The pattern, anchored at both ends. */
  readonly pattern?: RegExp
  /** The pattern as DynamoDB prints it. */
  readonly patternText?: string
  /** The only values there are, in the order in which DynamoDB prints them. */
  readonly choices?: ReadonlySet<string>
}

export interface NumberShape extends Bounds {
  readonly kind: 'integer' | 'long' | 'double'
}

export interface FlagShape {
  readonly kind: 'flag'
}

/** Base64 on the wire, a `Uint8Array` behind it. */
export interface BytesShape {
  readonly kind: 'bytes'
}

/** Seconds since 1970, with fractions. */
export interface InstantShape {
  readonly kind: 'instant'
}

export interface ListShape extends Bounds {
  readonly kind: 'list'
  readonly element: Shape
}

export interface MapShape extends Bounds {
  readonly kind: 'map'
  readonly key: TextShape
  readonly value: Shape
}

export interface StructureShape {
  readonly kind: 'structure'
  readonly name: string
  readonly members: ReadonlyMap<string, Member>
  /** The same in the order in which DynamoDB checks them, as far as it is known. */
  readonly memberList: readonly Member[]
}

export interface Member {
  readonly name: string
  /** The name as messages have it. */
  readonly camelName: string
  readonly shape: Shape
  readonly isRequired: boolean
  /** The check says so before all others, and in other words. */
  readonly isNamedFirst: boolean
}

/** `{ S }`, `{ N }`, …: the one shape that holds itself. */
export interface AttributeValueShape {
  readonly kind: 'attributeValue'
}

export const flag: Shape = { kind: 'flag' }
export const bytes: Shape = { kind: 'bytes' }
export const instant: Shape = { kind: 'instant' }
export const double: Shape = { kind: 'double' }
export const attributeValue: Shape = { kind: 'attributeValue' }

interface TextOptions extends Bounds {
  /** As DynamoDB prints it. */
  readonly pattern?: string
  /** What it means, where JavaScript would read it otherwise, or slowly. */
  readonly matches?: RegExp
}

export function text({ pattern, matches, ...bounds }: TextOptions = {}): TextShape {
  if (pattern === undefined) return { kind: 'text', ...bounds }
  return { kind: 'text', ...bounds, pattern: matches ?? new RegExp(`^(?:${pattern})$`), patternText: pattern }
}

export function choice(...values: readonly string[]): TextShape {
  return { kind: 'text', choices: new Set(values) }
}

export function integer(bounds: Bounds = {}): Shape {
  return { kind: 'integer', ...bounds }
}

export function long(bounds: Bounds = {}): Shape {
  return { kind: 'long', ...bounds }
}

export function list(element: Shape, bounds: Bounds = {}): Shape {
  return { kind: 'list', element, ...bounds }
}

export function map(key: TextShape, value: Shape, bounds: Bounds = {}): Shape {
  return { kind: 'map', key, value, ...bounds }
}

/** A member that has to be there. */
export interface Required {
  readonly required: Shape
  readonly isNamedFirst: boolean
}

export function required(shape: Shape): Required {
  return { required: shape, isNamedFirst: false }
}

/** A member that has to be there, and whose absence DynamoDB notices before it looks at anything else. */
export function requiredFirst(shape: Shape): Required {
  return { required: shape, isNamedFirst: true }
}

export function structure(name: string, members: Readonly<Record<string, Shape | Required>>): StructureShape {
  const known = new Map<string, Member>()
  for (const [memberName, given] of Object.entries(members)) {
    const camelName = memberName.charAt(0).toLowerCase() + memberName.slice(1)
    const isRequired = 'required' in given
    known.set(memberName, {
      ...{ name: memberName, camelName, isRequired },
      shape: isRequired ? given.required : given,
      isNamedFirst: isRequired && given.isNamedFirst,
    })
  }
  return { kind: 'structure', name, members: known, memberList: [...known.values()] }
}
