/** The names of requests: 52 characters, as DynamoDB gives them, from chance that is drawn for many at once. */
import { randomFillSync } from 'node:crypto'

const LENGTH = 52

const ALPHABET = Buffer.from('0123456789ABCDEFGHIJKLMNOPQRSTUV')

export function requestIds(): () => string {
  const letters = Buffer.alloc(LENGTH * 128)
  let used = letters.length
  return () => {
    if (used === letters.length) {
      randomFillSync(letters)
      for (let index = 0; index < letters.length; index++) letters[index] = ALPHABET[letters[index]! & 31]!
      used = 0
    }
    used += LENGTH
    return letters.toString('latin1', used - LENGTH, used)
  }
}
