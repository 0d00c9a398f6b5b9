/** Which browsers' pages may read what is answered: all, as with Amazon DynamoDB, or those of a list. */

/** Origins, such as `https://console.example`, or only their hosts; `*` for all of them. */
export type Cors = readonly string[] | '*'

export class AllowedOrigins {
  /** Undefined is everybody. */
  readonly #names: ReadonlySet<string> | undefined

  constructor(cors: Cors = '*') {
    const isEverybody = cors === '*' || cors.includes('*')
    this.#names = isEverybody ? undefined : new Set(cors.map((name) => name.toLowerCase().replace(/\/$/, '')))
  }

  /** The headers that let a page of this origin read an answer, or don't. */
  headersFor(origin: string | undefined): Record<string, string> {
    if (this.#names === undefined) return origin === undefined ? {} : { 'access-control-allow-origin': '*' }
    // Who keeps answers for later must not give one page's to another.
    const vary = { vary: 'origin' }
    return origin !== undefined && this.allows(origin) ? { 'access-control-allow-origin': origin, ...vary } : vary
  }

  allows(origin: string): boolean {
    if (this.#names === undefined) return true
    const name = origin.toLowerCase()
    const [, host = name, hostname = name] = /^[a-z][a-z0-9+.-]*:\/\/(([^:/]+|\[[^\]]*\])(?::\d+)?)$/.exec(name) ?? []
    return [name, host, hostname].some((form) => this.#names!.has(form))
  }
}
