/** Keys of spaces put together and taken apart, by property, with a hash that anyone can compute in their head. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { KeyEncoder } from '../../../../src/model/key/key-bytes.js'
import type { KeyValues } from '../../../../src/model/key/key-schema.js'
import { keyValues } from '../arbitrary.js'

const hash = (bytes: string): string => `hash:${String(bytes.length % 1000).padStart(3, '0')}`
const encoder = new KeyEncoder(hash)

function keys(): fc.Arbitrary<KeyValues> {
  return fc.record({ partition: keyValues(), sort: fc.option(keyValues(), { nil: undefined }) })
}

test('the key of an item begins with the prefix of its partition key', () => {
  expect(encoder.primaryKey({ partition: 'ada', sort: 1 })).toBe('hash:006Sada\0\0N\x03\x82\x0b\0')
  fc.assert(
    fc.property(keys(), (key) => {
      expect(encoder.primaryKey(key).startsWith(encoder.partitionPrefix(key.partition))).toBe(true)
    }),
  )
})

test('a partition key of several attributes has the hash of all of them', () => {
  expect(encoder.compositePrefix(['ada', 1])).toBe('hash:011Sada\0\0N\x03\x82\x0b\0')
  fc.assert(
    fc.property(keyValues(), (value) => {
      expect(encoder.compositePrefix([value])).toBe(encoder.partitionPrefix(value))
    }),
  )
})
