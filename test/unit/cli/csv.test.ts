/** What is written as CSV is read back as it was, however the bytes of a file are cut into chunks. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type CellType, cellValue } from '../../../src/cli/format/csv-cell.js'
import { readCsv } from '../../../src/cli/format/csv-reader.js'
import type { ImportRecord } from '../../../src/cli/format/import-record.js'
import { CsvWriter } from '../../../src/cli/format/item-writer.js'
import type { Item } from '../../../src/model/item/item.js'
import { texts } from '../model/arbitrary.js'

interface ReadOptions {
  readonly infer?: boolean
  readonly delimiter?: string
  readonly chunkLength?: number
}

async function* chunksOf(bytes: Buffer, length: number): AsyncGenerator<Buffer> {
  for (let i = 0; i < bytes.length; i += length) yield bytes.subarray(i, i + length)
}

/** What is found, and the failure that ends it. */
async function read(
  content: string | Buffer,
  { infer = false, delimiter = ',', chunkLength = 3 }: ReadOptions = {},
): Promise<{ records: ImportRecord[]; failure: string | undefined }> {
  const none = new Map<string, CellType>()
  const options = { types: none, defaultTypes: none, infer, delimiter }
  const records: ImportRecord[] = []
  try {
    for await (const batch of readCsv(chunksOf(Buffer.from(content as string), chunkLength), options)) {
      records.push(...batch)
    }
  } catch (failure) {
    return { records, failure: (failure as Error).message }
  }
  return { records, failure: undefined }
}

const item = (line: number, attributes: Item) => ({ kind: 'item', line, item: attributes })

describe('reading', () => {
  test('finds the records and the lines they begin in', async () => {
    const text = '\r\nid,b\r\n"x\r\ny",5" disk\n\n"a""\n","" \nlast,\n"n\n\n",1\nz,'
    expect(await read(text)).toEqual({
      records: [
        item(3, { id: 'x\r\ny', b: '5" disk' }),
        item(6, { id: 'a"\n', b: '"" ' }),
        item(8, { id: 'last', b: '' }),
        item(9, { id: 'n\n\n', b: '1' }),
        item(12, { id: 'z', b: '' }),
      ],
      failure: undefined,
    })
  })

  test('takes a value in quotes for text, whatever it looks like', async () => {
    const { records } = await read('a,b,c,d\n1,"1",,""\nnull,"null",true,"true"\n', { infer: true })
    expect(records).toEqual([item(2, { a: 1, b: '1', d: '' }), item(3, { a: null, b: 'null', c: true, d: 'true' })])
  })

  test('takes a line of quotes for a record', async () => {
    for (const infer of [true, false]) {
      expect(await read('a\n\n""\n\nx', { infer })).toMatchObject({
        records: [item(3, { a: '' }), item(5, { a: 'x' })],
      })
    }
  })

  test('reports what is no record with its line', async () => {
    const { records } = await read(
      Buffer.concat([Buffer.from('a,b\n1\n1,2,3\n"\n",'), Buffer.from([0xff]), Buffer.from('\nx,y')]),
    )
    expect(records).toEqual([
      { kind: 'problem', line: 2, reason: 'it has 1 columns, the header has 2' },
      { kind: 'problem', line: 3, reason: 'it has 3 columns, the header has 2' },
      { kind: 'problem', line: 4, reason: 'it is not UTF-8' },
      item(6, { a: 'x', b: 'y' }),
    ])
  })

  test('gives what comes before the place where a file is broken', async () => {
    for (const chunkLength of [1, 1000]) {
      expect(await read('a\nb\n"c\nd', { chunkLength })).toEqual({
        records: [item(2, { a: 'b' })],
        failure: 'Cannot read on at line 3: there is a quote that is never closed',
      })
    }
    expect((await read('a,a\n')).failure).toContain('two columns are called "a"')
    expect((await read('a,\n')).failure).toContain('column 2 has no name')
    expect((await read(Buffer.from([0x61, 0x2c, 0xff, 0x0a]))).failure).toContain('it is not UTF-8')
  })

  test('gathers nothing beyond any size an item can have', async () => {
    const text = `a\nb\n"${'x'.repeat(17 * 1024 * 1024)}`
    const { records, failure } = await read(text, { chunkLength: 256 * 1024 })
    expect(records).toEqual([item(2, { a: 'b' })])
    expect(failure).toMatch(/^Cannot read on at line 3: .* more than \d+ bytes/)
  })

  test('knows other delimiters', async () => {
    const expected = [item(2, { a: '1,5', b: 'x' })]
    for (const delimiter of [';', '\t', '|', '·']) {
      const { records } = await read(`a${delimiter}b\n1,5${delimiter}x\n`, { delimiter, chunkLength: 1 })
      expect(records).toEqual(expected)
    }
  })
})

