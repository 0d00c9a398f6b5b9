/** The segments of the log that are complete and still there, newest first. */

/** So many are kept at most for those who follow the log: a name takes time at each opening, however short its file is. */
export const KEPT_COUNT_LIMIT = 16

export interface EndedSegment {
  readonly number: number
  readonly byteLength: number
}

export class EndedSegments {
  #segments: readonly EndedSegment[]

  /** @param segments Newest first. */
  constructor(segments: readonly EndedSegment[]) {
    this.#segments = segments
  }

  get count(): number {
    return this.#segments.length
  }

  get byteLength(): number {
    return this.#segments.reduce((sum, { byteLength }) => sum + byteLength, 0)
  }

  add(segment: EndedSegment): void {
    this.#segments = [segment, ...this.#segments]
  }

  /**
   * Takes out those that come before a segment, but for some of the latest, which have no more bytes together than the limit:
   * those who follow the log may not have read them.
   */
  takeBefore(segmentNumber: number, keptByteLimit: number): readonly EndedSegment[] {
    let passedByteLength = 0
    let passedCount = 0
    const isTaken = (segment: EndedSegment) => {
      if (segment.number >= segmentNumber) return false
      passedByteLength += segment.byteLength
      passedCount += 1
      return passedByteLength > keptByteLimit || passedCount > KEPT_COUNT_LIMIT
    }
    const first = this.#segments.findIndex(isTaken)
    if (first < 0) return []
    const taken = this.#segments.slice(first)
    this.#segments = this.#segments.slice(0, first)
    return taken
  }
}
