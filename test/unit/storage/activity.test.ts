/** The longest slice of background work: what was done between two waits, never the waiting. */
import { expect, test } from 'vitest'
import { Activity } from '../../../src/storage/activity.js'

test('waiting is not counted, and the longest stretch between waits is', async () => {
  let now = 0
  const activity = new Activity({ now: () => now })
  await activity.work(async () => {
    now += 3
    await activity.waitFor(Promise.resolve().then(() => (now += 1000)))
    now += 7
    await activity.waitFor(Promise.resolve().then(() => (now += 1000)))
    now += 5
  })
  expect(activity.longestSliceMs).toBe(7)
  now += 1000
  expect(activity.slice(() => (now += 4))).toBe(now)
  expect(activity.longestSliceMs).toBe(7)
  activity.slice(() => (now += 9))
  expect(activity.longestSliceMs).toBe(9)
  const failing = activity.work(async () => {
    now += 11
    await activity.waitFor(Promise.reject(new Error('failed')))
  })
  await expect(failing).rejects.toThrow('failed')
  expect(activity.longestSliceMs).toBe(11)
})
