/** Walking along tokens: what lies ahead, what is taken, and that the end is never left. */
import { expect, test } from 'vitest'
import { TokenCursor } from '../../../src/base/token-cursor.js'

const sign = (text: string) => ({ kind: 'sign', text })
const word = (text: string) => ({ kind: 'word', text })

class Cursor extends TokenCursor<{ kind: string; text: string }> {
  constructor(...tokens: { kind: string; text: string }[]) {
    super([...tokens, { kind: 'end', text: '' }])
  }

  get lastText(): string | undefined {
    return this.before()?.text
  }
}

test('takes one after the other, and stays at the end', () => {
  const cursor = new Cursor(word('a'), sign('='))
  expect(cursor.lastText).toBeUndefined()
  expect([cursor.take(), cursor.take(), cursor.take(), cursor.take()].map(({ text }) => text)).toEqual([
    'a',
    '=',
    '',
    '',
  ])
  expect(cursor.lastText).toBe('=')
  expect(cursor.peek().kind).toBe('end')
})

test('looks ahead, and no further than the end', () => {
  const cursor = new Cursor(word('a'), sign('='))
  expect([cursor.peek(), cursor.peek(1), cursor.peek(2), cursor.peek(9)].map(({ kind }) => kind)).toEqual([
    'word',
    'sign',
    'end',
    'end',
  ])
  expect([cursor.isSign('='), cursor.isSign('=', 1), cursor.isSign('<', 1)]).toEqual([false, true, false])
})

test('takes a sign if it is the one that is wanted', () => {
  const cursor = new Cursor(sign('('), word(')'))
  expect([cursor.takeSign(')'), cursor.takeSign('('), cursor.takeSign(')')]).toEqual([false, true, false])
  expect(cursor.peek().text).toBe(')')
})
