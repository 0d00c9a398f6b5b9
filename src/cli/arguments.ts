/**
 * The small languages of the command line: lists, whole numbers, keys, indexes. Each function takes the text as it was
 * typed and gives its meaning, or throws a `UsageError` that says how to write it.
 */
import { InvalidArgumentError } from 'commander'
import type { KeySpec } from '../types.js'

/** The command was called in a wrong way: exit code 2. */
export class UsageError extends InvalidArgumentError {
  constructor(message: string, options?: ErrorOptions) {
    super(message)
    if (options?.cause !== undefined) this.cause = options.cause
  }
}

/** `a,b,c`: names without the blanks around them. */
export function nameList(text: string): string[] {
  const names = text.split(',').map((name) => name.trim())
  if (names.includes('')) throw new UsageError('names are separated by commas: a,b,c')
  return names
}

/** `customer` or `customer,placedAt`. */
export function keySpec(text: string): KeySpec {
  const [partition, sort, ...more] = nameList(text)
  if (more.length > 0) throw new UsageError('a key is one attribute or two: customer or customer,placedAt')
  return sort === undefined ? [partition!] : [partition!, sort]
}

/** `byTotal=customer,total`; given several times, they add up. */
export function indexSpecs(text: string, earlier: Record<string, KeySpec> = {}): Record<string, KeySpec> {
  const equals = text.indexOf('=')
  if (equals < 1) throw new UsageError('an index is a name and a key: byTotal=customer,total')
  const name = text.slice(0, equals).trim()
  if (Object.hasOwn(earlier, name)) throw new UsageError(`the index "${name}" is given twice`)
  return { ...earlier, [name]: keySpec(text.slice(equals + 1)) }
}

/** A whole number from `minimum` on. */
export function wholeNumber(minimum: number): (text: string) => number {
  return (text) => {
    const number = Number(text)
    if (/^\d+$/.test(text) && number >= minimum && Number.isSafeInteger(number)) return number
    throw new UsageError(`it has to be a whole number from ${minimum}`)
  }
}

/** What separates the cells of a CSV file: one character, where `\t` stands for a tab. */
export function csvDelimiter(text: string): string {
  const character = text === '\\t' ? '\t' : text
  // What numbers and words are made of can't be between them, too.
  if (/^[^\p{L}\p{N}\p{Cs}\p{M}"\r\n.+-]$/u.test(character)) return character
  throw new UsageError('it is one character that is no letter, digit, sign or quote: "," ";" "|" "\\t"')
}
