/**
 * Who wants to know of changes. They are called after the commit is acknowledged, in the order of commits. What a
 * listener throws harms nobody: it is reported as a warning of the process and the next one is called.
 */
import type { Item } from '../../model/item/item.js'
import type { Change } from '../../types.js'

export type Listener = (change: Change<Item>) => void

export class Listeners {
  readonly #byTable = new Map<string, Set<Listener>>()

  has(table: string): boolean {
    return (this.#byTable.get(table)?.size ?? 0) > 0
  }

  /** Returns a function that ends it. */
  add(table: string, listener: Listener): () => void {
    let listeners = this.#byTable.get(table)
    if (listeners === undefined) this.#byTable.set(table, (listeners = new Set()))
    // The same function may be given twice; each has an end of its own.
    const own: Listener = (change) => listener(change)
    listeners.add(own)
    return () => void listeners.delete(own)
  }

  /** Calls everyone, each with a change of its own: what one does to an item the next one does not see. */
  notify(table: string, makeChange: () => Change<Item>): void {
    for (const listener of [...(this.#byTable.get(table) ?? [])]) {
      const report = (failure: unknown) => {
        const text = failure instanceof Error ? (failure.stack ?? failure.message) : String(failure)
        process.emitWarning(`A change listener of table "${table}" threw: ${text}`, 'DynafileListenerWarning')
      }
      try {
        // An async function fails later, and a rejection that nobody handles ends the process.
        const answer: unknown = listener(makeChange())
        if (answer instanceof Promise) answer.catch(report)
      } catch (failure) {
        report(failure)
      }
    }
  }
}