describe('writing', () => {
  test('puts in quotes what would be read as something else', () => {
    const writer = new CsvWriter(['a', 'b,', ' c'], ',')
    expect(writer.begin()).toBe('a,"b,"," c"\n')
    expect(writer.page([{ a: '1', 'b,': 1 }])).toBe('"1",1,\n')
    expect(writer.page([{ a: '', 'b,': null, ' c': 'null' }])).toBe('"",null,"null"\n')
    expect(writer.page([{ a: 'x"y', 'b,': [1, 'z'], ' c': new Uint8Array([1]) }])).toBe('"x""y","[1,""z""]",AQ==\n')
    expect(writer.page([])).toBe('')
    expect(new CsvWriter(['a'], ',').page([{}, { a: 1 }])).toBe('""\n1\n')
    expect(new CsvWriter(['a', 'b'], ';').page([{ a: 'x,y', b: 'x;y' }])).toBe('x,y;"x;y"\n')
  })

  test('is read back as text, numbers, booleans and null', async () => {
    const scalar = fc.oneof(
      texts(),
      fc.constantFrom('', '12', '1e5', 'true', 'null', ' 7', '"', 'a\n1', '\r', '\ufeff', '\ufffd', '\r\n', '""'),
      fc.double({ noNaN: true, min: -1e100, max: 1e100 }).map((number) => (Math.abs(number) < 1e-100 ? 0 : number)),
      fc.boolean(),
      fc.constant(null),
    )
    const rows = fc.array(fc.dictionary(fc.constantFrom('a', 'b', 'c'), scalar, { noNullPrototype: true }), {
      maxLength: 4,
    })
    const delimiters = fc.constantFrom(',', ';', '\t', ' ', '€')
    await fc.assert(
      fc.asyncProperty(rows, delimiters, fc.integer({ min: 1, max: 50 }), async (items, delimiter, chunkLength) => {
        const writer = new CsvWriter(['a', 'b', 'c'], delimiter)
        const text = writer.begin() + writer.page(items) + writer.end()
        const { records, failure } = await read(text, { infer: true, delimiter, chunkLength })
        expect(failure).toBeUndefined()
        expect(records.map((record) => record.kind === 'item' && record.item)).toEqual(items)
      }),
    )
  })
})

test('types say what a cell is', () => {
  expect(cellValue('12', undefined, false)).toBe('12')
  expect(cellValue('', undefined, false)).toBe('')
  expect(cellValue('0123', undefined, true)).toBe('0123')
  expect(cellValue('12345678901234567890', 'N', false)).toBe(12345678901234567890n)
  expect(cellValue('', 'N', false)).toBeUndefined()
  expect(cellValue('', 'S', true)).toBeUndefined()
  expect(cellValue({ quoted: '' }, 'S', true)).toBe('')
  expect(cellValue('0', 'BOOL', false)).toBe(false)
  expect(cellValue('{"$set":[1]}', 'JSON', false)).toEqual(new Set([1]))
  expect(() => cellValue('maybe', 'BOOL', false)).toThrow('no boolean')
  expect(() => cellValue('x', 'N', false)).toThrow()
})
