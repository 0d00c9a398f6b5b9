/**
 * Tables are ready, and gone, at once; DynamoDB's take a while. With a delay this makes believe that they do: what was done
 * is done, and for so long a table says that it is under way. Nothing here is kept: after opening again all is done.
 */
import type { Clock } from '../../base/clock.js'
import type { Members } from '../performer.js'

export type TableStatus = 'CREATING' | 'UPDATING' | 'DELETING' | 'ACTIVE'

interface Transition {
  readonly status: Exclude<TableStatus, 'ACTIVE'>
  /** Of the table it is about, and no other of that name. */
  readonly id: string
  readonly until: number
  /** Of one that is gone. */
  readonly description?: Members
}

interface IndexTransition {
  readonly status: 'CREATING' | 'DELETING'
  readonly id: string
  readonly until: number
  /** Of one that is gone. */
  readonly description?: Members
}

export class TableTransitions {
  readonly #clock: Clock
  readonly #delayMs: number
  readonly #tables = new Map<string, Transition>()
  /** By the name of the table, then by its own. */
  readonly #indexes = new Map<string, Map<string, IndexTransition>>()

  constructor(clock: Clock, delayMs: number) {
    this.#clock = clock
    this.#delayMs = delayMs
  }

  begin(table: string, id: string, status: Transition['status'], description?: Members): void {
    if (this.#delayMs <= 0) return
    const until = this.#clock.now() + this.#delayMs
    this.#tables.set(table, { status, id, until, ...(description !== undefined && { description }) })
  }

  beginIndex(table: string, id: string, index: string, status: IndexTransition['status'], description?: Members): void {
    if (this.#delayMs <= 0) return
    const until = this.#clock.now() + this.#delayMs
    let indexes = this.#indexes.get(table)
    if (indexes === undefined) this.#indexes.set(table, (indexes = new Map()))
    indexes.set(index, { status, id, until, ...(description !== undefined && { description }) })
  }

  statusOf(table: string, id: string): TableStatus {
    const transition = this.#current(table)
    return transition === undefined || transition.id !== id ? 'ACTIVE' : transition.status
  }

  /** Whether items of the table can be read and written: not before it is created. To ask costs next to nothing. */
  isUsable(table: string): boolean {
    return this.#tables.size === 0 || this.#current(table)?.status !== 'CREATING'
  }

  /** What is told of a table that is gone and still said to be there. */
  deleted(table: string): Members | undefined {
    return this.#current(table)?.description
  }

  /** Those that are gone and still said to be there. */
  deletedNames(): string[] {
    return [...this.#tables.keys()].filter((table) => this.deleted(table) !== undefined)
  }

  indexStatusOf(table: string, id: string, index: string): IndexTransition['status'] | undefined {
    return this.#currentIndexes(table, id).find(([name]) => name === index)?.[1].status
  }

  /** What is told of indexes that are gone and still said to be there. */
  deletedIndexes(table: string, id: string): Members[] {
    return this.#currentIndexes(table, id).flatMap(([, { description }]) =>
      description === undefined ? [] : [description],
    )
  }

  /** Whether an index of the table is under way. */
  hasIndexes(table: string, id: string): boolean {
    return this.#currentIndexes(table, id).length > 0
  }

  #current(table: string): Transition | undefined {
    const transition = this.#tables.get(table)
    if (transition === undefined || transition.until > this.#clock.now()) return transition
    this.#tables.delete(table)
    return undefined
  }

  #currentIndexes(table: string, id: string): [string, IndexTransition][] {
    const indexes = this.#indexes.get(table)
    if (indexes === undefined) return []
    const now = this.#clock.now()
    for (const [name, { until }] of indexes) if (until <= now) indexes.delete(name)
    if (indexes.size === 0) this.#indexes.delete(table)
    return [...indexes].filter(([, transition]) => transition.id === id)
  }
}
