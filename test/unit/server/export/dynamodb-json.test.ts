/** Items as lines of an export and back, whatever they hold; and what is no such line. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Decimal } from '../../../../src/index.js'
import { equalValues } from '../../../../src/model/item/equality.js'
import { decodeItem, encodeItem } from '../../../../src/model/item/item-codec.js'
import { itemFromLine, itemLine } from '../../../../src/server/export/dynamodb-json.js'
import { items } from '../../model/arbitrary.js'

test('a line is what DynamoDB writes', () => {
  const item = {
    id: 'a "b"',
    n: Decimal.from('12.50'),
    big: 12345678901234567890n,
    bytes: Uint8Array.of(1, 2, 3),
    buffer: Buffer.from('text'),
    no: null,
    yes: true,
    list: ['a', 1],
    map: { constructor: { deep: [] } },
    texts: new Set(['a', 'b']),
    numbers: new Set([1, 2.5]),
    blobs: new Set([Uint8Array.of(255)]),
  }
  const line = itemLine(item)
  expect(line.endsWith('\n')).toBe(true)
  expect(JSON.parse(line)).toEqual({
    Item: {
      id: { S: 'a "b"' },
      n: { N: '12.5' },
      big: { N: '12345678901234567890' },
      bytes: { B: 'AQID' },
      buffer: { B: 'dGV4dA==' },
      no: { NULL: true },
      yes: { BOOL: true },
      list: { L: [{ S: 'a' }, { N: '1' }] },
      map: { M: { constructor: { M: { deep: { L: [] } } } } },
      texts: { SS: ['a', 'b'] },
      numbers: { NS: ['1', '2.5'] },
      blobs: { BS: ['/w=='] },
    },
  })
})

test('every item comes back as it was', () => {
  fc.assert(
    fc.property(items(), (item) => {
      // As it is stored: there are several ways to write one number.
      const stored = decodeItem(encodeItem(item))
      expect(equalValues(itemFromLine(itemLine(stored)), stored)).toBe(true)
    }),
    { numRuns: 300 },
  )
})

describe('no line of an export is', () => {
  const item = (attribute: string) => `{"Item":{"a":${attribute}}}`
  const cases = [
    ...['', 'null', '5', '[]', '{}', '{"Item":5}', '{"item":{}}', '{"Item":{}', item('5'), item('null'), item('{}')],
    ...[item('{"S":5}'), item('{"N":5}'), item('{"N":"x"}'), item('{"B":"%"}'), item('{"BOOL":"true"}')],
    ...[item('{"NULL":false}'), item('{"X":"a"}'), item('{"S":"a","N":"1"}'), item('{"SS":"a"}'), item('{"NS":[1]}')],
    ...[item('{"L":{}}'), item('{"M":[]}'), item('{"M":{"b":5}}'), item('{"__proto__":"a"}')],
    '{"Item":{"__proto__":{"S":"a"}}}',
    `{"Item":{"a":${'{"M":{"a":'.repeat(100)}{"S":""}${'}}'.repeat(100)}}}`,
    `{"Item":{"a":${'{"L":['.repeat(100_000)}${']}'.repeat(100_000)}}}`,
  ]
  test.each(cases.map((line) => [line.slice(0, 60), line] as const))('%s', (_, line) => {
    expect(() => itemFromLine(line)).toThrow(Error)
  })
})
