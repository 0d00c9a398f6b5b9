/** The names of requests: 52 characters, as DynamoDB gives them, from chance that is drawn for many at once. */
import { randomFillSync } from 'node:crypto'

const LENGTH = 52

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUV'

export function requestIds(): () => string {
  const chance = new Uint8Array(LENGTH * 128)
  let used = chance.length
  return () => {
    if (used === chance.length) {
      randomFillSync(chance)
      used = 0
    }
    let id = ''
    for (const end = used + LENGTH; used < end; used++) id += ALPHABET[chance[used]! & 31]
    return id
  }
}
