/**
 * The one form every filter takes before it meets an item.
 *
 * Filters arrive as filtrex strings, as typed objects, as functions and as DynamoDB expressions. Each has its own
 * `predicate-from-*.ts`; nothing below this folder knows which one a caller used.
 */
import type { Item } from '../item/item.js'

export interface Predicate {
  /** The filter as its author wrote it, for error messages and for `explain`. */
  readonly source: string

  /** The top-level attributes it reads, so that an engine may decode only these; `undefined`: it may read any. */
  readonly attributes: readonly string[] | undefined

  /** Whether it runs code of its author's, which may read and write the database meanwhile. @default false */
  readonly isForeign?: boolean

  /**
   * Whether the item passes. Never true because something went wrong.
   *
   * @throws {ValidationException} `FILTER_EVALUATION` when it makes no sense for this item (text times two).
   */
  matches(item: Item): boolean
}

/** One that somebody compiled already, and hands over in the place of a filter or a condition as it was written. */
export class CompiledPredicate implements Predicate {
  readonly source: string
  readonly attributes: readonly string[] | undefined
  readonly matches: (item: Item) => boolean

  constructor({ source, attributes, matches }: Pick<CompiledPredicate, 'source' | 'attributes' | 'matches'>) {
    this.source = source
    this.attributes = attributes
    this.matches = matches
  }
}
