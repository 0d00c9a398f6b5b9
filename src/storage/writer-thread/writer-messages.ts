/**
 * What the two threads say to each other while files are written. The worker asks for what it needs: names for files, and
 * what is in memory, some pieces ahead.
 */
import type { PortableError } from '../../base/portable-error.js'
import type { PieceName, PiecePlan, PieceSettings, WrittenPiece } from '../partition/piece-writer.js'
import type { FileDescription } from '../sorted-file/sorted-file-reader.js'
import type { KeyBounds } from '../tree/cursor.js'
import type { PackedEntries } from '../tree/packed-entries.js'

/** What is to be written, and how. */
export interface WriteTask {
  readonly settings: PieceSettings
  readonly plan: PiecePlan
  /** Whether there are entries in memory, newer than any file: they are asked for. */
  readonly hasEntries: boolean
  readonly files: readonly FileDescription[]
  readonly bounds: KeyBounds
}

/** To the worker. */
export type WriterWord =
  | { readonly kind: 'write'; readonly task: WriteTask }
  | { readonly kind: 'entries'; readonly packed: PackedEntries }
  | { readonly kind: 'name'; readonly name: PieceName }
  | { readonly kind: 'go on' }
  | { readonly kind: 'give up' }
  | { readonly kind: 'end' }

/** From the worker while it writes. Memory of a piece that was read comes back, … */
export type WorkerQuestion =
  | { readonly kind: 'send entries'; readonly memory?: SharedArrayBuffer }
  | { readonly kind: 'name a file'; readonly isFirst: boolean }
  /** … and whether it is still of use is asked now and then, and before a file gets its name. */
  | { readonly kind: 'may I go on' }

/** `written` and `failure` end a task. */
export type WorkerWord =
  | WorkerQuestion
  | { readonly kind: 'written'; readonly pieces: readonly WrittenPiece[] }
  | { readonly kind: 'failure'; readonly failure: PortableError }
