/** Records are the same, however the bytes of a file are cut into chunks. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ArraySplitter } from '../../../src/cli/format/array-splitter.js'
import { LineSplitter } from '../../../src/cli/format/line-splitter.js'
import type { Slice, Splitter } from '../../../src/cli/format/splitter.js'
import { stringifyValue } from '../../../src/cli/json-value.js'
import { items, values } from '../model/arbitrary.js'

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
