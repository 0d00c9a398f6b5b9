/** As much of better-sqlite3 as the benchmark uses: the package comes without types. */
declare module 'better-sqlite3' {
  interface Statement {
    pluck(): Statement
    run(...parameters: unknown[]): void
    get(...parameters: unknown[]): unknown
    all(...parameters: unknown[]): unknown[]
  }

  export default class Database {
    constructor(path: string)
    pragma(source: string): unknown
    exec(source: string): void
    prepare(source: string): Statement
    transaction<A extends unknown[]>(work: (...args: A) => void): (...args: A) => void
    close(): void
  }
}
