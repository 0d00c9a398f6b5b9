/** Which items stay in memory decoded, and that none comes back that was forgotten. */
import { expect, test } from 'vitest'
import { HashedKey } from '../../../src/base/key-hash.js'
import { ItemCache } from '../../../src/engine/item-cache.js'

/** A key with a hash of our choice. */
function keyWith(text: string, first: number, second: number): HashedKey {
  const key = new HashedKey(text.length)
  key.bytes.set(Buffer.from(text, 'latin1'))
  key.hash(text.length, text)
  key.first = first
  key.second = second
  return key
}

/** Asks for a key as a get does; says whether it came from the cache. */
function ask(cache: ItemCache, key: HashedKey, tree = 1): boolean {
  if (cache.get(tree, key) !== undefined) return true
  if (cache.isWanted(key)) cache.set(tree, key, { name: key.text }, 10)
  return false
}

test('an item is kept when it is asked for twice, and found the third time', () => {
  const cache = new ItemCache(64 * 1024)
  const key = keyWith('a', 1, 10)
  expect([ask(cache, key), ask(cache, key), ask(cache, key)]).toEqual([false, false, true])
  expect(cache.get(1, key)).toEqual({ name: 'a' })
  expect(cache.statistics).toMatchObject({ hits: 2, misses: 2 })
})

test('another key of the same hash, and the same key of another tree, are not taken for it', () => {
  const cache = new ItemCache(64 * 1024)
  for (let i = 0; i < 2; i++) ask(cache, keyWith('a', 1, 10))
  expect(cache.get(1, keyWith('b', 1, 10))).toBeUndefined()
  expect(cache.get(1, keyWith('ab', 1, 10))).toBeUndefined()
  expect(cache.get(2, keyWith('a', 1, 10))).toBeUndefined()
  expect(cache.get(1, keyWith('a', 1, 11))).toBeUndefined()
  expect(cache.get(1, keyWith('a', 1, 10))).toEqual({ name: 'a' })
})

test('what was changed is forgotten, and nothing else', () => {
  const cache = new ItemCache(64 * 1024)
  const [a, b] = [keyWith('a', 1, 10), keyWith('b', 2, 10)]
  for (const key of [a, a, b, b]) ask(cache, key)
  cache.delete(2, a)
  cache.delete(1, keyWith('c', 1, 10))
  expect([ask(cache, a), ask(cache, b)]).toEqual([true, true])
  cache.delete(1, a)
  expect(cache.get(1, a)).toBeUndefined()
  expect(ask(cache, b)).toBe(true)
  cache.delete(1, b)
  expect(cache.isEmpty).toBe(true)
})

test('a key that is asked for now and then does not drive out one that is asked for all the time', () => {
  const cache = new ItemCache(64 * 1024)
  const [often, seldom] = [keyWith('often', 1, 10), keyWith('seldom', 1 + 2 ** 20, 20)]
  for (let i = 0; i < 3; i++) ask(cache, often)
  for (let round = 0; round < 100; round++) {
    ask(cache, seldom)
    expect(ask(cache, often)).toBe(true)
  }
  // Asked for alone, it gets the place.
  const asked = Array.from({ length: 10 }, () => ask(cache, seldom))
  expect(asked.at(-1)).toBe(true)
  expect(cache.get(1, often)).toBeUndefined()
})

test('it stays within its bytes, keeps what is asked for and lets go of the rest', () => {
  const limit = 64 * 1024
  const cache = new ItemCache(limit)
  const hot = keyWith('hot', 5, 5)
  for (let n = 0; n < 10_000; n++) {
    const key = keyWith(`k${n}`, (n * 2654435761) >>> 0, n)
    for (let i = 0; i < 6; i++) ask(cache, key)
    ask(cache, hot)
    expect(cache.statistics.byteLength).toBeLessThanOrEqual(limit)
  }
  expect(cache.statistics.byteLength).toBeGreaterThan(limit / 3)
  expect(cache.get(1, hot)).toBeDefined()
})

test('an item as large as much of the cache is not kept', () => {
  const cache = new ItemCache(64 * 1024)
  const key = keyWith('a', 1, 10)
  cache.set(1, key, { name: 'a' }, 64 * 1024)
  expect(cache.isEmpty).toBe(true)
})

test('a cache of nothing keeps nothing', () => {
  const cache = new ItemCache(0)
  const key = keyWith('a', 1, 10)
  for (let i = 0; i < 10; i++) expect(ask(cache, key)).toBe(false)
})
