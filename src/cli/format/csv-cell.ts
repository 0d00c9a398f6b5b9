/**
 * What a cell of a CSV file stands for, which the file itself does not say.
 *
 * A column may be given a type. One without is text; or, if types are to be inferred, what the text looks like: a number,
 * `true`, `false` or `null` are that, and an empty cell is an attribute that is not there. A cell in quotes is text
 * whatever it looks like, so an export, which quotes such text, is read back as it was, but for lists, maps, sets and
 * binary: give their columns the type JSON or B.
 */
import { numberFromText } from '../../model/item/decimal.js'
import { UsageError } from '../arguments.js'
import { bytesFromBase64, parseValue } from '../json-value.js'

export const CELL_TYPES = ['S', 'N', 'B', 'BOOL', 'JSON'] as const
export type CellType = (typeof CELL_TYPES)[number]

/** `total:N,paid:BOOL`; given several times, they add up. */
export function cellTypes(text: string, earlier: ReadonlyMap<string, CellType> = new Map()): Map<string, CellType> {
  const types = new Map(earlier)
  for (const part of text.split(',')) {
    const colon = part.lastIndexOf(':')
    const type = CELL_TYPES.find(
      (known) =>
        known ===
        part
          .slice(colon + 1)
          .trim()
          .toUpperCase(),
    )
    if (colon < 1 || type === undefined) {
      throw new UsageError(`a column has a type out of ${CELL_TYPES.join(', ')}: total:N,paid:BOOL`)
    }
    types.set(part.slice(0, colon).trim(), type)
  }
  return types
}

/** The text of a cell, marked where it stood in quotes. */
export type Cell = string | { readonly quoted: string }

export function cellText(cell: Cell): string {
  return typeof cell === 'string' ? cell : cell.quoted
}

/** The value, or undefined when the attribute is not there. @throws {Error} When the text is not of the type. */
export function cellValue(cell: Cell, type: CellType | undefined, infer: boolean): unknown {
  const isQuoted = typeof cell !== 'string'
  if (type !== undefined) return typedValue(cellText(cell), type, isQuoted || !infer)
  return infer && !isQuoted ? inferredValue(cell) : cellText(cell)
}

function typedValue(text: string, type: CellType, keepEmptyText: boolean): unknown {
  if (text === '') return type === 'S' && keepEmptyText ? '' : undefined
  switch (type) {
    case 'S':
      return text
    case 'N':
      return numberFromText(text.trim())
    case 'B':
      return bytesFromBase64(text)
    case 'BOOL':
      return booleanFrom(text)
    case 'JSON':
      return parseValue(text)
  }
}

function booleanFrom(text: string): boolean {
  const word = text.trim().toLowerCase()
  if (word === 'true' || word === '1') return true
  if (word === 'false' || word === '0') return false
  throw new SyntaxError(`"${text}" is no boolean: true or false`)
}

/** A number as people and programs write it; not `0123` or `+41…`, which tend to be codes and telephone numbers. */
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/

function inferredValue(text: string): unknown {
  if (text === '') return undefined
  if (text === 'true') return true
  if (text === 'false') return false
  if (text === 'null') return null
  if (!NUMBER.test(text)) return text
  try {
    return numberFromText(text)
  } catch {
    // More digits than a number can have: it is a code of some kind.
    return text
  }
}

/** Whether the text, without quotes around it, would be taken for something else. */
export function looksLikeNoText(text: string): boolean {
  return typeof inferredValue(text) !== 'string'
}
