/** What a signal means to all ways in: whoever gave up hears of nothing but that, in the SDK's words. */

/**
 * What was answered, or that it was given up before. An operation that has begun ends, as one that was sent would; its
 * caller does not wait for it.
 *
 * @param signal None is one that never comes.
 * @throws {Error} `AbortError`
 */
export function unlessAborted<T>(answered: Promise<T>, signal: AbortSignal | null | undefined): Promise<T> {
  if (signal == null) return answered
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(abortError())
    // The signals of the SDK's own controller, which programs from before there was another may use, have no listeners.
    if (typeof signal.addEventListener !== 'function') {
      signal.onabort = onAbort
      answered.then(resolve, reject)
      return
    }
    signal.addEventListener('abort', onAbort, { once: true })
    answered.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}

/** @throws {Error} `AbortError`, for what has not begun when it is given up. */
export function checkNotAborted(signal: AbortSignal | null | undefined): void {
  if (signal?.aborted === true) throw abortError()
}

function abortError(): Error {
  return Object.assign(new Error('Request aborted'), { name: 'AbortError' })
}
