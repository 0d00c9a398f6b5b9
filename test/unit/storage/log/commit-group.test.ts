/** What everybody is told who waits for a group of commits, and that it is empty when it is used again. */
import { expect, test } from 'vitest'
import { WriteFailedError } from '../../../../src/errors.js'
import { CommitGroup } from '../../../../src/storage/log/commit-group.js'

function add(group: CommitGroup, lsn: number): number {
  const writes = [{ tree: 1, key: `key ${lsn}`, value: Buffer.from('value') }]
  return group.add({ lsn, timestamp: lsn, origin: 0, writes, onDurable: undefined })
}

test('all who wait for it wait for the same', async () => {
  const group = new CommitGroup()
  const empty = group.byteLength
  const length = add(group, 7) + add(group, 8)
  expect(group.byteLength).toBe(empty + length)
  const { acknowledged } = group
  expect(group.acknowledged).toBe(acknowledged)
  group.acknowledge()
  expect(await acknowledged).toBe(undefined)
})

test('those who are told of commits are told in their order, before it is acknowledged', async () => {
  const group = new CommitGroup()
  const told: number[] = []
  for (const lsn of [7, 8]) {
    const onDurable = (commit: { readonly lsn: number }) => told.push(commit.lsn)
    group.add({ lsn, timestamp: lsn, origin: 0, writes: [], onDurable })
  }
  const toldBefore = group.acknowledged.then(() => [...told])
  group.acknowledge()
  expect(await toldBefore).toEqual([7, 8])
})

test.each(['unknown', 'not written'] as const)(
  'of a failure all are told whether it may be stored: %s',
  async (outcome) => {
    const group = new CommitGroup()
    add(group, 7)
    const failure = group.acknowledged.catch((reason: unknown) => reason)
    group.refuse(new Error('no'), outcome)
    expect(await failure).toBeInstanceOf(WriteFailedError)
    expect(((await failure) as WriteFailedError).outcome).toBe(outcome)
  },
)

test('when it is used again nothing is left of those before', async () => {
  const group = new CommitGroup()
  const empty = group.byteLength
  const told: string[] = []
  add(group, 1)
  group.acknowledged.then(() => told.push('before'))
  group.clear()
  expect([group.count, group.byteLength]).toEqual([0, empty])
  add(group, 2)
  const { acknowledged } = group
  group.acknowledge()
  await acknowledged
  expect(told).toEqual([])
})

test('it takes commits up to a number, and up to a length', () => {
  const group = new CommitGroup()
  add(group, 1)
  expect([group.takes(0, 2), group.takes(0, 1)]).toEqual([true, false])
  expect([group.takes(59 * 2 ** 20, 2), group.takes(60 * 2 ** 20, 2)]).toEqual([true, false])
})
