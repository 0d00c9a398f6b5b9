/** The filter of a memtable: never "no" of a key that it has, and seldom "perhaps" of one that it does not have. */
import { expect, test } from 'vitest'
import { hashKey } from '../../../../src/base/key-hash.js'
import { KeyFilter } from '../../../../src/storage/tree/key-filter.js'
import { Memtable } from '../../../../src/storage/tree/memtable.js'

const COUNT = 200_000
const key = (n: number) => `hash${(n * 7919) % 1000}Scustomer#${Math.floor(n / 100)}\0\0Sorder#${n % 100}\0\0`

test('it knows each key that it was told, and few others', () => {
  const filter = new KeyFilter()
  expect(filter.mayHave(hashKey(key(0)))).toBe(false)
  for (let n = 0; n < COUNT; n++) filter.add(hashKey(key(n)))
  let known = 0
  let others = 0
  for (let n = 0; n < COUNT; n++) {
    if (filter.mayHave(hashKey(key(n)))) known += 1
    if (filter.mayHave(hashKey(key(COUNT + n)))) others += 1
  }
  expect(known).toBe(COUNT)
  expect(others / COUNT).toBeLessThan(0.07)
})

test('a snapshot of a memtable says no of nothing that it has', () => {
  const memtable = new Memtable()
  for (let n = 0; n < 5000; n++) memtable.set(1, key(n), undefined, n)
  const snapshot = memtable.snapshot()
  for (let n = 5000; n < 10_000; n++) memtable.set(1, key(n), undefined, n)
  for (let n = 0; n < 5000; n++) expect(snapshot.mayHave(hashKey(key(n)))).toBe(true)
  for (let n = 0; n < 10_000; n++) expect(memtable.mayHave(hashKey(key(n)))).toBe(true)
  expect(new Memtable().mayHave(hashKey(key(0)))).toBe(false)
})
