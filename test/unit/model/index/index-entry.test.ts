/** Entries of indexes put together and taken apart, by property, with a hash that anyone can compute in their head. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CorruptionError } from '../../../../src/errors.js'
import {
  type EntryKind,
  indexEntry,
  primaryKeyOfEntry,
  storedValue,
  writePrimaryKeyOfEntry,
} from '../../../../src/model/index/index-entry.js'
import type { IndexKeyValues } from '../../../../src/model/index/index-key.js'
import { KeyEncoder } from '../../../../src/model/key/key-bytes.js'
import type { KeyValues } from '../../../../src/model/key/key-schema.js'
import { keyValues } from '../arbitrary.js'

const hash = ({ length }: Uint8Array): bigint =>
  Buffer.from(`hash:${String(length % 1000).padStart(3, '0')}`, 'latin1').readBigUInt64BE()
const encoder = new KeyEncoder(hash)

/** As many attributes as the values have. */
function indexOf(
  { partition, sort }: IndexKeyValues,
  isUnique: boolean,
  isCovering = false,
): Parameters<typeof indexEntry>[0] {
  const names = (values: readonly unknown[], side: string) => values.map((_, i) => `${side}${i}`)
  const key = { partition: names(partition, 'p'), sort: names(sort, 's') }
  return { definition: { ...key, isLocal: false, isUnique, multi: undefined, isCovering, projection: 'ALL' } }
}

function primaryKeys(): fc.Arbitrary<KeyValues> {
  return fc.record({ partition: keyValues(), sort: fc.option(keyValues(), { nil: undefined }) })
}

function indexKeys(): fc.Arbitrary<IndexKeyValues> {
  return fc.record({
    partition: fc.array(keyValues(), { minLength: 1, maxLength: 4 }),
    sort: fc.array(keyValues(), { maxLength: 4 }),
  })
}

/** The same by its bytes. */
function writtenKey(definition: EntryKind, key: string, value: string): string {
  const bytes = Buffer.from(`${value}${'\xee'.repeat(key.length)}${key}\xee`, 'latin1')
  return bytes.toString('latin1', 0, writePrimaryKeyOfEntry(definition, bytes, value.length, key.length))
}

test('the key of an item can be put together from its entry in an index of any kind', () => {
  fc.assert(
    fc.property(indexKeys(), primaryKeys(), fc.boolean(), (indexKey, key, isUnique) => {
      const index = indexOf(indexKey, isUnique)
      const primary = encoder.primaryKey(key)
      const { key: entryKey, value } = indexEntry(index, encoder, indexKey, primary)
      expect(primaryKeyOfEntry(index.definition, entryKey, value)).toBe(primary)
      expect(writtenKey(index.definition, entryKey, value)).toBe(primary)
    }),
  )
})

test('of an entry of a covering index nothing is different but that a copy of the item is behind its value', () => {
  fc.assert(
    fc.property(indexKeys(), primaryKeys(), fc.uint8Array({ minLength: 1 }), (indexKey, key, item) => {
      const primary = encoder.primaryKey(key)
      const [plain, covering] = [indexOf(indexKey, false), indexOf(indexKey, false, true)]
      const entry = indexEntry(covering, encoder, indexKey, primary)
      expect(entry).toEqual(indexEntry(plain, encoder, indexKey, primary))
      const stored = storedValue(covering.definition, entry, item)
      expect(Buffer.from(stored)).toEqual(Buffer.concat([storedValue(plain.definition, entry, item), item]))
      const value = Buffer.from(stored).toString('latin1')
      expect(primaryKeyOfEntry(covering.definition, entry.key, value)).toBe(primary)
      expect(() => primaryKeyOfEntry(plain.definition, entry.key, value)).toThrow(CorruptionError)
    }),
  )
})

test('two items with one key have two entries, in a unique index one', () => {
  fc.assert(
    fc.property(indexKeys(), primaryKeys(), primaryKeys(), (indexKey, one, other) => {
      const [a, b] = [encoder.primaryKey(one), encoder.primaryKey(other)]
      fc.pre(a.slice(8) !== b.slice(8))
      const keyIn = (isUnique: boolean, primary: string) =>
        indexEntry(indexOf(indexKey, isUnique), encoder, indexKey, primary).key
      expect(keyIn(false, a)).not.toBe(keyIn(false, b))
      expect(keyIn(true, a)).toBe(keyIn(true, b))
    }),
  )
})

test('an entry of a plain index is what it has always been', () => {
  const indexKey = { partition: ['open'], sort: [1] }
  const primary = encoder.primaryKey({ partition: 'ada', sort: undefined })
  expect(indexEntry(indexOf(indexKey, false), encoder, indexKey, primary)).toEqual({
    key: 'hash:007Sopen\0\0N\x03\x82\x0b\0Sada\0\0',
    value: 'hash:006',
  })
})

test('several attributes of a partition key are hashed as one', () => {
  const indexKey = { partition: ['a', 'bc'], sort: [] }
  const primary = encoder.primaryKey({ partition: 'ada', sort: undefined })
  expect(indexEntry(indexOf(indexKey, true), encoder, indexKey, primary)).toEqual({
    key: 'hash:009Sa\0\0Sbc\0\0',
    value: primary,
  })
})

test('what is no entry of an index is refused', () => {
  const plain = indexOf({ partition: ['a'], sort: [] }, false)
  const sorted = indexOf({ partition: ['a'], sort: ['b'] }, false)
  const unique = indexOf({ partition: ['a'], sort: [] }, true)
  const refused = [
    [plain, 'hash:006Sada\0\0', '12345678'],
    [sorted, 'hash:006Sada\0\0', '12345678'],
    [plain, 'hash:006Sada\0\0Sb\0\0', '1'],
    [unique, 'hash:006Sada\0\0', '12345678'],
  ] as const
  for (const [index, key, value] of refused) {
    expect(() => primaryKeyOfEntry(index.definition, key, value)).toThrow(CorruptionError)
    expect(() => writtenKey(index.definition, key, value)).toThrow(CorruptionError)
  }
})
