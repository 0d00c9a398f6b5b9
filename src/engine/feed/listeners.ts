/**
 * Who wants to know of changes, by the tree of a table: those of a table that was dropped are not those of another one
 * that has its name. They are called after the commit is acknowledged, in the order of commits. What a
 * listener throws harms nobody: it is reported as a warning of the process and the next one is called.
 */
import type { Item } from '../../model/item/item.js'
import type { Change } from '../../types.js'
import type { TableState } from '../catalog/table-state.js'

export type Listener = (change: Change<Item>) => void

export class Listeners {
  readonly #byTree = new Map<number, Set<Listener>>()

  has(tree: number): boolean {
    return (this.#byTree.get(tree)?.size ?? 0) > 0
  }

  /** Returns a function that ends it. */
  add(tree: number, listener: Listener): () => void {
    let listeners = this.#byTree.get(tree)
    if (listeners === undefined) this.#byTree.set(tree, (listeners = new Set()))
    // The same function may be given twice; each has an end of its own.
    const own: Listener = (change) => listener(change)
    listeners.add(own)
    return () => void listeners.delete(own)
  }

  /** Ends all of a table, once it is dropped and they know of everything before. */
  end(tree: number): void {
    this.#byTree.delete(tree)
  }

  /** Calls everyone, each with a change of its own: what one does to an item the next one does not see. */
  notify({ name, tree }: Pick<TableState, 'name' | 'tree'>, makeChange: () => Change<Item>): void {
    for (const listener of [...(this.#byTree.get(tree) ?? [])]) {
      const report = (failure: unknown) => {
        const text = failure instanceof Error ? (failure.stack ?? failure.message) : String(failure)
        process.emitWarning(`A change listener of table "${name}" threw: ${text}`, 'DynafileListenerWarning')
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
