/** Who is synced at once and who by the thread pool. */
import { expect, test } from 'vitest'
import { SyncChoice } from '../../../../src/storage/log/sync-choice.js'

/** The choice after a writer was alone for a while. */
function alone(): SyncChoice {
  const choice = new SyncChoice()
  for (let i = 0; i < 3; i++) expect(choice.isLater(1, 0)).toBe(true)
  return choice
}

test('a writer who stays alone is synced at once', () => {
  const choice = alone()
  expect(choice.isLater(1, 0)).toBe(false)
  expect(choice.isLater(1, 0)).toBe(false)
})

test('as soon as a second one waits, the pool does it, until one is alone for a while again', () => {
  const choice = alone()
  expect(choice.isLater(2, 0)).toBe(true)
  for (let i = 0; i < 3; i++) expect(choice.isLater(1, 0)).toBe(true)
  expect(choice.isLater(1, 0)).toBe(false)
})

test('one slow sync is not a slow disk', () => {
  const choice = alone()
  choice.held(0, 10)
  expect(choice.isLater(1, 10)).toBe(false)
})

test('a disk that is slow sends syncs to the pool, and for longer after each trial that fails', () => {
  const choice = alone()
  choice.held(0, 10)
  choice.held(10, 20)
  expect(choice.isLater(1, 119)).toBe(true)
  expect(choice.isLater(1, 121)).toBe(false)
  choice.held(121, 131)
  expect(choice.isLater(1, 330)).toBe(true)
  expect(choice.isLater(1, 332)).toBe(false)
})

test('a disk that has become fast is forgiven', () => {
  const choice = alone()
  choice.held(0, 100)
  for (let now = 200; now < 220; now++) choice.held(now, now + 0.1)
  choice.held(300, 400)
  expect(choice.isLater(1, 499)).toBe(true)
  expect(choice.isLater(1, 501)).toBe(false)
})
