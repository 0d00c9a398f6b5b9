/**
 * A follower that met a damaged frame of the log, or found no log at all, showed nothing more, for ever and without a word,
 * while the writer acknowledged one commit after the other. A checkpoint ended it then with an error that was not the reason:
 * it had been too slow.
 */
import { expect, it } from 'vitest'
import { CorruptionError } from '../../src/errors.js'
import { fileName } from '../../src/storage/disk/file-name.js'
import { Follower } from '../../src/storage/follower.js'
import { checksum, machine, openStorage, put, ROOT } from '../support/storage-fixture.js'

async function followed() {
  const where = machine(1)
  const { disk, scheduler } = where
  const storage = openStorage(where, { segmentByteLimit: 100_000 })
  const commit = (n: number) => scheduler.outcome(storage.commit([put(`key-${n}`, `value ${n}`)]))
  for (let n = 0; n < 5; n++) await commit(n)
  const follower = Follower.open({ files: disk, checksum }, ROOT)
  const told: string[] = []
  const poll = () => follower.poll(({ writes }) => told.push(writes[0]!.key))
  const path = fileName.log(ROOT, 1)
  return { disk, commit, poll, told, path }
}

it('says so when a commit that it has to show is damaged', async () => {
  const { disk, commit, poll, told, path } = await followed()
  for (const n of [5, 6, 7]) await commit(n)
  const file = disk.open(path, 'write')
  const bytes = Buffer.alloc(file.size())
  file.read(bytes, 0)
  const place = bytes.indexOf('value 6')
  file.write(Buffer.from('value 9'), place)
  poll()
  expect(told).toEqual(['key-5'])
  expect(poll).toThrow(CorruptionError)
  expect(poll).toThrow(new RegExp(`"${path}" at byte [1-9]\\d*: commits 7 to 8 were durable`))
  expect(told).toEqual(['key-5'])

  file.write(Buffer.from('value 6'), place)
  poll()
  expect(told).toEqual(['key-5', 'key-6', 'key-7'])
})

it('says so when there is no log', async () => {
  const { disk, commit, poll, told, path } = await followed()
  poll()
  await commit(5)
  disk.remove(path)
  expect(poll).toThrow(/wal" at byte 0: commits 6 to 6 were durable/)
  expect(told).toEqual([])
})
