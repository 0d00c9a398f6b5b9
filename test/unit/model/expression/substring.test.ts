/** `contains` of long texts: the same as the platform's search, without its worst case. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { includesBytes, includesText } from '../../../../src/model/expression/substring.js'

const letters = fc.constantFrom('a', 'b')
const text = (maxLength: number) => fc.string({ unit: letters, maxLength })

test('finds what the platform finds, short or long, anywhere', () => {
  const inText = fc
    .tuple(text(40), text(600), text(40))
    .map(([before, part, after]) => [before + part + after, part] as const)
  const others = fc.tuple(text(900), text(600))
  fc.assert(
    fc.property(fc.oneof(inText, others), fc.integer({ min: 1, max: 8 }), ([whole, part], times) => {
      const [repeated, wanted] = [whole.repeat(times), part]
      expect(includesText(repeated, wanted)).toBe(repeated.includes(wanted))
      const [bytes, wantedBytes] = [Buffer.from(repeated), Buffer.from(wanted)]
      expect(includesBytes(bytes, wantedBytes)).toBe(repeated.includes(wanted))
    }),
  )
})

test('long parts of repeating texts are found at their first and last place', () => {
  const part = `${'a'.repeat(300)}b${'a'.repeat(300)}`
  for (const [before, after] of [
    ['', ''],
    ['', 'x'],
    ['x', ''],
    ['aaa', 'aaa'],
    [part.slice(0, -1), ''],
  ] as const) {
    expect(includesText(before + part + after, part)).toBe(true)
    const almost = before + part.slice(0, -1)
    expect(includesText(almost, part)).toBe(almost.includes(part))
  }
  expect(includesBytes(new Uint8Array(5), new Uint8Array(0))).toBe(true)
  expect(includesText('é'.repeat(700), 'é'.repeat(400))).toBe(true)
})

test('a text of four hundred thousand equal letters is looked through once', { timeout: 20_000 }, () => {
  // The platform takes seconds for each of these.
  const whole = 'a'.repeat(400_000)
  const part = `${'a'.repeat(100_000)}b${'a'.repeat(100_000)}`
  for (let i = 0; i < 100; i++) expect(includesText(whole, part)).toBe(false)
})
