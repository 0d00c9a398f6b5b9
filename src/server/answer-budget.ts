/**
 * How many bytes of answers a server holds for those who have not read them yet, over all of its connections: a socket takes
 * a few megabytes, what is more waits in our memory. One who doesn't read is closed some time; ten thousand of them must not
 * have gigabytes until then.
 *
 * Over the limit the connection that has taken nothing for the longest time is closed, but not before it had a second. Until
 * somebody can be closed there is no room.
 */

/** What is known of a socket here. */
export interface Reader {
  destroy(): unknown
  once(event: 'close', listener: () => void): unknown
}

interface Waiting {
  byteLength: number
  /** When it began to wait, or last took something. */
  readonly since: number
}

/** How long nobody is closed for not reading. */
const PATIENCE_MS = 1000

export class AnswerBudget {
  readonly #byteLimit: number
  readonly #now: () => number
  /** The one that has taken nothing for the longest time is the first. */
  readonly #waiting = new Map<Reader, Waiting>()
  /** Those whose end we shall hear of. */
  readonly #known = new WeakSet<Reader>()
  #held = 0

  /** @param now In milliseconds; it never goes back. */
  constructor(byteLimit: number, now: () => number = () => performance.now()) {
    this.#byteLimit = byteLimit
    this.#now = now
  }

  /** How many bytes wait for those who are to read them. */
  get heldByteLength(): number {
    return this.#held
  }

  /** Whether there is room for any answer now. */
  hasRoom(): boolean {
    return this.#makeRoom(1)
  }

  /**
   * Whether there is room for an answer; then it is held until the reader has taken it, or is closed. Where nothing waits
   * there is room for one of any length.
   */
  take(reader: Reader, byteLength: number): boolean {
    if (!this.#makeRoom(byteLength)) return false
    const waiting = this.#waiting.get(reader)
    if (waiting !== undefined) waiting.byteLength += byteLength
    else this.#waiting.set(reader, { byteLength, since: this.#now() })
    if (!this.#known.has(reader)) {
      this.#known.add(reader)
      reader.once('close', () => this.#forget(reader))
    }
    this.#held += byteLength
    return true
  }

  /** The reader has taken an answer. */
  give(reader: Reader, byteLength: number): void {
    const waiting = this.#waiting.get(reader)
    if (waiting === undefined) return
    this.#held -= byteLength
    this.#waiting.delete(reader)
    const left = waiting.byteLength - byteLength
    // Behind all others: it reads.
    if (left > 0) this.#waiting.set(reader, { byteLength: left, since: this.#now() })
  }

  #makeRoom(byteLength: number): boolean {
    while (this.#held > 0 && this.#held + byteLength > this.#byteLimit) {
      const [slowest, { since }] = this.#waiting.entries().next().value!
      if (this.#now() - since < PATIENCE_MS) return false
      this.#forget(slowest)
      slowest.destroy()
    }
    return true
  }

  #forget(reader: Reader): void {
    const waiting = this.#waiting.get(reader)
    if (waiting === undefined) return
    this.#waiting.delete(reader)
    this.#held -= waiting.byteLength
  }
}
