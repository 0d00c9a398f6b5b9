/** Keys of spaces put together and taken apart, by property, with a hash that anyone can compute in their head. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hashKey } from '../../../../src/base/key-hash.js'
import { KeyEncoder } from '../../../../src/model/key/key-bytes.js'
import { encodeKeyPart } from '../../../../src/model/key/key-codec.js'
import { checkKey, type KeySchema, type KeyValues } from '../../../../src/model/key/key-schema.js'
import { keyValues } from '../arbitrary.js'

const hash = ({ length }: Uint8Array): bigint =>
  Buffer.from(`hash:${String(length % 1000).padStart(3, '0')}`, 'latin1').readBigUInt64BE()
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

test('a key in front of other bytes is that of its parts, however many and long they are', () => {
  const parts = fc.array(keyValues(), { minLength: 1, maxLength: 4 })
  const longPart = fc.constantFrom('a'.repeat(900), 'é'.repeat(600), new Uint8Array(700))
  const rest = fc.string({ unit: fc.constantFrom('a', '\0', '\xff'), maxLength: 20 })
  const sort = fc.array(fc.oneof({ weight: 5, arbitrary: keyValues() }, longPart), { maxLength: 4 })
  fc.assert(
    fc.property(rest, parts, sort, (rest, partition, sort) => {
      const inParts = encoder.compositePrefix(partition) + sort.map(encodeKeyPart).join('') + rest
      expect(encoder.keyInFrontOf(rest, partition, sort)).toBe(inParts)
    }),
    { numRuns: 2000 },
  )
})

test('a key of one part is not mistaken for one of several that begins with it', () => {
  // Of so many, some have one place for both to be remembered in, and the bytes of one are left behind the other.
  const own = new KeyEncoder(hash)
  for (let i = 0; i < 5000; i++) {
    const name = `customer-${i}`
    for (let round = 0; round < 2; round++) {
      expect(own.keyInFrontOf('', [name, 7], [])).toBe(own.compositePrefix([name, 7]))
      expect(own.keyInFrontOf('', [name], [7])).toBe(own.compositePrefix([name]) + encodeKeyPart(7))
    }
  }
})

test('however many partition keys there are, each has the prefix it had', () => {
  const many = new KeyEncoder((bytes) => Buffer.from(bytes).readBigUInt64BE(bytes.length - 8))
  const names = Array.from({ length: 200_000 }, (_, i) => `customer-${i}`)
  for (const name of [...names, ...names.toReversed()]) {
    const prefix = `${name}\0\0`.slice(-8)
    if (many.partitionPrefix(name) !== `${prefix}S${name}\0\0`) throw new Error(`another prefix for ${name}`)
    const schema = { partition: { name: 'id', type: 'S' }, sort: undefined } as const
    if (many.partitionPrefix(name) !== `${prefix}S${name}\0\0`)
      throw new Error(`another one the second time for ${name}`)
    if (many.searchKey(schema, { id: name }).text !== `${prefix}S${name}\0\0`) throw new Error(name)
  }
})

test('the hash of a key is made once, however the key is asked for', () => {
  const hashed: string[] = []
  const counting = new KeyEncoder((bytes) => {
    hashed.push(Buffer.from(bytes).toString('latin1'))
    return hash(bytes)
  })
  const schema = { partition: { name: 'pk', type: 'S' }, sort: { name: 'sk', type: 'S' } } as const
  for (const sk of ['a', 'b']) counting.searchKey(schema, { pk: 'ada', sk })
  counting.partitionPrefix('ada')
  for (let i = 0; i < 3; i++) for (const key of [7, 'é', new Uint8Array([1, 2])]) counting.partitionPrefix(key)
  expect(hashed).toEqual(['ada', 7, 'é', new Uint8Array([1, 2])].map(encodeKeyPart))
})

test('a prefix that is made leaves the key as it is that somebody looks for', () => {
  const held = encoder.searchKey({ partition: { name: 'pk', type: 'S' }, sort: undefined }, { pk: 'ada' })
  const before = described(held)
  for (const partition of ['ada', 'bob', 'é', 'b'.repeat(200), 'c'.repeat(2000), 7, new Uint8Array([1])]) {
    encoder.partitionPrefix(partition)
    encoder.compositePrefix([partition, 'more'])
    encoder.keyInFrontOf('rest', [partition], ['more'])
    expect(described(held)).toEqual(before)
  }
})

const schemas: KeySchema[] = [
  { partition: { name: 'pk', type: 'S' }, sort: undefined },
  { partition: { name: 'pk', type: 'S' }, sort: { name: 'sk', type: 'S' } },
  { partition: { name: 'pk', type: 'S' }, sort: { name: 'sk', type: 'N' } },
  { partition: { name: 'pk', type: undefined }, sort: { name: 'sk', type: undefined } },
]

/** Text from the edges of what may be written byte by byte, and other things than text. */
const part = fc.oneof(
  fc.string({ maxLength: 20 }),
  fc.constantFrom('', '\0', '\x01', '\x7f', '\x80', '\xff', 'é', '€', '😀', '\ud800', 'a\0b', `${'a'.repeat(255)}`),
  fc.constantFrom(
    'a'.repeat(117),
    'a'.repeat(118),
    'a'.repeat(256),
    'a'.repeat(257),
    'a'.repeat(1025),
    'a'.repeat(2049),
    `${'a'.repeat(255)}\x80`,
  ),
  fc.constantFrom(1, -0, 1n, null, undefined, true, new Uint8Array([1]), {}, []),
)

