/** Each opening left a segment of the log, even if nothing was written: after a year of cron jobs there were 500,000. */
import { expect, test } from 'vitest'
import { fileName } from '../../src/storage/disk/file-name.js'
import { contents, machine, openStorage, put, ROOT, restarted } from '../support/storage-fixture.js'

test.each(['closed', 'killed'])(
  'opening a database that is then %s, again and again, leaves no more files',
  async (end) => {
    let where = machine()
    const first = openStorage(where)
    await where.scheduler.outcome(first.commit([put('a', '1')]))
    for (let n = 0; n < 20; n++) {
      where = restarted(where, 'kill')
      const storage = openStorage(where)
      expect(contents(storage)).toEqual({ a: '1' })
      if (end === 'closed') await where.scheduler.outcome(storage.close())
    }
    expect(where.disk.list(fileName.logDirectory(ROOT)).length).toBeLessThanOrEqual(3)
  },
)
