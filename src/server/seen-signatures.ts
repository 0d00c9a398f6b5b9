/**
 * Which signatures of writes were used, so that none is used again before it expires by itself. One write costs some forty
 * bytes outside the heap: signatures are kept as their first 16 bytes, in a table for each ten seconds in which they expire,
 * and a table is dropped whole. Signatures tell their own expiry, so one is only ever looked for in one table.
 *
 * Some SDKs number their invocations and do not sign the number. For a moment, another number under a signature that came
 * with one is another write.
 */
import { AwsError } from './aws-error.js'

export interface SeenSignaturesOptions {
  /**
   * How many are kept: 20,000 writes a second for the five minutes that they last, and a third more. When there are more,
   * writes wait: to forget one would be to let it in twice.
   *
   * @default 8_000_000
   */
  readonly maxCount?: number
}

/** For how long another request may have the same signature: they are signed with the second, and take a while to come. */
const REPEAT_S = 2

const TABLE_S = 10

interface Repeatable {
  readonly firstAtS: number
  readonly occurrences: Set<string>
}

export class SeenSignatures {
  readonly #maxCount: number
  /** By when they expire, in units of `TABLE_S`. */
  readonly #tables = new Map<number, SignatureTable>()
  /** Those with a number that is not signed, of this moment and of the one before. */
  #repeatable = new Map<string, Repeatable>()
  #repeatableBefore = new Map<string, Repeatable>()
  #momentS = 0
  #droppedUntil = Number.NEGATIVE_INFINITY

  constructor({ maxCount = 8_000_000 }: SeenSignaturesOptions = {}) {
    this.#maxCount = maxCount
  }

  get count(): number {
    return this.#sum((table) => table.count)
  }

  get byteLength(): number {
    return this.#sum((table) => table.byteLength)
  }

  /**
   * Whether it is the first time; or another occurrence of the same, in the moment in which there can be one.
   *
   * @param signature 64 hexadecimal digits
   * @throws {AwsError} `ThrottlingException`, when there is no room to remember it.
   */
  add(signature: string, occurrence: string | undefined, expiresAtS: number, nowS: number): boolean {
    this.#forget(nowS)
    const expiry = Math.floor(expiresAtS / TABLE_S)
    let table = this.#tables.get(expiry)
    if (table === undefined) this.#tables.set(expiry, (table = new SignatureTable()))
    if (table.has(signature)) return occurrence !== undefined && this.#repeats(signature, occurrence, nowS)
    if (this.count >= this.#maxCount) {
      throw new AwsError('ThrottlingException', 'Too many signed writes are in their window; try again')
    }
    table.add(signature)
    if (occurrence !== undefined) {
      this.#repeatable.set(signature, { firstAtS: nowS, occurrences: new Set([occurrence]) })
    }
    return true
  }

  #repeats(signature: string, occurrence: string, nowS: number): boolean {
    const first = this.#repeatable.get(signature) ?? this.#repeatableBefore.get(signature)
    if (first === undefined || nowS - first.firstAtS > REPEAT_S || first.occurrences.has(occurrence)) return false
    first.occurrences.add(occurrence)
    return true
  }

  #forget(nowS: number): void {
    if (nowS - this.#momentS > REPEAT_S) {
      // What came before the moment before is too old in any case.
      this.#repeatableBefore = nowS - this.#momentS > 2 * REPEAT_S ? new Map() : this.#repeatable
      this.#repeatable = new Map()
      this.#momentS = nowS
    }
    const now = Math.floor(nowS / TABLE_S)
    if (now <= this.#droppedUntil) return
    for (const expiry of this.#tables.keys()) if (expiry < now) this.#tables.delete(expiry)
    this.#droppedUntil = now
  }

  #sum(of: (table: SignatureTable) => number): number {
    let sum = 0
    for (const table of this.#tables.values()) sum += of(table)
    return sum
  }
}

const WORDS = 4

/** A set of signatures: open addressing, a signature's own bits choose its place. */
class SignatureTable {
  #words = new Uint32Array(64 * WORDS)
  count = 0

  get byteLength(): number {
    return this.#words.byteLength
  }

  has(signature: string): boolean {
    const words = wordsOf(signature)
    return this.#words[this.#placeOf(words)] !== 0
  }

  add(signature: string): void {
    if (this.count * 4 >= (this.#words.length / WORDS) * 3) this.#grow()
    const words = wordsOf(signature)
    this.#words.set(words, this.#placeOf(words))
    this.count++
  }

  /** Where these words are, or the free place where they belong. */
  #placeOf(words: Uint32Array): number {
    const all = this.#words
    let at = (words[0]! * WORDS) % all.length
    while (all[at] !== 0) {
      if (all[at] === words[0] && all[at + 1] === words[1] && all[at + 2] === words[2] && all[at + 3] === words[3])
        break
      at = (at + WORDS) % all.length
    }
    return at
  }

  #grow(): void {
    const before = this.#words
    this.#words = new Uint32Array(before.length * 2)
    for (let at = 0; at < before.length; at += WORDS) {
      if (before[at] === 0) continue
      const words = before.subarray(at, at + WORDS)
      this.#words.set(words, this.#placeOf(words))
    }
  }
}

/** The first 16 bytes. A place that is free has a first word of 0, so no signature has one. */
function wordsOf(signature: string): Uint32Array {
  const words = new Uint32Array(WORDS)
  for (let n = 0; n < WORDS; n++) words[n] = Number.parseInt(signature.slice(n * 8, n * 8 + 8), 16)
  words[0] ||= 1
  return words
}
