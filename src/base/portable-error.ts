/** Errors on their way out of a worker: `postMessage` would make plain `Error`s of them, without their class and fields. */
import * as known from '../errors.js'

export interface PortableError {
  /** The class, if it is one of ours. */
  readonly type: string | undefined
  readonly name: string
  readonly message: string
  readonly stack: string | undefined
  readonly cause: PortableError | undefined
  /** Code, file, byte offset: what the error has beside its message. */
  readonly fields: Readonly<Record<string, string | number>>
}

export function packError(failure: unknown): PortableError {
  if (!(failure instanceof Error)) return packError(new Error(String(failure)))
  const { name, message, stack, cause } = failure
  const type = Object.entries(known).find(([, type]) => type === failure.constructor)?.[0]
  const fields = Object.entries(failure).filter(([, value]) => ['string', 'number'].includes(typeof value))
  const packedCause = cause === undefined ? undefined : packError(cause)
  return { type, name, message, stack, cause: packedCause, fields: Object.fromEntries(fields) }
}

export function unpackError({ type, name, message, stack, cause, fields }: PortableError): Error {
  const failure = new Error(message, cause === undefined ? undefined : { cause: unpackError(cause) })
  const ours = (known as Readonly<Record<string, { readonly prototype: Error }>>)[type ?? '']
  // Not by its constructor: each has other parameters, and makes the message of them.
  if (ours !== undefined) Object.setPrototypeOf(failure, ours.prototype)
  else if (name !== failure.name) Object.defineProperty(failure, 'name', { value: name, configurable: true })
  if (stack !== undefined) Object.defineProperty(failure, 'stack', { value: stack, configurable: true, writable: true })
  return Object.assign(failure, fields)
}
