/** Cuts a stream of bytes into the records it holds, of which it keeps one at most. */
export interface Splitter {
  /** The records that are complete with this chunk. */
  push(chunk: Buffer): Slice[]
  /** What is left when there are no more chunks. @throws {BrokenFileError} When that is half of something. */
  end(): Slice[]
}

export interface Slice {
  /** Where it begins, from 1. */
  readonly line: number
  readonly bytes: Buffer
}
