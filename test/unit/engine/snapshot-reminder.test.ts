/** Whoever holds a snapshot for too long is told, once, and not after it was released. */
import { expect, onTestFinished, test, vi } from 'vitest'
import type { Scheduler } from '../../../src/base/scheduler.js'
import { SnapshotReminder } from '../../../src/engine/snapshot-reminder.js'

test('after ten minutes it is reported, and goes on', () => {
  const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
  onTestFinished(() => warned.mockRestore())
  const timers = new Map<() => void, number>()
  const scheduler: Scheduler = {
    delay: async () => {},
    pause: () => Promise.resolve(),
    after: (delayMs, task) => {
      timers.set(task, delayMs)
      return { cancel: () => timers.delete(task) }
    },
  }
  let now = 0
  let cancelled = 0
  const reminder = new SnapshotReminder({ now: () => now }, scheduler, () => cancelled++)
  const [[task, delayMs]] = [...timers] as [[() => void, number]]
  expect(delayMs).toBe(600_000)
  task()
  expect(warned).toHaveBeenCalledExactlyOnceWith(expect.stringContaining('ten minutes'), {
    type: 'DynafileWarning',
    code: 'SNAPSHOT_HELD',
  })
  now = 900_000
  reminder.reportForgotten()
  expect(warned).toHaveBeenLastCalledWith(expect.stringContaining('900 s ago'), expect.anything())
  expect(timers.size).toBe(0)
  expect(cancelled).toBe(1)
})
