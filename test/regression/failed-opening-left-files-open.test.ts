/** An opening that failed, at a full disk for example, left the log and the witness open: each attempt two descriptors. */
import { expect, test } from 'vitest'
import type { Operation } from '../support/simulated-disk.js'
import { machine, openStorage, put, restarted } from '../support/storage-fixture.js'

test.each<Operation>(['write', 'sync', 'name', 'read'])(
  'an opening that fails at a %s leaves no file open',
  async (kind) => {
    let failures = 0
    for (let after = 1; after < 200; after++) {
      const before = machine()
      const storage = openStorage(before)
      await before.scheduler.outcome(storage.commit([put('a', '1')]))
      const where = restarted(before, 'kill')
      where.disk.fault = { operation: kind, after, code: 'ENOSPC', isPersistent: true }
      try {
        openStorage(where)
      } catch {
        failures += 1
        expect(where.disk.openFileCount, `failure ${after}`).toBe(0)
        continue
      }
      break
    }
    expect(failures).toBeGreaterThan(2)
    expect(failures).toBeLessThan(199)
  },
)
