/** What a signal means to all ways in: whoever gave up hears of nothing but that, in the SDK's words. */
import { unlessAborted as answeredUnlessAborted } from '../base/unless-aborted.js'

/**
 * What was answered, or that it was given up before. An operation that has begun ends, as one that was sent would; its
 * caller does not wait for it.
 *
 * @throws {Error} `AbortError`
 */
export function unlessAborted<T>(answered: Promise<T>, signal: AbortSignal | null | undefined): Promise<T> {
  return answeredUnlessAborted(answered, signal, abortError)
}

/** @throws {Error} `AbortError`, for what has not begun when it is given up. */
export function checkNotAborted(signal: AbortSignal | null | undefined): void {
  if (signal?.aborted === true) throw abortError()
}

function abortError(): Error {
  return Object.assign(new Error('Request aborted'), { name: 'AbortError' })
}
