/**
 * How much is queued and not yet published. A commit is never refused or held back for want of room: it was checked
 * against what is queued, and has to be queued at once. So who has many waits before the next.
 */

/** Who writes in bulk waits when so much is queued, … */
const COMMIT_LIMIT = 10_000
const BYTE_LIMIT: number = 64 * 1024 * 1024
/** … until it is no more than this part of it. */
const RESUMED_SHARE = 1 / 2

export class QueueRoom {
  #commitCount = 0
  #byteLength = 0
  #waiting: { readonly promise: Promise<void>; readonly resolve: () => void } | undefined

  get commitCount(): number {
    return this.#commitCount
  }

  /** In the log, at most. */
  get byteLength(): number {
    return this.#byteLength
  }

  add(commitCount: number, byteLength: number): void {
    this.#commitCount += commitCount
    this.#byteLength += byteLength
  }

  remove(commitCount: number, byteLength: number): void {
    this.#commitCount -= commitCount
    this.#byteLength -= byteLength
    const isMuch = this.#commitCount > COMMIT_LIMIT * RESUMED_SHARE || this.#byteLength > BYTE_LIMIT * RESUMED_SHARE
    if (!isMuch) this.open()
  }

  /** Resolves when there is room for more; undefined when there is now. */
  wait(): Promise<void> | undefined {
    if (this.#commitCount < COMMIT_LIMIT && this.#byteLength < BYTE_LIMIT) return undefined
    if (this.#waiting === undefined) {
      let resolve = () => {}
      const promise = new Promise<void>((resolved) => {
        resolve = resolved
      })
      this.#waiting = { promise, resolve }
    }
    return this.#waiting.promise
  }

  /** Lets everybody go on who waits. */
  open(): void {
    this.#waiting?.resolve()
    this.#waiting = undefined
  }
}
