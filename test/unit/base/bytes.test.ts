/** What a `ByteWriter` writes a `ByteReader` reads back, and neither trusts the bytes. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ByteReader } from '../../../src/base/byte-reader.js'
import { ByteWriter } from '../../../src/base/byte-writer.js'

const byteStrings = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes).toString('latin1'))

describe('bytes', () => {
  test('integers and byte strings come back as they were written, in any order', () => {
    const value = fc.oneof(
      fc.record({ kind: fc.constant('varint' as const), value: fc.maxSafeNat() }),
      fc.record({ kind: fc.constant('u64' as const), value: fc.maxSafeNat() }),
      fc.record({ kind: fc.constant('u32' as const), value: fc.nat(0xffff_ffff) }),
      fc.record({ kind: fc.constant('u16' as const), value: fc.nat(0xffff) }),
      fc.record({ kind: fc.constant('u8' as const), value: fc.nat(0xff) }),
    )
    fc.assert(
      fc.property(fc.array(value), byteStrings, (values, text) => {
        const writer = new ByteWriter(1)
        for (const { kind, value } of values) writer[kind](value)
        writer.byteString(text)
        const reader = new ByteReader(writer.copy())
        for (const { kind, value } of values) expect(reader[kind]()).toBe(value)
        expect(reader.byteString(text.length)).toBe(text)
        expect(reader.remaining).toBe(0)
      }),
    )
  })

  test('reading past the end throws, wherever it ends', () => {
    const writer = new ByteWriter()
    writer.u32(1)
    writer.varint(300)
    writer.u64(5)
    for (let length = 0; length < writer.length; length++) {
      const reader = new ByteReader(writer.copy().subarray(0, length))
      expect(() => [reader.u32(), reader.varint(), reader.u64()]).toThrow(RangeError)
    }
  })

  test('integers beyond the safe ones are refused', () => {
    expect(() => new ByteReader(Buffer.alloc(8, 0xff)).u64()).toThrow(RangeError)
    expect(() => new ByteReader(Buffer.alloc(12, 0xff)).varint()).toThrow(RangeError)
  })

  test('a byte string from the middle of another is written alone', () => {
    const writer = new ByteWriter(1)
    const long = 'x'.repeat(100)
    writer.byteString(`ab${long}`, 2)
    writer.byteString('abc', 1)
    expect(writer.view().toString('latin1')).toBe(`${long}bc`)
  })
})
