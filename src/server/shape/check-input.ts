/**
 * The second look at a request, whose types are right by now: the constraints of DynamoDB's model. Everything that is wrong
 * is said at once, up to ten times, in the order of the shapes' members.
 */
import { AwsError } from '../aws-error.js'
import type { Members } from '../performer.js'
import { renderedValue } from './rendered-value.js'
import type { ListShape, MapShape, Shape, StructureShape, TextShape } from './shape.js'
import type { Wording } from './wording.js'

const MAX_VIOLATIONS = 10

/** Of a name in a path: names are as long as whoever sends them likes. */
const MAX_NAME_LENGTH = 1024

/** @throws {AwsError} `ValidationException` with what is wrong. */
export function checkInput(shape: StructureShape, input: Members, wording: Wording): void {
  for (const member of shape.memberList) {
    if (member.isNamedFirst && input[member.name] === undefined) {
      throw new AwsError('ValidationException', wording.requiredMember(member.name))
    }
  }
  const violations = new InputChecker(wording).check(shape, input)
  if (violations.length > 0) throw new AwsError('ValidationException', wording.violations(violations))
}

class InputChecker {
  readonly #wording: Wording
  readonly #violations: string[] = []
  readonly #path: string[] = []

  constructor(wording: Wording) {
    this.#wording = wording
  }

  check(shape: StructureShape, input: Members): readonly string[] {
    this.#checkStructure(shape, input)
    return this.#violations
  }

  #check(shape: Shape, value: unknown): void {
    switch (shape.kind) {
      case 'text':
        if (this.#isViolated(shape, value as string)) this.#addAll(shape, value)
        return
      case 'integer':
      case 'long':
      case 'double':
        if (this.#isOutside(shape, value as number)) this.#addAll(shape, value)
        return
      case 'list':
        this.#checkList(shape, value as readonly unknown[])
        return
      case 'map':
        this.#checkMap(shape, value as Members)
        return
      case 'structure':
        this.#checkStructure(shape, value as Members)
    }
  }

  #checkStructure(shape: StructureShape, value: Members): void {
    for (const member of shape.memberList) {
      const given = value[member.name]
      if (given === undefined && !member.isRequired) continue
      this.#path.push(member.camelName)
      if (given === undefined) this.#add(member.shape, undefined, this.#wording.notNull)
      else this.#check(member.shape, given)
      this.#path.pop()
    }
  }

  #checkList(shape: ListShape, list: readonly unknown[]): void {
    if (this.#isOutside(shape, list.length)) this.#addAll(shape, list)
    this.#checkElements(shape.element, list)
  }

  #checkElements(shape: Shape, list: readonly unknown[]): void {
    if (shape.kind === 'attributeValue') return
    for (let at = 0; at < list.length && !this.#isFull; at++) {
      this.#path.push(String(at + 1), 'member')
      if (list[at] === null) this.#add(shape, undefined, this.#wording.notNull)
      else this.#check(shape, list[at])
      this.#path.length -= 2
    }
  }

  #checkMap(shape: MapShape, fields: Members): void {
    const names = Object.keys(fields)
    if (this.#isOutside(shape, names.length)) this.#addAll(shape, fields)
    const { everyKey, everyValue, notNull } = this.#wording
    if (names.some((name) => this.#isViolated(shape.key, name))) {
      this.#add(shape, fields, everyKey(this.#constraintsOf(shape.key).reverse().join(', ')))
    }
    const valueShape = shape.value
    if (valueShape.kind === 'attributeValue') return
    if (names.some((name) => fields[name] === null)) {
      this.#add(shape, fields, everyValue(notNull))
    } else if (names.some((name) => this.#isRefusedInMap(valueShape, fields[name]))) {
      this.#add(shape, fields, everyValue(this.#constraintsOf(valueShape).reverse().join(', ')))
    }
    if (valueShape.kind !== 'structure' && valueShape.kind !== 'list') return
    for (const name of names) {
      if (this.#isFull) return
      const value = fields[name]
      if (value === null) continue
      this.#path.push(name.slice(0, MAX_NAME_LENGTH), 'member')
      if (valueShape.kind === 'structure') this.#checkStructure(valueShape, value as Members)
      else this.#checkElements(valueShape.element, value as readonly unknown[])
      this.#path.length -= 2
    }
  }

  /** What a map's values have to satisfy is said of the map, not of the value. */
  #isRefusedInMap(shape: Shape, value: unknown): boolean {
    if (shape.kind === 'text') return this.#isViolated(shape, value as string)
    return shape.kind === 'list' && this.#isOutside(shape, (value as readonly unknown[]).length)
  }

  #isViolated(shape: TextShape, value: string): boolean {
    if (shape.choices !== undefined && !shape.choices.has(value)) return true
    return this.#isOutside(shape, value.length) || (shape.pattern !== undefined && !shape.pattern.test(value))
  }

  #isOutside({ min, max }: { readonly min?: number; readonly max?: number }, size: number): boolean {
    return (min !== undefined && size < min) || (max !== undefined && size > max)
  }

  /** Every constraint of a shape that a value violates. */
  #addAll(shape: TextShape | ListShape | MapShape | (Shape & { kind: 'integer' | 'long' | 'double' }), value: unknown) {
    const wording = this.#wording
    const isNumber = typeof value === 'number'
    const size = isNumber ? value : sizeOf(value)
    if (shape.kind === 'text') {
      const { choices, pattern, patternText } = shape
      const text = value as string
      if (choices !== undefined && !choices.has(text)) {
        this.#add(shape, value, wording.choice([...choices].join(', ')))
      }
      // A text that is too long is not matched: it would be work without an end.
      const isMatched = shape.max === undefined || text.length <= shape.max
      if (pattern !== undefined && patternText !== undefined && isMatched && !pattern.test(text)) {
        this.#add(shape, value, wording.pattern(patternText))
      }
    }
    if (shape.min !== undefined && size < shape.min) {
      this.#add(shape, value, (isNumber ? wording.valueAtLeast : wording.lengthAtLeast)(shape.min))
    }
    if (shape.max !== undefined && size > shape.max) {
      this.#add(shape, value, (isNumber ? wording.valueAtMost : wording.lengthAtMost)(shape.max))
    }
  }

  #constraintsOf(shape: Shape): string[] {
    if (shape.kind !== 'text' && shape.kind !== 'list') return []
    const wording = this.#wording
    const constraints: string[] = []
    if (shape.kind === 'text' && shape.patternText !== undefined) constraints.push(wording.pattern(shape.patternText))
    if (shape.min !== undefined) constraints.push(wording.lengthAtLeast(shape.min))
    if (shape.max !== undefined) constraints.push(wording.lengthAtMost(shape.max))
    return constraints
  }

  get #isFull(): boolean {
    return this.#violations.length >= MAX_VIOLATIONS
  }

  #add(shape: Shape, value: unknown, constraint: string): void {
    if (this.#isFull) return
    const rendered = value === undefined ? undefined : renderedValue(shape, value)
    this.#violations.push(this.#wording.violation(rendered, this.#path.join('.'), constraint))
  }
}

function sizeOf(value: unknown): number {
  if (typeof value === 'string' || Array.isArray(value)) return value.length
  return Object.keys(value as object).length
}
