/**
 * Bytes, sets and the like of another realm: a test runner's sandbox has a `Uint8Array` and a `Set` of its own, which
 * `instanceof` does not know. They are as good as ours wherever a caller hands something over. There they are made
 * ours (`taken`, `ownBytes`), so that whatever lies behind may ask with `instanceof`; what comes from storage is ours anyway.
 *
 * Lists need nothing of this, as `Array.isArray` knows those of any realm, and maps are for `isPlainObject` to tell.
 */
import { types } from 'node:util'

/** Whether the value is bytes of any realm. */
export function isBytes(value: unknown): value is Uint8Array {
  return typeof value === 'object' && types.isUint8Array(value)
}

/** Whether the value is a set of any realm. */
export function isSet(value: unknown): value is ReadonlySet<unknown> {
  return typeof value === 'object' && types.isSet(value)
}

/** Whether the value is a regular expression of any realm. */
export function isRegExp(value: unknown): value is RegExp {
  return typeof value === 'object' && types.isRegExp(value)
}

/** Whether the value is a promise of any realm. */
export function isPromise(value: unknown): value is Promise<unknown> {
  return typeof value === 'object' && types.isPromise(value)
}

/** The bytes as they are, or a copy of those of another realm. */
export function ownBytes(bytes: Uint8Array): Uint8Array {
  return bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes)
}
