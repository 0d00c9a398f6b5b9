/**
 * What the two threads of a scan say to each other: a task at the beginning, then for each page a question and an answer.
 * A worker does nothing that it was not asked for, so that whoever is slow is not flooded, and a worker that is not needed
 * any more is idle and ends at a word. What is in no file it asks for itself, in pieces, as it gets to them.
 */
import type { PortableError } from '../../base/portable-error.js'
import type { Selection } from '../../model/expression/projection.js'
import type { ShapeDictionary } from '../../model/item/shape-dictionary.js'
import type { PortableTree } from '../../storage/portable-tree.js'
import type { PackedEntries } from '../../storage/tree/packed-entries.js'
import type { PackedPage } from './packed-page.js'

export interface ScanTask {
  readonly part: PortableTree
  /** The names that numbers stand for in stored items. */
  readonly shapes: ShapeDictionary['contents']
  /** As `packFilter` gives it. */
  readonly filter: unknown
  readonly select: Selection | undefined
  /** The attribute with the end of an item's time. */
  readonly ttl: string | undefined
  /** When its table was made: see expiry.ts. */
  readonly createdAt: number
  /** One moment for all workers. */
  readonly nowMs: number
  readonly countOnly: boolean
}

/** To the worker. */
export type ScanWord =
  | { readonly kind: 'next page' }
  | { readonly kind: 'entries'; readonly packed: PackedEntries }
  | { readonly kind: 'end' }

/** From the worker. Memory of a piece that was read comes back. */
export type ScanWorkerWord =
  | { readonly kind: 'send entries'; readonly memory?: SharedArrayBuffer }
  | { readonly kind: 'page'; readonly page: PackedPage }
  | { readonly kind: 'failure'; readonly failure: PortableError }
