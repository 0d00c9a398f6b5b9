/** Writes of a batch, prepared one after the other: a backend may put several together. */
import type { Backend, BatchOperation, PreparedWrite } from './backend.js'

export class PreparedWrites {
  readonly #backend: Pick<Backend, 'prepare'>
  readonly #table: string
  #writes: PreparedWrite[] = []
  #size = 0

  constructor(backend: Pick<Backend, 'prepare'>, table: string) {
    this.#backend = backend
    this.#table = table
  }

  /** How many there are. */
  get size(): number {
    return this.#size
  }

  /** @throws {ValidationException} When its item, or its key, is not one that the table can have; nothing was added. */
  add(operation: BatchOperation): void {
    const write = this.#backend.prepare(this.#table, operation, this.#last)
    // Preparing it may have run code that took those before it.
    if (write !== this.#last()) this.#writes.push(write)
    this.#size += 1
  }

  /** They in their order; none are left. */
  take(): readonly PreparedWrite[] {
    const writes = this.#writes
    this.#writes = []
    this.#size = 0
    return writes
  }

  readonly #last = (): PreparedWrite | undefined => this.#writes.at(-1)
}

/** Writes in their order, in parts of so many, or of one that is more. */
export function* partsOf(
  writes: readonly PreparedWrite[],
  partLength: number,
): Generator<readonly PreparedWrite[], void> {
  let part: PreparedWrite[] = []
  let length = 0
  for (const write of writes) {
    if (length > 0 && length + write.count > partLength) {
      yield part
      part = []
      length = 0
    }
    part.push(write)
    length += write.count
  }
  if (length > 0) yield part
}
