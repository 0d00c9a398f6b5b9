/**
 * How many bytes of requests a server holds at once, over all of its connections: of what has come and is not answered yet.
 * One request has a limit of its own, ten thousand of them together would have none.
 */
export class BodyBudget {
  #room: number

  constructor(byteLength: number) {
    this.#room = byteLength
  }

  get room(): number {
    return this.#room
  }

  hold(): BodyHold {
    return new BodyHold((byteLength) => {
      if (byteLength > this.#room) return false
      this.#room -= byteLength
      return true
    })
  }
}

/** What one request has of the budget. */
export class BodyHold {
  readonly #reserve: (byteLength: number) => boolean
  #held = 0

  constructor(reserve: (byteLength: number) => boolean) {
    this.#reserve = reserve
  }

  /** Whether there was room for so many bytes more; otherwise nothing was taken. */
  take(byteLength: number): boolean {
    if (!this.#reserve(byteLength)) return false
    this.#held += byteLength
    return true
  }

  /** Gives everything back; once more gives nothing. */
  release(): void {
    this.#reserve(-this.#held)
    this.#held = 0
  }
}
