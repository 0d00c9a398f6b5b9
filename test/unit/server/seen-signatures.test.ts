/** Signatures that were used: none twice, and many in little memory. */
import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { SeenSignatures } from '../../../src/server/seen-signatures.js'

const signature = (n: number) => createHash('sha256').update(String(n)).digest('hex')

test('each is new once, among a hundred thousand', () => {
  const seen = new SeenSignatures()
  let [newCount, againCount] = [0, 0]
  for (let n = 0; n < 100_000; n++) if (seen.add(signature(n), undefined, 1000 + (n % 300), 1000)) newCount++
  for (let n = 0; n < 100_000; n++) if (seen.add(signature(n), undefined, 1000 + (n % 300), 1000)) againCount++
  expect([newCount, againCount, seen.count]).toEqual([100_000, 0, 100_000])
})

test('a million take less than fifty bytes each', () => {
  const seen = new SeenSignatures()
  for (let n = 0; n < 1_000_000; n++) {
    const hex = (Math.imul(n, 0x9e3779b1) >>> 0).toString(16).padStart(8, '0')
    seen.add(hex.repeat(8), undefined, 1300 + (n % 30), 1000)
  }
  expect(seen.count).toBe(1_000_000)
  expect(seen.byteLength).toBeLessThan(50_000_000)
})

test('those that have expired are dropped, with their memory', () => {
  const seen = new SeenSignatures()
  for (let n = 0; n < 1000; n++) seen.add(signature(n), undefined, 1300, 1000)
  expect(seen.add(signature(0), undefined, 1300, 1300)).toBe(false)
  expect(seen.add(signature(-1), undefined, 1620, 1320)).toBe(true)
  expect(seen.count).toBe(1)
})

test('one that begins with nothing but zeros is new once, too', () => {
  const seen = new SeenSignatures()
  expect(seen.add('0'.repeat(64), undefined, 1300, 1000)).toBe(true)
  expect(seen.add('0'.repeat(64), undefined, 1300, 1000)).toBe(false)
})

test('beyond their number writes wait until some have expired', () => {
  const seen = new SeenSignatures({ maxCount: 10 })
  for (let n = 0; n < 10; n++) seen.add(signature(n), undefined, 1300, 1000)
  expect(() => seen.add(signature(10), undefined, 1300, 1000)).toThrow(/Too many signed writes/)
  expect(seen.add(signature(0), undefined, 1300, 1000)).toBe(false)
  expect(seen.add(signature(10), undefined, 1620, 1320)).toBe(true)
})

test('another number is another write for two seconds, wherever the moment begins', () => {
  for (const startS of [1000, 1001, 1001.5, 1003]) {
    const seen = new SeenSignatures()
    seen.add(signature(1), 'x', 1300, 999)
    expect(seen.add(signature(0), 'a', 1300, startS)).toBe(true)
    expect(seen.add(signature(0), 'b', 1300, startS + 1.9)).toBe(true)
    expect(seen.add(signature(0), 'a', 1300, startS + 2)).toBe(false)
    expect(seen.add(signature(0), 'c', 1300, startS + 2.1)).toBe(false)
  }
})
