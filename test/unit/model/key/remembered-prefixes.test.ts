/** A hash that is remembered is that of its key, whatever drove out what. */
import { expect, test } from 'vitest'
import { encodeKeyPart, HASH_BYTE_LENGTH } from '../../../../src/model/key/key-codec.js'
import { RememberedPrefixes } from '../../../../src/model/key/remembered-prefixes.js'
import { SeededRandom } from '../../../support/random.js'

/** Some bytes that differ for keys that differ. */
function hashOf(part: string): Uint8Array {
  const bytes = new Uint8Array(HASH_BYTE_LENGTH)
  for (let i = 0; i < part.length; i++) {
    bytes[i % HASH_BYTE_LENGTH] = Math.imul(bytes[i % HASH_BYTE_LENGTH]! + part.charCodeAt(i) + i, 31)
  }
  return bytes
}

function memoryOf(byteLength: number): { readonly bytes: Buffer; readonly words: Int32Array } {
  const words = new Int32Array(Math.ceil(byteLength / 4))
  return { bytes: Buffer.from(words.buffer), words }
}

/** Many more than there are places at first, so that they drive each other out; of all lengths, up to what is not remembered. */
function manyParts(random: SeededRandom): string[] {
  const anyPart = () => {
    const length = random.below(random.pick([4, 60, 250]))
    if (random.chance(0.2)) return encodeKeyPart(random.below(1_000_000) / 10 ** random.below(6))
    if (random.chance(0.3)) return encodeKeyPart(new Uint8Array(random.bytes(length)))
    return encodeKeyPart(Array.from({ length }, () => random.pick(['a', 'b', '\0', '\x01'])).join(''))
  }
  return Array.from({ length: 2000 }, anyPart)
}

test.each([1, 2, 3, 4])('what is found is the hash of the key that was asked for (seed %i)', (seed) => {
  const random = new SeededRandom(seed)
  const parts = manyParts(random)
  const remembered = new RememberedPrefixes()
  const memory = memoryOf(1024)
  const prefix = memory.bytes
  let [hits, longHits] = [0, 0]
  for (let step = 0; step < 60_000; step++) {
    // Some are asked for again and again.
    const part = parts[random.below(random.chance(0.5) ? 100 : parts.length)]!
    const end = HASH_BYTE_LENGTH + part.length
    prefix.fill(0xee)
    prefix.write(part, HASH_BYTE_LENGTH, 'latin1')
    const place = remembered.recall(memory, end)
    const said = Buffer.from(prefix.subarray(0, HASH_BYTE_LENGTH))
    if (place < 0) {
      expect(said.every((byte) => byte === 0xee)).toBe(true)
      prefix.set(hashOf(part))
      remembered.remember(memory, end)
      continue
    }
    hits += 1
    if (end > 100) longHits += 1
    const hash = Buffer.from(hashOf(part))
    if (!said.equals(hash)) throw new Error(`seed ${seed}, step ${step}: another hash for ${JSON.stringify(part)}`)
    if (random.chance(0.5)) expect(remembered.text(place, end)).toBe(hash.toString('latin1') + part)
  }
  expect(hits).toBeGreaterThan(10_000)
  expect(longHits).toBeGreaterThan(100)
})

test('what is longer than a place is not remembered, and takes nothing from its neighbours', () => {
  const remembered = new RememberedPrefixes()
  const ask = (part: string) => {
    const end = HASH_BYTE_LENGTH + part.length
    const memory = memoryOf(end)
    const prefix = memory.bytes
    prefix.write(part, HASH_BYTE_LENGTH, 'latin1')
    if (remembered.recall(memory, end) >= 0) return prefix.subarray(0, HASH_BYTE_LENGTH).toString('hex')
    prefix.set(hashOf(part))
    remembered.remember(memory, end)
    return 'not found'
  }
  const isFound = (part: string) => ask(part) === Buffer.from(hashOf(part)).toString('hex')
  const short = Array.from({ length: 100 }, (_, i) => encodeKeyPart(`short ${i}`))
  for (const part of short) ask(part)
  // Those that share a place with no other.
  const kept = short.filter(isFound)
  expect(kept.length).toBeGreaterThan(30)
  expect(kept.every(isFound)).toBe(true)
  for (let i = 0; i < 2000; i++) expect(ask(encodeKeyPart('x'.repeat(118 + (i % 130)) + i))).toBe('not found')
  expect(kept.every(isFound)).toBe(true)
})
