/**
 * An export puts names of columns with blanks at their ends in quotes, but import took the blanks away all the same: two
 * names of blanks alone could not be told apart, and of `id` and ` id` it said that they are the same.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { CellType } from '../../src/cli/format/csv-cell.js'
import { readCsv } from '../../src/cli/format/csv-reader.js'
import { CsvWriter } from '../../src/cli/format/item-writer.js'
import type { Item } from '../../src/model/item/item.js'

const NO_TYPES: ReadonlyMap<string, CellType> = new Map()

interface Reading {
  readonly infer: boolean
  readonly delimiter?: string
  readonly chunkLength?: number
}

async function read(text: string, { infer, delimiter = ',', chunkLength = 3 }: Reading): Promise<(Item | string)[]> {
  const bytes = Buffer.from(text)
  async function* chunks() {
    for (let i = 0; i < bytes.length; i += chunkLength) yield bytes.subarray(i, i + chunkLength)
  }
  const found: (Item | string)[] = []
  for await (const records of readCsv(chunks(), { types: NO_TYPES, defaultTypes: NO_TYPES, infer, delimiter })) {
    for (const record of records) found.push(record.kind === 'item' ? record.item : record.reason)
  }
  return found
}

function written(items: readonly Item[], columns: readonly string[], delimiter = ','): string {
  const writer = new CsvWriter(columns, delimiter)
  return writer.begin() + writer.page(items) + writer.end()
}

test.each([true, false])('names with blanks are read back as they were, with inference: %s', async (infer) => {
  const columns = ['id', ' id', 'id\t', ' ', '  ', '\n', '\ufeff']
  const item = Object.fromEntries(columns.map((name, i) => [name, `value ${i}`]))
  expect(await read(written([item], columns), { infer })).toEqual([item])
})

test('any names are read back', async () => {
  const name = fc.oneof(
    fc.string({ minLength: 1, unit: fc.constantFrom(' ', '\t', '\n', '\r', '"', ',', '\ufeff', 'a') }),
    fc.string({ minLength: 1 }),
  )
  const names = fc.uniqueArray(name, { minLength: 1, maxLength: 4 })
  const chunkLengths = fc.integer({ min: 1, max: 20 })
  await fc.assert(
    fc.asyncProperty(names, fc.boolean(), chunkLengths, fc.constantFrom(',', ';', '\t', ' '), async (...given) => {
      const [columns, infer, chunkLength, delimiter] = given
      const item = Object.defineProperties(
        {},
        Object.fromEntries(columns.map((column) => [column, { value: 'x', enumerable: true }])),
      ) as Item
      const found = await read(written([item], columns, delimiter), { infer, delimiter, chunkLength })
      expect(found).toEqual([item])
    }),
  )
})

test('blanks beside names that are not in quotes are no part of them', async () => {
  for (const infer of [true, false]) {
    expect(await read('id, b ,c\nx,y,z', { infer })).toEqual([{ id: 'x', b: 'y', c: 'z' }])
    await expect(read('id, id\nx,y', { infer })).rejects.toThrow('two columns are called "id"')
    await expect(read('id, \nx,y', { infer })).rejects.toThrow('column 2 has no name')
    await expect(read('id,""\nx,y', { infer })).rejects.toThrow('column 2 has no name')
  }
})

test('a header may be all there is', async () => {
  for (const infer of [true, false]) {
    expect(await read('id," "', { infer })).toEqual([])
    expect(await read('\r\n\n"i\nd"," "\r\n', { infer })).toEqual([])
    expect(await read('', { infer })).toEqual([])
  }
})