/** A key, one part after the other. */
function inParts({ partition, sort }: KeyValues): string {
  return encoder.partitionPrefix(partition) + (sort === undefined ? '' : encodeKeyPart(sort))
}

test('the key of an item is that of its parts, however they are written', () => {
  const value = fc.oneof(
    part.filter((each): each is string => typeof each === 'string'),
    keyValues(),
  )
  fc.assert(
    fc.property(value, fc.option(value, { nil: undefined }), (partition, sort) => {
      const key = { partition, sort }
      expect(outcome(() => encoder.primaryKey(key))).toEqual(outcome(() => inParts(key)))
    }),
    { numRuns: 2000 },
  )
})

test('a key to be looked for is what would be checked and encoded', () => {
  const objects = fc.oneof(
    fc.record({ pk: part }),
    fc.record({ pk: part, sk: part }),
    fc.record({ sk: part, pk: part }),
    fc.record({ pk: part, sk: part, other: part }),
    fc.record({ pk: part, sk: part }).map((key) => Object.assign(Object.create(null), key) as object),
    fc.record({ pk: part, sk: part }).map((key) => Object.create(key) as object),
    fc.record({ pk: part, sk: part }).map(({ pk, sk }) => Object.assign(Object.create({ sk }) as object, { pk })),
    fc.constantFrom(null, undefined, 'pk', 7, [], ['pk']),
  )
  fc.assert(
    fc.property(fc.constantFrom(...schemas), objects, (schema, key) => {
      expect(outcome(() => described(encoder.searchKey(schema, key)))).toEqual(
        outcome(() => described(hashKey(inParts(checkKey(schema, key))))),
      )
      // What was begun and given up leaves nothing behind.
      expect(described(hashKey('another'))).toEqual(described(hashKey(['ano', 'ther'].join(''))))
    }),
    { numRuns: 2000 },
  )
})

test('what all objects were given is no part of a key', () => {
  const everything = Object.prototype as { sk?: string }
  try {
    everything.sk = 'inherited'
    const missing = outcome(() => checkKey(schemas[1]!, { pk: 'a' }))
    expect(missing).toContain('"sk" is missing')
    expect(outcome(() => encoder.searchKey(schemas[1]!, { pk: 'a' }))).toBe(missing)
    expect(encoder.searchKey(schemas[1]!, { pk: 'a', sk: 'own' }).text).toBe(inParts({ partition: 'a', sort: 'own' }))
  } finally {
    delete everything.sk
  }
})

function described({ text, length, first, second, bytes }: ReturnType<typeof hashKey>): unknown {
  return { text, first, second, bytes: Buffer.from(bytes.subarray(0, length)).toString('latin1') }
}

function outcome(run: () => unknown): unknown {
  try {
    return run()
  } catch (failure) {
    return String(failure)
  }
}
