/**
 * Several sorted sources as one. Where the same key stands in more than one, the newest source's entry counts: sources
 * are given newest first. Tombstones come through; `RangeCursor` leaves them out.
 */
import type { ByteView, Direction, EntryCursor } from './cursor.js'

/** A cursor whose entry is that of another one. */
abstract class DelegatingCursor implements EntryCursor {
  protected current: EntryCursor | undefined

  abstract next(): boolean

  compareTo(key: ByteView): number {
    return this.current!.compareTo(key)
  }

  keyView(): ByteView {
    return this.current!.keyView()
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
  /** For each of them whether its entry has the key of ours: then it goes on with us, as it is overwritten or is ours. */
  readonly #isAtKey: boolean[]
  readonly #direction: 1 | -1

  constructor(newestFirst: readonly EntryCursor[], direction: Direction) {
    super()
    this.#active = [...newestFirst]
    this.#isAtKey = newestFirst.map(() => true)
    this.#direction = direction === 'ascending' ? 1 : -1
  }

  override next(): boolean {
    this.#advance()
    const active = this.#active
    const isAtKey = this.#isAtKey
    let current = active[0]
    let isFirst = true
    for (let i = 1; i < active.length; i++) {
      // Those of memory come first, and have their keys in one piece; another's is put together only where there are three.
      const difference = active[i]!.compareTo(current!.keyView()) * this.#direction
      if (difference < 0) {
        current = active[i]
        isFirst = false
        for (let older = 0; older < i; older++) isAtKey[older] = false
      }
      isAtKey[i] = difference <= 0
    }
    if (isFirst) isAtKey[0] = true
    this.current = current
    return current !== undefined
  }

  /** Moves the sources at our key, and leaves out those that have ended. */
  #advance(): void {
    const active = this.#active
    let count = 0
    for (let i = 0; i < active.length; i++) {
      const source = active[i]!
      if (this.#isAtKey[i] === true && !source.next()) continue
      active[count++] = source
    }
    while (active.length > count) active.pop()
  }
}

/** Several sorted sources as one, or the only one as it is. */
export function merged(newestFirst: readonly EntryCursor[], direction: Direction): EntryCursor {
  return newestFirst.length === 1 ? newestFirst[0]! : new MergeCursor(newestFirst, direction)
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
