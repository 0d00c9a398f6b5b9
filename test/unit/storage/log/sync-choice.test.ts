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

test('a sync that took long sends the next ones to the pool, for longer each time', () => {
  const choice = alone()
  choice.held(0, 5)
  expect(choice.isLater(1, 104)).toBe(true)
  expect(choice.isLater(1, 106)).toBe(false)
  choice.held(106, 126)
  expect(choice.isLater(1, 325)).toBe(true)
  expect(choice.isLater(1, 327)).toBe(false)
  choice.held(327, 328)
  expect(choice.isLater(1, 328)).toBe(false)
  choice.held(328, 338)
  expect(choice.isLater(1, 437)).toBe(true)
  expect(choice.isLater(1, 439)).toBe(false)
})
