/** Records are the same, however the bytes of a file are cut into chunks. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ArraySplitter } from '../../../src/cli/format/array-splitter.js'
import { type Cell, cellText, cellValue } from '../../../src/cli/format/csv-cell.js'
import { csvCells } from '../../../src/cli/format/csv-record.js'
import { CsvSplitter } from '../../../src/cli/format/csv-splitter.js'
import { LineSplitter } from '../../../src/cli/format/line-splitter.js'
import type { Slice, Splitter } from '../../../src/cli/format/splitter.js'
import { stringifyValue } from '../../../src/cli/json-value.js'
import { items, texts, values } from '../model/arbitrary.js'

function pieces(splitter: Splitter, text: string, chunkLength = 3): [line: number, text: string][] {
  const bytes = Buffer.from(text)
  const slices: Slice[] = []
  for (let i = 0; i < bytes.length; i += chunkLength) splitter.push(bytes.subarray(i, i + chunkLength), slices)
  splitter.end(slices)
  return slices.map((slice) => [slice.line, slice.bytes.toString()])
}

const chunkLengths = fc.integer({ min: 1, max: 50 })

describe('lines', () => {
  test('are counted from 1, and empty ones left out', () => {
    expect(pieces(new LineSplitter(), 'one\r\n\n  \ntwo\nthree')).toEqual([
      [1, 'one\r'],
      [4, 'two'],
      [5, 'three'],
    ])
  })

  test('come out as items went in', () => {
    fc.assert(
      fc.property(fc.array(items(), { maxLength: 5 }), chunkLengths, (all, chunkLength) => {
        const lines = all.map((item) => stringifyValue(item))
        expect(pieces(new LineSplitter(), lines.join('\n'), chunkLength).map(([, text]) => text)).toEqual(lines)
      }),
    )
  })
})

describe('elements of an array', () => {
  test('come with the line they begin in', () => {
    expect(pieces(new ArraySplitter(), '\n[ {"a":\n[1,"]"]},\n\n"\\",x" ,3 ]\n')).toEqual([
      [2, '{"a":\n[1,"]"]}'],
      [5, '"\\",x" '],
      [5, '3 '],
    ])
    expect(pieces(new ArraySplitter(), '[]')).toEqual([])
  })

  test('come out as they went in', () => {
    fc.assert(
      fc.property(fc.array(values(), { maxLength: 5 }), chunkLengths, (all, chunkLength) => {
        const elements = all.map(stringifyValue)
        const found = pieces(new ArraySplitter(), `[${elements.join(',')}]`, chunkLength)
        expect(found.map(([, text]) => text)).toEqual(elements)
      }),
    )
  })

  test.each(['', '{}', '[', '[1', '[1,', '[1,]', '[,1]', '[1,,2]', '[1] 2', '["a]', '[{]'])('of %j: none', (text) => {
    expect(() => pieces(new ArraySplitter(), text)).toThrow(/Cannot read on at line 1/)
  })

  test('are not gathered beyond any size an item can have', () => {
    const splitter = new ArraySplitter()
    splitter.push(Buffer.from('\n["'), [])
    const megabyte = Buffer.alloc(1024 * 1024, 0x61)
    expect(() => {
      for (let i = 0; i < 17; i++) splitter.push(megabyte, [])
    }).toThrow('line 2')
  })
})

describe('CSV', () => {
  test('records end outside of quotes', () => {
    expect(pieces(new CsvSplitter(), 'a,b\r\n"x\ny",5" disk\n\n"a""\n",\nlast')).toEqual([
      [1, 'a,b'],
      [2, '"x\ny",5" disk'],
      [5, '"a""\n",'],
      [7, 'last'],
    ])
    expect(() => pieces(new CsvSplitter(), 'a\n"b\n')).toThrow('at line 2: there is a quote that is never closed')
  })

  test('cells know whether they were quoted', () => {
    expect(csvCells('a,"b","c ""d""",')).toEqual([
      { text: 'a', isQuoted: false },
      { text: 'b', isQuoted: true },
      { text: 'c "d"', isQuoted: true },
      { text: '', isQuoted: false },
    ])
    expect(() => csvCells('"a"b,c')).toThrow(SyntaxError)
    expect(() => csvCells('a,"b')).toThrow(SyntaxError)
  })

  test('text, numbers, booleans and null are inferred as they were written', () => {
    const scalar = fc.oneof(
      texts(),
      fc.constantFrom('', '12', '1e5', 'true', 'null', ' 7', '"', 'a\n1', '\r'),
      fc.double({ noNaN: true, min: -1e100, max: 1e100 }).map((number) => (Math.abs(number) < 1e-100 ? 0 : number)),
      fc.boolean(),
      fc.constant(null),
      fc.constant(undefined),
    )
    fc.assert(
      fc.property(fc.array(scalar, { minLength: 2, maxLength: 4 }), chunkLengths, (row, chunkLength) => {
        const [record, ...more] = pieces(new CsvSplitter(), `${row.map(cellText).join(',')}\n`, chunkLength)
        expect(more).toEqual([])
        const cells: Cell[] = csvCells(record![1])
        expect(cells.map((cell) => cellValue(cell, undefined, true))).toEqual(row)
      }),
    )
  })

  test('types say what a cell is', () => {
    const plain = (text: string): Cell => ({ text, isQuoted: false })
    expect(cellValue(plain('12'), undefined, false)).toBe('12')
    expect(cellValue(plain(''), undefined, false)).toBe('')
    expect(cellValue(plain('0123'), undefined, true)).toBe('0123')
    expect(cellValue(plain('12345678901234567890'), 'N', false)).toBe(12345678901234567890n)
    expect(cellValue(plain(''), 'N', false)).toBeUndefined()
    expect(cellValue(plain('0'), 'BOOL', false)).toBe(false)
    expect(cellValue(plain('{"$set":[1]}'), 'JSON', false)).toEqual(new Set([1]))
    expect(() => cellValue(plain('maybe'), 'BOOL', false)).toThrow('no boolean')
    expect(() => cellValue(plain('x'), 'N', false)).toThrow()
  })
})
