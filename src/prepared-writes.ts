/** Writes of a batch, prepared one after the other: a backend may put several together. */
import type { Backend, BatchOperation, PreparedWrite } from './backend.js'

/**
 * Prepares a write, behind those that were prepared for the same table before it.
 *
 * @throws {ValidationException} When its item, or its key, is not one that the table can have; nothing was added.
 */
export function prepareNext(
  backend: Backend,
  table: string,
  operation: BatchOperation,
  prepared: PreparedWrite[],
): void {
  const before = prepared.at(-1)
  const write = backend.prepare(table, operation, before)
  if (write !== before) prepared.push(write)
}

/** They in their order, in parts of so many, or of one that is more. */
export function* partsOf(
  prepared: readonly PreparedWrite[],
  partLength: number,
): Generator<readonly PreparedWrite[], void> {
  let part: PreparedWrite[] = []
  let length = 0
  for (const write of prepared) {
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
