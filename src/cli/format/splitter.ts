/** Cuts a stream of bytes into the records it holds, of which it keeps one at most. */
export interface Splitter {
  /** Adds the records that are complete with this chunk, up to where it finds one that is broken. */
  push(chunk: Buffer, found: Slice[]): void
  /** Adds what is left when there are no more chunks. @throws {BrokenFileError} When that is half of something. */
  end(found: Slice[]): void
}

export interface Slice {
  /** Where it begins, from 1. */
  readonly line: number
  readonly bytes: Buffer
}

/** All records, in batches. When the stream turns out to be broken, the ones before that come first. */
export async function* split(
  source: AsyncIterable<Buffer>,
  splitter: Splitter,
): AsyncGenerator<Slice[], void, undefined> {
  let found: Slice[] = []
  try {
    for await (const chunk of source) {
      splitter.push(chunk, found)
      yield found
      found = []
    }
    splitter.end(found)
  } catch (failure) {
    yield found
    throw failure
  }
  yield found
}
