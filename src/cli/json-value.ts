/**
 * The values of an item as JSON, without loss: what is written here is read back as an equal value.
 *
 * Strings, booleans, null, lists and maps are plain JSON. Numbers are written with all their digits, beyond what a double
 * holds, and such digits are read back exactly, as a bigint or a `Decimal`. What JSON has no word for is a map with one
 * name:
 *
 *   {"$binary": "AQID"}          bytes, in base64
 *   {"$set": ["a", "b"]}         a set of strings, of numbers or of bytes
 *   {"$number": "12.5"}          a number; also read, for programs that can't write long numbers, but never written
 *   {"$literal": {"$set": 1}}    a map that looks like one of these four, but is just a map
 */
import { Decimal, numberFromText } from '../model/item/decimal.js'

const SPECIAL_NAMES: ReadonlySet<string> = new Set(['$binary', '$set', '$number', '$literal'])

/** One line, without blanks. The value is trusted to be one that an item can hold. */
export function stringifyValue(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value)
    case 'number':
      return Object.is(value, -0) ? '0' : String(value)
    case 'bigint':
    case 'boolean':
      return String(value)
  }
  if (value === null || value === undefined) return 'null'
  if (Decimal.is(value)) return value.toString()
  if (value instanceof Uint8Array) return `{"$binary":"${base64(value)}"}`
  if (value instanceof Set) return `{"$set":${stringifyList([...value])}}`
  if (Array.isArray(value)) return stringifyList(value)
  return stringifyMap(value as Record<string, unknown>)
}

function stringifyList(values: readonly unknown[]): string {
  return `[${values.map(stringifyValue).join(',')}]`
}

function stringifyMap(map: Record<string, unknown>): string {
  const names = Object.keys(map)
  let text = ''
  for (const name of names) {
    const value = map[name]
    if (value === undefined) continue
    text += `${text === '' ? '' : ','}${JSON.stringify(name)}:${stringifyValue(value)}`
  }
  return names.length === 1 && SPECIAL_NAMES.has(names[0]!) ? `{"$literal":{${text}}}` : `{${text}}`
}

/**
 * The value that a JSON text stands for.
 *
 * @throws {SyntaxError} When it is no JSON, or one of the special forms is not as it has to be.
 * @throws {ValidationException} When a number is one that can't be stored.
 */
export function parseValue(text: string): unknown {
  const plain: unknown = JSON.parse(text)
  const exact = withExactNumbers(text)
  // Both tests are cheap, and for most items they are all there is to do.
  if (exact === text && !text.includes('$') && !text.includes('\\u0024')) return plain
  return revive(exact === text ? plain : JSON.parse(exact))
}

/** The text of a number that may be more than a double holds: 16 digits or more, or an exponent. */
const LONG_NUMBER = /[\d.]{16}|\d[eE]/

/** The text with each number that a double does not hold written as `{"$number":"…"}`. The text is trusted to be JSON. */
function withExactNumbers(text: string): string {
  if (!LONG_NUMBER.test(text)) return text
  let exact = ''
  let copied = 0
  for (let i = 0; i < text.length; ) {
    const code = text.charCodeAt(i)
    if (code === 0x22 /* " */) i = stringEnd(text, i)
    else if (code === 0x2d /* - */ || (code >= 0x30 && code <= 0x39)) {
      const end = numberEnd(text, i)
      const literal = text.slice(i, end)
      if (LONG_NUMBER.test(literal)) {
        exact += `${text.slice(copied, i)}{"$number":"${literal}"}`
        copied = end
      }
      i = end
    } else i++
  }
  return copied === 0 ? text : exact + text.slice(copied)
}

/** Behind the closing quote of the string that begins here. */
function stringEnd(text: string, start: number): number {
  for (let i = start + 1; ; i++) {
    const code = text.charCodeAt(i)
    if (code === 0x5c /* \ */) i++
    else if (code === 0x22) return i + 1
  }
}

/** Behind the number that begins here: its digits, signs, point and exponent. */
function numberEnd(text: string, start: number): number {
  const end = /[^\d.eE+-]|$/g
  end.lastIndex = start
  return end.exec(text)!.index
}

/** Puts values in the place of their special forms. Lists and maps are changed where they are, names and all. */
function revive(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  const names = Object.keys(value)
  if (!Array.isArray(value) && names.length === 1 && SPECIAL_NAMES.has(names[0]!)) {
    return special(names[0]!, (value as Record<string, unknown>)[names[0]!])
  }
  return reviveInside(value as Record<string, unknown>, names)
}

function reviveInside(holder: Record<string, unknown>, names: readonly string[]): unknown {
  // Every name is an own one already, even `__proto__`, so that assigning changes nothing else.
  for (const name of names) holder[name] = revive(holder[name])
  return holder
}

function special(name: string, content: unknown): unknown {
  if (name === '$number' && typeof content === 'string') return numberFromText(content)
  if (name === '$binary' && typeof content === 'string') return bytesFromBase64(content)
  if (name === '$set' && Array.isArray(content)) return setFrom(content.map(revive))
  if (name === '$literal' && typeof content === 'object' && content !== null && !Array.isArray(content)) {
    return reviveInside(content as Record<string, unknown>, Object.keys(content))
  }
  const form = { $number: '"12.5"', $binary: '"base64"', $set: '[…]', $literal: '{…}' }[name]
  throw new SyntaxError(
    `{"${name}":…} has to be {"${name}": ${form}}; a map that only looks like it is written {"$literal": {"${name}": …}}`,
  )
}

function setFrom(members: readonly unknown[]): Set<unknown> {
  const set = new Set(members)
  if (set.size === members.length) return set
  throw new SyntaxError('{"$set": […]} has a member twice')
}

/** @throws {SyntaxError} When the text is not base64; both alphabets are read, the padding may be missing. */
export function bytesFromBase64(text: string): Uint8Array {
  const bytes = Buffer.from(text, 'base64')
  const unpadded = text
    .replace(/={1,2}$/, '')
    .replace(/-/g, '+')
    .replace(/_/g, '/')
  if (bytes.toString('base64').replace(/=+$/, '') === unpadded) return new Uint8Array(bytes)
  throw new SyntaxError(`"${text.length > 40 ? `${text.slice(0, 40)}…` : text}" is not base64`)
}

/** The bytes as base64, with padding. */
export function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}
