/**
 * A writer that lost its folder while it wrote a sorted file removed that file by its name, or gave it its name in the place
 * of one that was there. The process that has the folder now gives the same numbers to its own files.
 */
import fs from 'node:fs'
import path from 'node:path'
import { expect, test, vi } from 'vitest'
import { FencedError } from '../../src/errors.js'
import { put } from '../support/storage-fixture.js'
import { temporaryFolder } from '../support/temporary-database.js'
import { openThreaded } from '../support/threaded-storage.js'

test('what a fenced writer has begun stays for its successor to look at', async () => {
  const folder = path.join(temporaryFolder(), 'db')
  const threaded = openThreaded(folder, { threadFromByteLength: Number.POSITIVE_INFINITY, sliceByteLength: 1000 })
  const { storage } = threaded
  for (let n = 0; n < 1000; n++) void storage.commit([put(`key ${n}`, 'x'.repeat(100))])
  await storage.flush()
  const files = () =>
    fs.readdirSync(path.join(folder, 't'), { recursive: true }).filter((name) => /run/.test(String(name)))
  const checkpoint = storage.checkpoint()
  checkpoint.catch(() => {})
  while (files().length === 0) await new Promise((resolve) => setImmediate(resolve))
  threaded.isHeld = false
  await expect(checkpoint).rejects.toThrow(FencedError)
  expect(files()).toHaveLength(1)
  await storage.close().catch(() => {})
})

test('a file that was synced when the folder was lost does not replace the successor’s', async () => {
  const folder = path.join(temporaryFolder(), 'db')
  const threaded = openThreaded(folder, { threadFromByteLength: Number.POSITIVE_INFINITY })
  const { storage } = threaded
  await storage.commit([put('a', '1')])
  const successors = path.join(folder, 't/1/1/2.run')
  const { fdatasync } = fs
  vi.spyOn(fs, 'fdatasync').mockImplementation((descriptor, done) => {
    if (fs.existsSync(`${successors}.tmp`) && threaded.isHeld) {
      threaded.isHeld = false
      fs.writeFileSync(successors, 'of the successor')
    }
    fdatasync(descriptor, done)
  })
  await expect(storage.checkpoint()).rejects.toThrow(FencedError)
  vi.restoreAllMocks()
  expect(fs.readFileSync(successors, 'utf8')).toBe('of the successor')
  await storage.close().catch(() => {})
})
