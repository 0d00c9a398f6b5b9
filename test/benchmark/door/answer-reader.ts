/** Where an answer of HTTP ends, whatever pieces it comes in: its head is read for status and length, its body is not. */

const HEAD_END = Buffer.from('\r\n\r\n')

export class AnswerReader {
  #chunks: Buffer[] = []
  #bodyOffset = 0
  /** Of the body; not known before the head is there. */
  #missing: number | undefined
  #status = 0

  get status(): number {
    return this.#status
  }

  begin(): void {
    this.#chunks = []
    this.#missing = undefined
  }

  /** Whether that was the last piece. */
  add(chunk: Buffer): boolean {
    this.#chunks.push(chunk)
    if (this.#missing === undefined) this.#readHead()
    else this.#missing -= chunk.length
    return this.#missing === 0
  }

  body(): string {
    return Buffer.concat(this.#chunks).toString('utf8', this.#bodyOffset)
  }

  /** @throws When there is none that could be read. */
  #readHead(): void {
    // In one piece, unless the network is slow.
    if (this.#chunks.length > 1) this.#chunks = [Buffer.concat(this.#chunks)]
    const bytes = this.#chunks[0]!
    const headEnd = bytes.indexOf(HEAD_END)
    if (headEnd < 0) return
    const head = bytes.toString('latin1', 0, headEnd)
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1]
    if (length === undefined) throw new Error(`The answer does not say how long it is:\n${head}`)
    // `HTTP/1.1 200 OK`
    this.#status = Number(head.slice(9, 12))
    this.#bodyOffset = headEnd + HEAD_END.length
    this.#missing = this.#bodyOffset + Number(length) - bytes.length
  }
}
