/** The segments of the log that are complete and still there, newest first. */

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
   * Takes out those that come before a segment, but for the latest of them, as many as have no more bytes together than the
   * limit: those who follow the log may not have read them.
   */
  takeBefore(segmentNumber: number, keptByteLimit: number): readonly EndedSegment[] {
    let passedByteLength = 0
    const isTaken = (segment: EndedSegment) => {
      if (segment.number < segmentNumber) passedByteLength += segment.byteLength
      return passedByteLength > keptByteLimit
    }
    const first = this.#segments.findIndex(isTaken)
    if (first < 0) return []
    const taken = this.#segments.slice(first)
    this.#segments = this.#segments.slice(0, first)
    return taken
  }
}
