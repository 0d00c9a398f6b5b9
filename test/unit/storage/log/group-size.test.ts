/** How many share a sync: both ways are tried, and the quicker one is kept. */
import { expect, test } from 'vitest'
import { GroupSize } from '../../../../src/storage/log/group-size.js'

/** Sixty-four writers, and what a group of all and one of half of them takes. */
function run(size: GroupSize, groups: number, ms: { readonly whole: number; readonly half: number }): number {
  let halves = 0
  for (let i = 0; i < groups; i++) {
    const isHalf = size.limit < 64
    now += isHalf ? ms.half : ms.whole
    if (isHalf) halves += 1
    size.acknowledged(isHalf ? 32 : 64, isHalf ? 32 : 0, now)
  }
  return halves / groups
}

let now = 0

test('half of the writers share a sync when that is quicker', () => {
  const size = new GroupSize()
  expect(size.limit).toBe(Number.POSITIVE_INFINITY)
  run(size, 100, { whole: 0.7, half: 0.26 })
  expect(size.limit).toBe(32)
  expect(run(size, 2000, { whole: 0.7, half: 0.26 })).toBeGreaterThan(0.9)
})

test('all of them do when that is quicker, or as quick', () => {
  for (const half of [0.6, 0.35]) {
    const size = new GroupSize()
    run(size, 100, { whole: 0.7, half })
    expect(run(size, 2000, { whole: 0.7, half })).toBeLessThan(0.1)
  }
})

test('what was quicker once is found out again when it changes', () => {
  const size = new GroupSize()
  run(size, 2000, { whole: 0.7, half: 0.26 })
  expect(run(size, 2000, { whole: 0.5, half: 0.4 })).toBeLessThan(0.7)
  expect(run(size, 2000, { whole: 0.5, half: 0.4 })).toBeLessThan(0.1)
  run(size, 2000, { whole: 0.7, half: 0.26 })
  expect(run(size, 2000, { whole: 0.7, half: 0.26 })).toBeGreaterThan(0.9)
})

test('few are one group, whatever was before', () => {
  const size = new GroupSize()
  run(size, 100, { whole: 0.7, half: 0.26 })
  expect(size.limit).toBe(32)
  for (let i = 0; i < 20; i++) size.acknowledged(4, 4, (now += 0.2))
  expect(size.limit).toBe(Number.POSITIVE_INFINITY)
})

test('what lies between two breaks is no trial', () => {
  const size = new GroupSize()
  for (let i = 0; i < 1000; i++) size.acknowledged(64, 0, (now += i % 8 === 0 ? 20 : 0.7))
  expect(size.limit).toBe(Number.POSITIVE_INFINITY)
})

test('on a disk that has become slow all are one group again', () => {
  const size = new GroupSize()
  run(size, 100, { whole: 0.7, half: 0.26 })
  expect(size.limit).toBe(32)
  run(size, 10, { whole: 6, half: 6 })
  expect(size.limit).toBe(Number.POSITIVE_INFINITY)
})

test('bursts with breaks between them are one group each', () => {
  const size = new GroupSize()
  run(size, 100, { whole: 0.7, half: 0.26 })
  expect(size.limit).toBe(32)
  for (let burst = 0; burst < 10; burst++) {
    size.acknowledged(32, 32, (now += 20))
    size.acknowledged(32, 0, (now += 1))
  }
  expect(size.limit).toBe(Number.POSITIVE_INFINITY)
})

test('a trial that is interrupted says nothing: the way that was kept is gone on with', () => {
  const size = new GroupSize()
  while (size.limit === Number.POSITIVE_INFINITY) run(size, 1, { whole: 0.7, half: 0.26 })
  size.acknowledged(64, 0, (now += 20))
  expect(size.limit).toBe(Number.POSITIVE_INFINITY)
})
