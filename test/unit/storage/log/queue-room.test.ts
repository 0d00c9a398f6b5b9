/** Who waits for room in the queue, and until when. */
import { expect, test } from 'vitest'
import { QueueRoom } from '../../../../src/storage/log/queue-room.js'

const MB = 1024 * 1024

/** Whether it resolves by itself. */
async function isResolved(promise: Promise<void> | undefined): Promise<boolean> {
  const later = Promise.resolve().then(() => 'later')
  return (await Promise.race([promise?.then(() => 'resolved'), later.then(() => later)])) === 'resolved'
}

test('there is room for less than 10,000 commits and 64 MB, and again when half of it is left', async () => {
  for (const [commits, bytes] of [
    [10_000, 0],
    [1, 64 * MB],
  ] as const) {
    const room = new QueueRoom()
    room.add(commits - 1, bytes - 1)
    expect(room.wait()).toBeUndefined()
    room.add(1, 1)
    const waiting = room.wait()
    expect(waiting).toBeDefined()
    expect(room.wait()).toBe(waiting)
    const [halfCommits, halfBytes] = [Math.floor(commits / 2), Math.floor(bytes / 2)]
    room.remove(halfCommits === 0 ? 0 : halfCommits - 1, halfBytes === 0 ? 0 : halfBytes - 1)
    expect(await isResolved(waiting)).toBe(false)
    room.remove(1, 1)
    expect(await isResolved(waiting)).toBe(true)
    expect(room.wait()).toBeUndefined()
  }
})

test('knows how much is queued', () => {
  const room = new QueueRoom()
  room.add(3, 100)
  room.remove(1, 60)
  expect([room.commitCount, room.byteLength]).toEqual([2, 40])
})

test('whoever waits is let go on when nothing will come any more', async () => {
  const room = new QueueRoom()
  room.add(20_000, 0)
  const waiting = room.wait()
  room.open()
  expect(await isResolved(waiting)).toBe(true)
})
