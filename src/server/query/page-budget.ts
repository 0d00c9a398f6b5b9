/**
 * What a page may still look at, in bytes as DynamoDB counts them: a megabyte to begin with. A statement that reads several
 * times has one for all of its reads, so that its page is no longer than that of a query.
 */
const PAGE_BYTE_LIMIT = 1024 * 1024

export class PageBudget {
  #byteLength = PAGE_BYTE_LIMIT

  get byteLength(): number {
    return this.#byteLength
  }

  /** The item that takes the last of it takes more than there is. */
  get isSpent(): boolean {
    return this.#byteLength <= 0
  }

  spend(byteLength: number): void {
    this.#byteLength -= byteLength
  }
}
