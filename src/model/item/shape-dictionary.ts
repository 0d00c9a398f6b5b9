/**
 * The shapes of a database that have a number: in its items the number stands for the names (version 2 of
 * architecture/item-format.md). A number is given once and means the same names for as long as there is the database.
 *
 * Invariant: whoever stores an item has stored the number of its shape before, or stores both at once. A shape has its
 * number from the moment it is first encoded with it; from then on, until somebody says that it is kept, it is `unkept`.
 *
 * Names that hardly ever come again get no number: a shape has to be met a few times, and by names that are all different
 * nothing grows. Names that are very long, or come when the dictionary is full, are written out.
 */
import { CorruptionError } from '../../errors.js'
import { ITEM_DEPTH_LIMIT } from './item.js'
import { hasNames, type Shape, SLOT_COUNT, shapeWith, slotOfNames } from './shape.js'

/** How many shapes can have a number. */
export const DICTIONARY_LIMIT = 4096
/** How often a shape was met when it gets one. */
export const NUMBER_THRESHOLD = 8
/** More names than this are too long together. */
const NAME_COUNT_LIMIT = 512
/** Of so many that have none it is known how often they were met, and their names are not longer than this. */
const CANDIDATE_LIMIT = 1024
const CANDIDATE_LENGTH_LIMIT = 1024

export interface NumberedShape {
  readonly number: number
  readonly names: readonly string[]
  readonly shape: Shape
}

export class ShapeDictionary {
  /** By number; 0 is none. */
  readonly #shapes: (Shape | undefined)[] = [undefined]
  readonly #byNames = new Map<string, NumberedShape>()
  readonly #slots: (NumberedShape | undefined)[] = new Array<undefined>(SLOT_COUNT).fill(undefined)
  /** What was found last, at each depth of items. */
  readonly #recent: (NumberedShape | undefined)[] = new Array<undefined>(ITEM_DEPTH_LIMIT).fill(undefined)
  /** How often shapes without a number were met, the one that was not for the longest time first. */
  readonly #candidates = new Map<string, number>()
  #unkept: readonly NumberedShape[] = []

  /** How many numbers were given. */
  get size(): number {
    return this.#byNames.size
  }

  /** Those that have a number of which nobody has said that it is kept. */
  get unkept(): readonly NumberedShape[] {
    return this.#unkept
  }

  /** Takes note that a number is kept. */
  kept(number: number): void {
    if (this.#unkept.length > 0) this.#unkept = this.#unkept.filter((shape) => shape.number !== number)
  }

  /** What has to be restored in another one for it to read what was encoded with this one until now. */
  get contents(): (readonly [number: number, names: readonly string[]])[] {
    return [...this.#byNames.values()].map(({ number, names }) => [number, names])
  }

  /** The shape that has a number. */
  shape(number: number): Shape | undefined {
    return this.#shapes[number]
  }

  /**
   * Takes a number and its names from where they were kept.
   *
   * @throws {CorruptionError} When they can't have been kept.
   */
  restore(number: number, names: unknown): void {
    const isNumber = Number.isInteger(number) && number >= 1 && number <= DICTIONARY_LIMIT
    if (!isNumber || !isNames(names)) throw unreadable(number)
    const known = this.#shapes[number]
    if (known !== undefined) {
      // Commits that are repeated in the log are read again by those who follow it.
      if (hasNames(known, names)) return
      throw unreadable(number)
    }
    const shape = shapeWith(names)
    if (shape === undefined || this.#byNames.has(keyOf(names))) throw unreadable(number)
    this.#add(number, shape)
  }

  /**
   * The number of the names that a plain object has, if they have one; they may get it now. Most objects have the names of
   * the one before at the same depth: to see that takes no list of them.
   */
  shapeOf(object: object, depth: number): NumberedShape | undefined {
    const recent = this.#recent[depth]
    if (recent !== undefined && namesMatch(object, recent.names)) return recent
    const numbered = this.#find(Object.keys(object))
    if (numbered !== undefined) this.#recent[depth] = numbered
    return numbered
  }

  #find(names: readonly string[]): NumberedShape | undefined {
    const slot = slotOfNames(names)
    const likely = this.#slots[slot]
    if (likely !== undefined && hasNames(likely, names)) return likely
    // Two that meet in one place are both found there.
    const second = this.#slots[slot ^ 1]
    if (second !== undefined && hasNames(second, names)) return second
    if (names.length > NAME_COUNT_LIMIT) return undefined
    const key = keyOf(names)
    const known = this.#byNames.get(key)
    if (known === undefined) return this.#meet(names, key)
    if (!hasNames(known, names)) return undefined
    this.#slots[slot ^ 1] = likely
    this.#slots[slot] = known
    return known
  }

  /** Counts names that have no number. */
  #meet(names: readonly string[], key: string): NumberedShape | undefined {
    if (this.#shapes.length > DICTIONARY_LIMIT || key.length > CANDIDATE_LENGTH_LIMIT) return undefined
    const candidates = this.#candidates
    const count = (candidates.get(key) ?? 0) + 1
    candidates.delete(key)
    if (count < NUMBER_THRESHOLD) {
      candidates.set(key, count)
      if (candidates.size > CANDIDATE_LIMIT) candidates.delete(candidates.keys().next().value!)
      return undefined
    }
    const shape = shapeWith(names)
    if (shape === undefined) return undefined
    const numbered = this.#add(this.#shapes.length, shape)
    this.#unkept = [...this.#unkept, numbered]
    return numbered
  }

  #add(number: number, shape: Shape): NumberedShape {
    const { names } = shape
    const numbered = { number, names, shape }
    while (this.#shapes.length < number) this.#shapes.push(undefined)
    this.#shapes[number] = shape
    this.#byNames.set(keyOf(names), numbered)
    this.#slots[slotOfNames(names)] = numbered
    return numbered
  }
}

/**
 * Whether these are the names of its own enumerable properties, in their order. What is inherited, as somebody may have given
 * all objects a property, comes behind what is its own: if the last one is its own, all are.
 */
function namesMatch(object: object, names: readonly string[]): boolean {
  const { length } = names
  let count = 0
  for (const name in object) if (name !== names[count++]) return false
  return count === length && (length === 0 || Object.hasOwn(object, names[length - 1]!))
}

/** Names that have zero characters in them may share it with others: the first ones get the number. */
function keyOf(names: readonly string[]): string {
  return `${names.length}\0${names.join('\0')}`
}

function isNames(names: unknown): names is string[] {
  return (
    Array.isArray(names) &&
    names.every((name) => typeof name === 'string') &&
    new Set(names as string[]).size === names.length
  )
}

function unreadable(number: number): CorruptionError {
  return new CorruptionError('catalog', 0, `the names of shape ${number} can not be read`)
}
