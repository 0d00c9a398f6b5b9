/** One change to one key of one tree; a commit is a list of them, applied in order, all or none. */
export interface Write {
  readonly tree: number
  /** A byte string. */
  readonly key: string
  /** The new value, or undefined to remove the key. */
  readonly value: Uint8Array | undefined
}
