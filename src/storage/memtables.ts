/**
 * What is committed and not in sorted files: the memtable that takes commits, and while a checkpoint moves what came before
 * to files, the one that has it. Readers look into both.
 */
import { Memtable } from './tree/memtable.js'

/** A memtable that takes nothing any more: up to which commit it goes, and in which segment of the log the next ones are. */
export interface FrozenMemtable {
  readonly memtable: Memtable
  readonly lsn: number
  readonly segment: number
}

export class Memtables {
  #live: Memtable
  #frozen: FrozenMemtable | undefined
  #all: readonly Memtable[]

  constructor(live: Memtable) {
    this.#live = live
    this.#all = [live]
  }

  /** The one that takes commits. */
  get live(): Memtable {
    return this.#live
  }

  get frozen(): FrozenMemtable | undefined {
    return this.#frozen
  }

  /** What readers see is in these, newest first. */
  get all(): readonly Memtable[] {
    return this.#all
  }

  /** Lets commits go on in a new one. */
  freeze(at: Omit<FrozenMemtable, 'memtable'>): void {
    this.#frozen = { memtable: this.#live, ...at }
    this.#live = new Memtable()
    this.#all = [this.#live, this.#frozen.memtable]
  }

  /** What is frozen is in files, or committed once more. */
  releaseFrozen(): void {
    this.#frozen = undefined
    this.#all = [this.#live]
  }

  hasTree(tree: number): boolean {
    return this.#all.some(({ trees }) => trees.has(tree))
  }

  deleteTree(tree: number): void {
    for (const { trees } of this.#all) trees.delete(tree)
  }
}
