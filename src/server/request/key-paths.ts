/** Attributes of keys are single values: an expression can't look into one. */
import type { KnownTable } from '../../backend.js'
import { validationError } from '../aws-error.js'
import { keyNotScalar } from '../wording.js'

/**
 * @param nested The top-level attributes that the expressions of a request look into.
 * @throws {AwsError} ValidationException
 */
export function checkKeyPaths({ key: { partition, sort }, indexes }: KnownTable, nested: ReadonlySet<string>): void {
  if (nested.size === 0) return
  if (nested.has(partition.name)) throw validationError(keyNotScalar('Key', partition.name))
  if (sort !== undefined && nested.has(sort.name)) throw validationError(keyNotScalar('Key', sort.name))
  for (const { definition } of indexes) {
    // In an index of our own with an entry for each element, the attribute is a list or a set.
    const names = [...definition.partition, ...definition.sort].filter((name) => name !== definition.multi)
    const name = names.find((other) => nested.has(other))
    if (name !== undefined) throw validationError(keyNotScalar('IndexKey', name))
  }
}
