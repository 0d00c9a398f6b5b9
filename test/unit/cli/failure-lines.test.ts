/** What nobody expected, said on a line, and not a thousand times. */
import { expect, test } from 'vitest'
import { FailureLines } from '../../../src/cli/failure-lines.js'

function lines() {
  const written: string[] = []
  const clock = { nowMs: 5000, now: () => clock.nowMs }
  return { written, clock, failures: new FailureLines((line) => written.push(line), clock) }
}

test('a failure is a line, whatever it holds', () => {
  const { written, clock, failures } = lines()
  for (const failure of [new TypeError('x is not\na \u001b[31mfunction'), undefined, 'text']) {
    failures.add(failure)
    clock.nowMs += 1000
  }
  expect(written).toEqual([
    'dynafile: a request failed: TypeError: x is not a [31mfunction',
    'dynafile: a request failed: undefined',
    'dynafile: a request failed: text',
  ])
})

test('those within a second are counted, and said with the next or at the end', () => {
  const { written, clock, failures } = lines()
  for (let n = 0; n < 1000; n++) failures.add(new Error('full'))
  expect(written).toEqual(['dynafile: a request failed: Error: full'])
  clock.nowMs += 1000
  failures.add(new Error('again'))
  failures.add(new Error('again'))
  failures.end()
  failures.end()
  expect(written.slice(1)).toEqual([
    'dynafile: 999 more failed',
    'dynafile: a request failed: Error: again',
    'dynafile: 1 more failed',
  ])
})
