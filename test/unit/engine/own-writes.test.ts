/** What a transaction has written is what it reads, whenever it was written and read. */
import { expect, test } from 'vitest'
import { OwnWrites } from '../../../src/engine/transaction/own-writes.js'
import { ALL_KEYS } from '../../../src/storage/tree/cursor.js'

function found(own: OwnWrites, tree: number, key: string): string {
  const target = { bytes: new Uint8Array(), start: 0, end: 0 }
  const finding = own.find(tree, key, target)
  return finding === 'found' ? Buffer.from(target.bytes.subarray(target.start, target.end)).toString() : finding
}

function keysOf(own: OwnWrites, tree: number): string[] | undefined {
  return own.snapshot(tree) && [...own.snapshot(tree)!.keys()]
}

test('nothing is there before anything was written', () => {
  const own = new OwnWrites()
  expect(found(own, 1, 'a')).toBe('absent')
  expect(own.snapshot(1)).toBeUndefined()
})

test('what was written last is found, also between looks, and only in its tree', () => {
  const own = new OwnWrites()
  own.set(1, 'a', Buffer.from('first'))
  expect(found(own, 1, 'a')).toBe('first')
  own.set(1, 'a', Buffer.from('second'))
  own.set(1, 'b', undefined)
  expect([found(own, 1, 'a'), found(own, 1, 'b'), found(own, 1, 'c')]).toEqual(['second', 'removed', 'absent'])
  expect(found(own, 2, 'a')).toBe('absent')
  expect(keysOf(own, 1)).toEqual(['a', 'b'])
  expect(keysOf(own, 2)).toBeUndefined()
})

test('a walk does not see what is written meanwhile', () => {
  const own = new OwnWrites()
  for (const key of ['a', 'b', 'c']) own.set(1, key, Buffer.from(key))
  const cursor = own.snapshot(1)!.cursor(ALL_KEYS, 'ascending')
  expect(cursor.next()).toBe(true)
  own.set(1, 'aa', Buffer.from('new'))
  expect(found(own, 1, 'aa')).toBe('new')
  expect(cursor.next() && cursor.key()).toBe('b')
  expect(keysOf(own, 1)).toEqual(['a', 'aa', 'b', 'c'])
})
