/** The partition keys there are in an index, each once: what `index.distinct()` gives. */
import type { BackendReader, BackendSnapshot } from './backend.js'
import { nextTurn } from './base/turn.js'

/** In no order that means anything, and of one moment. Nothing is read until it is asked for. */
export interface DistinctKeys<Key> extends AsyncIterable<Key> {
  /** All of them. There may be as many as there are items. */
  toArray(): Promise<Key[]>
  first(): Promise<Key | undefined>
  count(): Promise<number>
}

export class LazyDistinctKeys<Key> implements DistinctKeys<Key> {
  readonly #reader: BackendReader
  readonly #table: string
  readonly #index: string
  readonly #signal: AbortSignal | undefined

  constructor(reader: BackendReader, table: string, index: string, signal: AbortSignal | undefined) {
    this.#reader = reader
    this.#table = table
    this.#index = index
    this.#signal = signal
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Key, void, undefined> {
    for await (const keys of this.#pages()) yield* keys
  }

  async toArray(): Promise<Key[]> {
    const all: Key[] = []
    for await (const keys of this.#pages()) for (const key of keys) all.push(key)
    return all
  }

  async first(): Promise<Key | undefined> {
    for await (const keys of this.#pages(1)) if (keys.length > 0) return keys[0]
    return undefined
  }

  async count(): Promise<number> {
    let count = 0
    for await (const keys of this.#pages()) count += keys.length
    return count
  }

  async *#pages(limit?: number): AsyncGenerator<readonly Key[], void, undefined> {
    let held: BackendSnapshot | undefined
    let after: string | undefined
    try {
      do {
        this.#signal?.throwIfAborted()
        const request = { table: this.#table, index: this.#index, after, limit, holds: held === undefined }
        const page = await (held ?? this.#reader).distinctKeys(request)
        held ??= page.snapshot
        after = page.next
        yield page.keys as readonly Key[]
        if (after !== undefined) await nextTurn()
      } while (after !== undefined)
    } finally {
      held?.release()
    }
  }
}
