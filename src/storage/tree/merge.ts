/**
 * Several sorted sources as one. Where the same key stands in more than one, the newest source's entry counts: sources
 * are given newest first. Tombstones come through; `RangeCursor` leaves them out.
 */
import type { Direction, EntryCursor } from './cursor.js'

/** A cursor whose entry is that of another one. */
abstract class DelegatingCursor implements EntryCursor {
  protected current: EntryCursor | undefined

  abstract next(): boolean

  compareTo(key: string): number {
    return this.current!.compareTo(key)
  }

  key(): string {
    return this.current!.key()
  }

  keyLength(): number {
    return this.current!.keyLength()
  }

  copyKey(target: Uint8Array, start: number): void {
    this.current!.copyKey(target, start)
  }

  get isTombstone(): boolean {
    return this.current!.isTombstone
  }

  get bytes(): Uint8Array {
    return this.current!.bytes
  }

  get start(): number {
    return this.current!.start
  }

  get end(): number {
    return this.current!.end
  }

  lsn(): number {
    return this.current!.lsn()
  }
}

export class MergeCursor extends DelegatingCursor {
  /** Sources that have an entry at hand, newest first. */
  readonly #active: EntryCursor[]
  readonly #direction: 1 | -1
  #started = false

  constructor(newestFirst: readonly EntryCursor[], direction: Direction) {
    super()
    this.#active = [...newestFirst]
    this.#direction = direction === 'ascending' ? 1 : -1
  }

  override next(): boolean {
    if (!this.#started) {
      this.#started = true
      this.#keep((source) => source.next())
    } else if (this.#active.length === 1) {
      if (!this.current!.next()) this.#active.length = 0
    } else {
      // Older entries of the key we leave are overwritten: they go with it.
      const left = this.current!.key()
      this.#keep((source) => source.compareTo(left) !== 0 || source.next())
    }
    this.current = this.#active[0]
    for (let i = 1; i < this.#active.length; i++) {
      const source = this.#active[i]!
      if (source.compareTo(this.current!.key()) * this.#direction < 0) this.current = source
    }
    return this.current !== undefined
  }

  #keep(isAlive: (source: EntryCursor) => boolean): void {
    const alive = this.#active.filter(isAlive)
    this.#active.length = 0
    this.#active.push(...alive)
  }
}

/** One source after the other, each made when the one before it has ended. */
export class ChainCursor extends DelegatingCursor {
  readonly #sources: Iterator<EntryCursor>

  constructor(sources: Iterator<EntryCursor>) {
    super()
    this.#sources = sources
  }

  override next(): boolean {
    for (;;) {
      if (this.current?.next() === true) return true
      const { done, value } = this.#sources.next()
      if (done === true) return false
      this.current = value
    }
  }
}
