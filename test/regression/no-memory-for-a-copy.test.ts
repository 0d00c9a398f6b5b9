/**
 * When there was no memory for a chunk of the cache's copies, the chunk counted as begun all the same: each copy that would
 * have come to lie in it failed, and with it the read that it was made for, thousands of times after one shortage.
 */
import { expect, it, vi } from 'vitest'
import { hashKey } from '../../src/base/key-hash.js'
import { EntryCache } from '../../src/storage/sorted-file/entry-cache.js'

it('a shortage of memory fails once', () => {
  const entries = new EntryCache(2 * 1024 * 1024)
  const value = Buffer.from('value')
  const keep = (n: number) => entries.keep(1, hashKey(`key ${n}`), value, 0, value.length)
  const shortage = vi.spyOn(Buffer, 'allocUnsafeSlow').mockImplementationOnce(() => {
    throw new RangeError('Array buffer allocation failed')
  })
  expect(() => keep(0)).toThrow('Array buffer allocation failed')
  shortage.mockRestore()

  const target = { bytes: Buffer.alloc(0), start: 0, end: 0 }
  for (let n = 0; n < 10; n++) {
    keep(n)
    expect(entries.find(1, hashKey(`key ${n}`), target)).toBe(true)
    expect(target.bytes.toString('latin1', target.start, target.end)).toBe('value')
  }
})
