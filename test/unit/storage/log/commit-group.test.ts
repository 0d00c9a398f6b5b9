/** What everybody is told who waits for a group of commits, and that it is empty when it is used again. */
import { expect, test } from 'vitest'
import { WriteFailedError } from '../../../../src/errors.js'
import type { Commit } from '../../../../src/storage/log/commit.js'
import { CommitGroup } from '../../../../src/storage/log/commit-group.js'

function add(group: CommitGroup, lsn: number): { readonly answer: Promise<number>; readonly byteLength: number } {
  const writes = [{ tree: 1, key: `key ${lsn}`, value: Buffer.from('value') }]
  const about: Commit = {
    ...{ lsn, timestamp: lsn, origin: 0, writes, onDurable: undefined, resolve: undefined, reject: undefined },
  }
  const answer = new Promise<number>((resolve, reject) => Object.assign(about, { resolve, reject }))
  answer.catch(() => {})
  return { answer, byteLength: group.add(about) }
}

test('each is answered with its number, and who waits for several at the end', async () => {
  const group = new CommitGroup()
  const empty = group.byteLength
  const [first, second] = [add(group, 7), add(group, 8)]
  expect(group.byteLength).toBe(empty + first.byteLength + second.byteLength)
  const both = group.whenAcknowledged(7)
  group.acknowledge()
  expect(await Promise.all([first.answer, second.answer, both])).toEqual([7, 8, undefined])
})

test('of a failure each is told what is known of its own commit', async () => {
  const group = new CommitGroup()
  const answers = [7, 8, 9].map((lsn) => add(group, lsn).answer)
  const waiters = [7, 8].map((lsn) => group.whenAcknowledged(lsn))
  const outcomes = Promise.allSettled([...answers, ...waiters])
  group.refuse(new Error('no'), 8)
  const told = (await outcomes).map((each) =>
    each.status === 'rejected' ? (each.reason as WriteFailedError) : undefined,
  )
  expect(told.every((failure) => failure instanceof WriteFailedError)).toBe(true)
  expect(told.map((failure) => failure?.outcome)).toEqual([
    'unknown',
    'not written',
    'not written',
    'unknown',
    'not written',
  ])
})

test('when it is used again nothing is left of those before', async () => {
  const group = new CommitGroup()
  const empty = group.byteLength
  const told: string[] = []
  add(group, 1).answer.then(() => told.push('first'))
  group.whenAcknowledged(1).then(() => told.push('waiter'))
  group.clear()
  expect([group.commits.length, group.byteLength]).toEqual([0, empty])
  const again = add(group, 2)
  group.acknowledge()
  expect(await again.answer).toBe(2)
  expect(told).toEqual([])
})

test('it takes commits up to a number, and up to a length', () => {
  const group = new CommitGroup()
  add(group, 1)
  expect([group.takes(0, 2), group.takes(0, 1)]).toEqual([true, false])
  expect([group.takes(59 * 2 ** 20, 2), group.takes(60 * 2 ** 20, 2)]).toEqual([true, false])
})
