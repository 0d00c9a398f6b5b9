/** Keys of spaces put together and taken apart, by property, with a hash that anyone can compute in their head. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CorruptionError } from '../../../../src/errors.js'
import { KeyEncoder, primaryKeyFromIndexEntry } from '../../../../src/model/key/key-bytes.js'
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

test('the key of an item can be put together from an entry of an index', () => {
  fc.assert(
    fc.property(keys(), keys(), (indexKey, primaryKey) => {
      const primary = encoder.primaryKey(primaryKey)
      const entry = encoder.indexEntry(indexKey, primary)
      expect(entry.key.startsWith(encoder.primaryKey(indexKey))).toBe(true)
      const parts = indexKey.sort === undefined ? 1 : 2
      expect(primaryKeyFromIndexEntry(entry.key, parts, entry.value)).toBe(primary)
    }),
  )
})

test('what is no entry of an index is refused', () => {
  expect(() => primaryKeyFromIndexEntry('hash:006Sada\0\0', 1, '12345678')).toThrow(CorruptionError)
  expect(() => primaryKeyFromIndexEntry('hash:006Sada\0\0', 2, '12345678')).toThrow(CorruptionError)
  expect(() => primaryKeyFromIndexEntry('hash:006Sada\0\0Sb\0\0', 1, '1')).toThrow(CorruptionError)
})
