/**
 * Who wants to know of changes, by the tree of a table: those of a table that was dropped are not those of another one
 * that has its name. They are called after the commit is acknowledged, in the order of commits. What a
 * listener throws harms nobody: it is reported as a warning of the process and the next one is called.
 */
import type { Item } from '../../model/item/item.js'
import { isPromise } from '../../model/item/realm.js'
import type { Change } from '../../types.js'
import type { TableState } from '../catalog/table-state.js'

export type Listener = (change: Change<Item>) => void

interface Listening {
  readonly call: Listener
  /** What was visible when it came: of that it is not told. */
  readonly sinceLsn: number
}

export class Listeners {
  readonly #byTree = new Map<number, Set<Listening>>()

  has(tree: number): boolean {
    return (this.#byTree.get(tree)?.size ?? 0) > 0
  }

  /**
   * Returns a function that ends it.
   *
   * @param sinceLsn It is told of commits behind this one.
   */
  add(tree: number, listener: Listener, sinceLsn: number): () => void {
    let listeners = this.#byTree.get(tree)
    if (listeners === undefined) this.#byTree.set(tree, (listeners = new Set()))
    // The same function may be given twice; each has an end of its own.
    const own: Listening = { call: listener, sinceLsn }
    listeners.add(own)
    return () => void listeners.delete(own)
  }

  /** Ends all of a table, once it is dropped and they know of everything before. */
  end(tree: number): void {
    this.#byTree.delete(tree)
  }

  /** Calls everyone with a change of a commit, each with one of its own: what one does to an item the next one does not see. */
  notify({ name, tree }: Pick<TableState, 'name' | 'tree'>, lsn: number, makeChange: () => Change<Item>): void {
    for (const { call, sinceLsn } of [...(this.#byTree.get(tree) ?? [])]) {
      if (lsn <= sinceLsn) continue
      const report = (failure: unknown) => {
        const text = failure instanceof Error ? (failure.stack ?? failure.message) : String(failure)
        process.emitWarning(`A change listener of table "${name}" threw: ${text}`, 'DynafileListenerWarning')
      }
      try {
        // An async function fails later, and a rejection that nobody handles ends the process.
        const answer: unknown = call(makeChange())
        if (isPromise(answer)) answer.catch(report)
      } catch (failure) {
        report(failure)
      }
    }
  }
}
