/**
 * The answers of transactions that came with a token, kept for ten minutes in a tree of their own: whoever comes again
 * with the token, after a lost connection or a crash, gets the answer, and nothing happens twice. An answer is committed
 * with what the transaction writes, so there is never one without the other.
 *
 * An answer goes with the tables that its transaction has read or written. Once one of them is dropped, what the answer tells
 * of is gone, and a new table of that name is another one: then it counts no more.
 */
import { isWellFormed } from '../../base/well-formed.js'
import { ValidationException } from '../../errors.js'
import type { Item } from '../../model/item/item.js'
import { decodeItem, encodeItem } from '../../model/item/item-codec.js'
import { encodeKeyPart } from '../../model/key/key-codec.js'
import type { Write } from '../../storage/tree/write.js'
import type { TableState } from '../catalog/table-state.js'
import type { EngineContext } from '../context.js'

/** No table's tree has this number: theirs are counted from 1. */
export const ANSWERS_TREE: number = 2 ** 32 - 1
export const KEPT_MS: number = 10 * 60 * 1000
const TOKEN_LIMIT = 36
/** With each that is kept, so many go whose time is over: more than come. */
const REMOVED_AT_ONCE = 8
const LOOKED_AT_ONCE = 16

interface KeptAnswer {
  readonly answer: unknown
}

/** As it is stored. */
interface AnswerRecord {
  readonly at: number
  readonly answer?: unknown
  /** The trees of its tables: no other table ever gets one of these numbers. */
  readonly tables: readonly number[]
}

interface Keeping {
  /** To be committed with the transaction. */
  readonly writes: readonly Write[]
  /** To be called when they are. */
  queued(): void
}

export class KeptAnswers {
  readonly #context: Pick<EngineContext, 'storage' | 'clock' | 'catalog'>
  /** When each was kept, the oldest first, as far as the clock was not set back; read when the first is asked for. */
  #keptAt: Map<string, number> | undefined

  constructor(context: Pick<EngineContext, 'storage' | 'clock' | 'catalog'>) {
    this.#context = context
  }

  /** @throws {ValidationException} TRANSACTION when it can't be a token. */
  find(token: string): KeptAnswer | undefined {
    const { storage, clock, catalog } = this.#context
    const bytes = storage.head(ANSWERS_TREE, keyOf(token))
    if (bytes === undefined) return undefined
    // Answers of before the tables were kept do not have them.
    const { at, answer, tables = [] } = decodeItem(bytes) as unknown as AnswerRecord
    if (at + KEPT_MS <= clock.now()) return undefined
    const trees = new Set(catalog.tables().map(({ tree }) => tree))
    return tables.every((tree) => trees.has(tree)) ? { answer } : undefined
  }

  /**
   * @param tables What the transaction has read or written.
   * @throws {ValidationException} TRANSACTION when the answer is nothing that can be kept.
   */
  keep(token: string, answer: unknown, tables: ReadonlySet<TableState>): Keeping {
    const at = this.#context.clock.now()
    const key = keyOf(token)
    const keptAt = this.#allKept()
    const gone: string[] = []
    let lookedAt = 0
    for (const [old, oldAt] of keptAt) {
      lookedAt += 1
      if (gone.length === REMOVED_AT_ONCE || lookedAt > LOOKED_AT_ONCE) break
      if (oldAt > at) {
        // The clock was ahead then: those behind it must not wait until that time has come.
        keptAt.delete(old)
        keptAt.set(old, oldAt)
        continue
      }
      if (oldAt + KEPT_MS > at) break
      // Its own is written anew.
      if (old !== key) gone.push(old)
    }
    const removed = gone.map((old): Write => ({ tree: ANSWERS_TREE, key: old, value: undefined }))
    const record: AnswerRecord = { at, tables: [...tables].map(({ tree }) => tree) }
    const value = encoded({ ...record, ...(answer !== undefined && { answer }) })
    const kept: Write = { tree: ANSWERS_TREE, key, value }
    return {
      writes: [...removed, kept],
      queued: () => {
        for (const old of gone) keptAt.delete(old)
        // At the end: it is the newest now.
        keptAt.delete(key)
        keptAt.set(key, at)
      },
    }
  }

  #allKept(): Map<string, number> {
    if (this.#keptAt !== undefined) return this.#keptAt
    const kept: [key: string, at: number][] = []
    const cursor = this.#context.storage.range(ANSWERS_TREE, { lower: '', upper: undefined })
    while (cursor.next()) kept.push([cursor.key(), decodeItem(cursor.value())['at'] as number])
    this.#keptAt = new Map(kept.sort(([, a], [, b]) => a - b))
    return this.#keptAt
  }
}

function keyOf(token: unknown): string {
  if (typeof token !== 'string' || token === '' || token.length > TOKEN_LIMIT || !isWellFormed(token)) {
    const reason = `its token is a text of 1 to ${TOKEN_LIMIT} characters, none of them half a surrogate pair`
    throw new ValidationException('TRANSACTION', `Cannot begin the transaction: ${reason}`)
  }
  return encodeKeyPart(token)
}

function encoded(kept: Item): Uint8Array {
  try {
    return encodeItem(kept)
  } catch (cause) {
    const reason = 'with a token, what its function returns is kept, and this is nothing that an item could hold'
    throw new ValidationException('TRANSACTION', `Cannot commit the transaction: ${reason}`, { cause })
  }
}
