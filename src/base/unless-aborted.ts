/** Giving up: whoever waits for something with a signal hears of it at once, whatever becomes of what he waited for. */

/**
 * What was answered, or that it was given up before. What has begun goes on by itself; its caller does not wait for it.
 *
 * @param signal None is one that never comes.
 * @param reason Why it was given up.
 */
export function unlessAborted<T>(
  answered: Promise<T>,
  signal: AbortSignal | null | undefined,
  reason: () => unknown,
): Promise<T> {
  if (signal == null) return answered
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(reason())
    // The signals of the SDK's own controller, which programs from before there was another may use, have no listeners.
    if (typeof signal.addEventListener !== 'function') {
      signal.onabort = onAbort
      answered.then(resolve, reject)
      return
    }
    signal.addEventListener('abort', onAbort, { once: true })
    // Who waits may have been overtaken already.
    if (signal.aborted) onAbort()
    answered.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}
