/** What must be true whatever the caller and the disk do: a failure here is a bug of ours, and says so. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError'
}

/** States a condition. It stays on in production: stopping is better than writing something wrong. */
export function invariant(condition: unknown, sentence: string): asserts condition {
  if (!condition) throw new InvariantError(`Broken invariant, please report it: ${sentence}`)
}
