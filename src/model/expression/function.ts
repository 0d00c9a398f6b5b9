/**
 * What `contains`, `begins_with` and `size` mean, in every notation: DynamoDB's meaning. A value they do not apply to
 * (the size of a number) gives no result, never an error.
 */
import { equalValues, nameCount } from '../item/equality.js'
import { findOnce, isRemembering } from '../item/findings.js'
import { isMap } from './attribute-path.js'
import { includesBytes, includesText } from './substring.js'
import { ValueSet } from './value-set.js'

/** In fewer elements it is quicker to look for one. */
const LARGE_LENGTH = 64
/** To know all elements takes about as long as so many looks. */
const UNHASHED_LOOKS = 4

/** Whether a text holds a text, bytes hold bytes, or a list or set holds an equal element. */
export function containsValue(container: unknown, value: unknown): boolean {
  if (typeof container === 'string') return typeof value === 'string' && includesText(container, value)
  if (container instanceof Uint8Array) return value instanceof Uint8Array && includesBytes(container, value)
  if (Array.isArray(container)) return isLarge(container.length) ? look(container, value) : hasElement(container, value)
  if (!(container instanceof Set)) return false
  if (container.has(value)) return true
  if (typeof value === 'string') return false
  return isLarge(container.size) ? look(container, value) : hasElement(container, value)
}

type Elements = readonly unknown[] | ReadonlySet<unknown>

function hasElement(container: Elements, value: unknown): boolean {
  for (const element of container) if (equalValues(element, value)) return true
  return false
}

/** Of one that many conditions may look into, it pays to know what is in it. */
function isLarge(length: number): boolean {
  return length >= LARGE_LENGTH && isRemembering()
}

function look(container: Elements, value: unknown): boolean {
  return findOnce(newLooks, container).has(value)
}

function newLooks(container: Elements): Looks {
  return new Looks(container)
}

/** The looks of several conditions into one list or set: after the first few it is known what is in it. */
class Looks {
  readonly #container: Elements
  #count = 0
  #members: ValueSet | undefined

  constructor(container: Elements) {
    this.#container = container
  }

  has(value: unknown): boolean {
    this.#count += 1
    if (this.#count <= UNHASHED_LOOKS) return hasElement(this.#container, value)
    this.#members ??= new ValueSet(this.#container)
    return this.#members.has(value)
  }
}

/** Whether a text begins with a text, or bytes with bytes. */
export function beginsWithValue(value: unknown, prefix: unknown): boolean {
  if (typeof value === 'string') return typeof prefix === 'string' && value.startsWith(prefix)
  if (!(value instanceof Uint8Array) || !(prefix instanceof Uint8Array)) return false
  return prefix.length <= value.length && prefix.every((byte, index) => byte === value[index])
}

/** UTF-16 units of a text, bytes of bytes, elements of a list, set or map; `undefined` for anything else. */
export function sizeOfValue(value: unknown): number | undefined {
  if (typeof value === 'string' || Array.isArray(value) || value instanceof Uint8Array) return value.length
  if (value instanceof Set) return value.size
  return isMap(value) ? nameCount(value) : undefined
}
