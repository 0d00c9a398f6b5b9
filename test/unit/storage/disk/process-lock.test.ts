/** One holder at a time: not two at once, not one that is dead, and whoever is refused is told who has it. */
import { spawn } from 'node:child_process'
import fs, { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import net from 'node:net'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { DatabaseLockedError } from '../../../../src/errors.js'
import { acquireProcessLock } from '../../../../src/storage/disk/process-lock.js'

const folder = mkdtempSync(join(tmpdir(), 'dynafile-lock-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const fresh = () => mkdtempSync(join(folder, 'x'))
const lockSource = new URL('../../../../src/storage/disk/process-lock.ts', import.meta.url).href
const loader = new URL('../../../../node_modules/tsx/dist/esm/index.mjs', import.meta.url).href

describe('the process lock', () => {
  test('is held by one, and refused to others with the pid of that one', async () => {
    const root = fresh()
    const lock = await acquireProcessLock(root)
    expect(lock.isHeld()).toBe(true)
    const refused = acquireProcessLock(root)
    await expect(refused).rejects.toThrow(DatabaseLockedError)
    await expect(refused).rejects.toMatchObject({ pid: process.pid, host: hostname() })
    await lock.release()
    const next = await acquireProcessLock(root)
    expect(next.epoch).toBe(lock.epoch + 1)
    await next.release()
  })

  test('of ten that want it at once, one gets it', async () => {
    const root = fresh()
    const outcomes = await Promise.allSettled(Array.from({ length: 10 }, () => acquireProcessLock(root)))
    const held = outcomes.filter((outcome) => outcome.status === 'fulfilled')
    expect(held.length).toBe(1)
    await held[0]!.value.release()
  })

  test('is free as soon as its holder was killed, and not while it is only stopped', { timeout: 30_000 }, async () => {
    const root = fresh()
    const script = `const { acquireProcessLock } = await import(${JSON.stringify(lockSource)})
      await acquireProcessLock(${JSON.stringify(root)}); console.log('held'); setInterval(() => {}, 1000)`
    const child = spawn(process.execPath, ['--import', loader, '--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await new Promise((resolve) => child.stdout.once('data', resolve))
    child.kill('SIGSTOP')
    await expect(acquireProcessLock(root)).rejects.toMatchObject({ pid: child.pid })
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL')
    await ended
    const lock = await acquireProcessLock(root)
    expect(lock.epoch).toBe(2)
    await lock.release()
  })

  test('works in a folder whose path is longer than a socket may have', async () => {
    const root = join(fresh(), 'd'.repeat(150))
    mkdirSync(root)
    const lock = await acquireProcessLock(root)
    await expect(acquireProcessLock(root)).rejects.toThrow(DatabaseLockedError)
    await lock.release()
  })

  test('a claim of another machine on a disk of ours is void, and one that was cut off too', async () => {
    const root = fresh()
    const claim = {
      epoch: 1,
      pid: 1,
      host: 'elsewhere',
      machineId: 'x',
      bootId: 'y',
      socket: 'lock-00.sock',
      startedAt: '',
    }
    writeFileSync(join(root, 'EPOCH-000000000001'), JSON.stringify(claim))
    const first = await acquireProcessLock(root)
    await first.release()
    writeFileSync(join(root, `EPOCH-00000000000${first.epoch + 1}`), '{"epo')
    const second = await acquireProcessLock(root)
    expect(second.epoch).toBe(first.epoch + 2)
    await second.release()
  })

  test('notices that it was taken away by force', async () => {
    const root = fresh()
    const lock = await acquireProcessLock(root)
    for (const name of readdirSync(root)) if (name.startsWith('EPOCH')) rmSync(join(root, name))
    expect(lock.isHeld()).toBe(false)
    await lock.release()
  })

  test('notices that its folder was moved at a glance, and closely that one around it was', async () => {
    const outer = join(fresh(), 'outer')
    const root = join(outer, 'data')
    mkdirSync(root, { recursive: true })
    const lock = await acquireProcessLock(root)
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect([lock.isHeld('glance'), lock.isHeld('glance')]).toEqual([true, true])
    renameSync(root, `${root}-moved`)
    expect([lock.isHeld('glance'), lock.isHeld()]).toEqual([false, false])
    renameSync(`${root}-moved`, root)
    expect([lock.isHeld('glance'), lock.isHeld()]).toEqual([true, true])
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(lock.isHeld('glance')).toBe(true)
    renameSync(outer, `${outer}-moved`)
    expect(lock.isHeld()).toBe(false)
    await lock.release()
  })

  test('notices what happens in the tick of the clock in which it last looked', async () => {
    const root = fresh()
    const lock = await acquireProcessLock(root)
    const time = Date.now()
    // All that happens now happens at one time, as far as files know.
    const stopped = vi.spyOn(fs, 'fstatSync').mockImplementation(() => ({ ctimeMs: time }) as fs.Stats)
    expect(lock.isHeld('glance')).toBe(true)
    for (const name of readdirSync(root)) if (name.startsWith('EPOCH')) rmSync(join(root, name))
    expect(lock.isHeld('glance')).toBe(false)
    stopped.mockRestore()
    await lock.release()
  })

  test('leaves nothing behind on a full disk, and no claim that is cut off', async () => {
    const root = fresh()
    const full = vi.spyOn(fs, 'fsyncSync').mockImplementation(() => {
      throw Object.assign(new Error('ENOSPC: no space left on device, fsync'), { code: 'ENOSPC' })
    })
    await expect(acquireProcessLock(root)).rejects.toMatchObject({ code: 'ENOSPC' })
    full.mockRestore()
    expect(readdirSync(root)).toEqual([])
    const { writeSync } = fs
    const inParts = vi
      .spyOn(fs, 'writeSync')
      .mockImplementation(((file: number, bytes: Uint8Array, from: number) =>
        writeSync(file, typeof bytes === 'string' ? bytes : bytes.subarray(from, from + 7))) as never)
    const lock = await acquireProcessLock(root)
    inParts.mockRestore()
    await expect(acquireProcessLock(root)).rejects.toMatchObject({ pid: process.pid })
    await lock.release()
  })

  test('is released once, however often', async () => {
    const lock = await acquireProcessLock(fresh())
    await lock.release()
    const strangers = Array.from({ length: 4 }, () => fs.openSync(folder, 'r'))
    await lock.release()
    for (const stranger of strangers) fs.closeSync(stranger)
  })

  test('keeps no more than a few old claims and no sockets', async () => {
    const root = fresh()
    for (let i = 0; i < 8; i++) await (await acquireProcessLock(root)).release()
    expect(readdirSync(root).length).toBe(3)
  })

  test('sockets of contenders that were killed are removed, once nobody can be about to stake a claim', async () => {
    const root = fresh()
    await (await acquireProcessLock(root)).release()
    const longAgo = new Date(Date.now() - 2 * 60 * 60 * 1000)
    // To connect to a file that is no socket, or one of a process that is gone, fails alike.
    for (const name of ['lock-00aa.sock', 'lock-00bb.sock']) writeFileSync(join(root, name), '')
    const contender = net.createServer()
    await new Promise<void>((resolve) => contender.listen(join(root, 'lock-00cc.sock'), resolve))
    // Whatever this is, it is in nobody's way.
    mkdirSync(join(root, 'lock-00dd.sock'))
    for (const name of ['lock-00aa.sock', 'lock-00cc.sock', 'lock-00dd.sock'])
      utimesSync(join(root, name), longAgo, longAgo)
    const lock = await acquireProcessLock(root)
    const left = readdirSync(root).filter((name) => /lock-00..\.sock/.test(name))
    expect(left).toEqual(['lock-00bb.sock', 'lock-00cc.sock', 'lock-00dd.sock'])
    expect(lock.isHeld()).toBe(true)
    await lock.release()
    await new Promise((resolve) => contender.close(resolve))
  })
})
