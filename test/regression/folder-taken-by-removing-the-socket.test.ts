/**
 * Somebody removed the socket of a live database, whose name says lock, and opened its folder: nobody answered, so the
 * folder was free. The one that had it before looked only whether its own claim was still there, which it was, and went on
 * acknowledging commits that nobody ever found.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { FencedError, open, table, type } from '../../src/index.js'
import { acquireProcessLock } from '../../src/storage/disk/process-lock.js'

const folder = mkdtempSync(join(tmpdir(), 'dynafile-taken-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const items = table('items', { schema: type<{ id: string }>(), key: ['id'] })

function removeSockets(path: string): void {
  for (const name of readdirSync(path)) if (name.endsWith('.sock')) rmSync(join(path, name))
}

test.each(['always', 'never'] as const)('who is taken for dead acknowledges nothing more: fsync %s', async (fsync) => {
  const path = join(folder, fsync)
  const first = await open(path, { fsync })
  await first.table(items).put({ id: 'before' })
  removeSockets(path)
  const second = await open(path, { fsync })
  // Without syncs one that has just looked does not look again.
  await new Promise((resolve) => setTimeout(resolve, 10))
  await expect(first.table(items).put({ id: 'lost' })).rejects.toThrow(FencedError)
  await expect(first.table(items).put({ id: 'after' })).rejects.toThrow(FencedError)
  expect(await first.table(items).get({ id: 'before' })).toEqual({ id: 'before' })
  await (fsync === 'always' ? first.close() : expect(first.close()).rejects.toThrow(FencedError))
  await second.table(items).put({ id: 'kept' })
  await second.close()
  const again = await open(path)
  expect((await again.table(items).scan().toArray()).map(({ id }) => id).sort()).toEqual(['before', 'kept'])
  await again.close()
})

test('nothing is said to be durable in a folder that is another’s', async () => {
  const path = join(folder, 'closing')
  const first = await open(path, { fsync: 'never' })
  await first.table(items).put({ id: 'before' })
  removeSockets(path)
  const second = await open(path)
  await second.table(items).put({ id: 'kept' })
  await expect(first.flush()).rejects.toThrow(FencedError)
  await expect(first.close()).rejects.toThrow(FencedError)
  await second.close()
})

test('however soon after one look the folder is taken, the next look notices', async () => {
  for (let round = 0; round < 40; round++) {
    const path = mkdtempSync(join(folder, 'x'))
    const first = await acquireProcessLock(path)
    // From the folder being looked into each time to its time being enough.
    const until = Date.now() + round * 3
    do expect(first.isHeld('glance')).toBe(true)
    while (Date.now() < until)
    if (round % 2 === 0) removeSockets(path)
    else for (const name of readdirSync(path)) if (name.startsWith('EPOCH')) rmSync(join(path, name))
    if (round % 2 === 0) expect(first.isHeld('glance')).toBe(true)
    const second = await acquireProcessLock(path)
    expect([first.isHeld('glance'), first.isHeld()]).toEqual([false, false])
    expect([second.isHeld('glance'), second.isHeld()]).toEqual([true, true])
    await first.release()
    expect(second.isHeld()).toBe(true)
    await second.release()
  }
})
