/**
 * From the actions of a transaction to the commits that they become. All of this is one turn of the event loop: every
 * condition holds for the item that the next commit finds, and every change can be stored.
 */
import { type CancellationReason, ValidationException } from '../../errors.js'
import { checkKeyTypes } from '../../model/key/key-schema.js'
import type { BulkTransaction } from '../../storage/log/commit.js'
import type { Write } from '../../storage/tree/write.js'
import type { TableState } from '../catalog/table-state.js'
import type { ItemWrite } from '../commit/item-write.js'
import { NO_CHANGE, ORIGINS } from '../commit/origin.js'
import { notifierOf } from '../commit/tell-listeners.js'
import { newShapes, planWrite } from '../commit/write-item.js'
import type { EngineContext } from '../context.js'
import { type Action, evaluate, reasonFor } from './action.js'
import { ReleasedEntries } from './released-entries.js'
import { checkByteLength } from './transaction-limits.js'

const NONE: CancellationReason = Object.freeze({ code: 'None' })

const CONFLICT: CancellationReason = Object.freeze({
  code: 'TransactionConflict',
  message: 'Transaction is ongoing for the item',
})

/** An action, or a read: which have reasons of their own in their order. */
export type Step = Action | 'read'

/** What has come together until it commits. */
export interface Gathered {
  readonly steps: readonly Step[]
  /** Whether everything is as it was read. */
  readonly isUnchanged: boolean
  /** Whether it writes to a table that is portable: then it has DynamoDB's limits. */
  readonly isPortable: boolean
}

export interface CommitPlan {
  readonly transactions: readonly BulkTransaction[]
  /** What is done, and for whom. */
  readonly done: readonly { readonly action: Action; readonly write: ItemWrite }[]
  /** Takes back what planning has learned, when nothing comes of it. */
  readonly forget: () => void
}

/**
 * Answers what is to be committed, or why nothing is.
 *
 * @param more What else is to be written along with it.
 */
export function planCommits(
  context: EngineContext,
  { steps, isUnchanged, isPortable }: Gathered,
  more: readonly Write[],
): CommitPlan | { readonly reasons: readonly CancellationReason[] } {
  const { storage } = context
  const queuedLsn = storage.queuedLsn
  const reasons = steps.map((): CancellationReason => NONE)
  const writes: { readonly write: ItemWrite; readonly step: number }[] = []
  const done: { readonly action: Action; readonly write: ItemWrite }[] = []
  for (const [i, step] of steps.entries()) {
    if (step === 'read') {
      if (!isUnchanged) reasons[i] = CONFLICT
      continue
    }
    const { reason, write } = evaluate(context, step)
    if (reason !== undefined) reasons[i] = reason
    else if (write !== undefined) {
      if (step.kind !== 'check') writes.push({ write, step: i })
      if (step.images !== undefined) done.push({ action: step, write })
    }
  }
  if (reasons.some(({ code }) => code !== 'None')) return { reasons }
  if (storage.queuedLsn !== queuedLsn) {
    const reason = 'a function of its own (a condition, a validator) wrote to the database while it was asked'
    throw new ValidationException('FILTER_EVALUATION', `Cannot commit the transaction: ${reason}`)
  }

  // What updates have made is known only now.
  const byteLength = writes.reduce((sum, { write }) => sum + (write.next?.bytes.length ?? 0), 0)
  checkByteLength(byteLength, isPortable)
  const transactions: BulkTransaction[] = []
  const planned = new PlannedWrites(context)
  const releases = new ReleasedEntries(
    context,
    writes.map(({ write }) => write),
  )
  const learned = rememberTypes(writes.map(({ write }) => write.table))
  for (const { write, step } of writes) {
    try {
      checkKeyTypes(write.table.key, write.key)
      const ready = readyWrite(write, planned)
      const own = planWrite(context, ready, { head: planned.head, releases })
      planned.add(own)
      transactions.push({ writes: own, origin: ORIGINS[ready.type], ...notification(context, ready) })
    } catch (failure) {
      learned.forget()
      const reason = reasonFor(failure)
      if (reason === undefined) throw failure
      reasons[step] = reason
      return { reasons }
    }
  }
  const kept = [...newShapes(context), ...more]
  // Before all of them, as any may have such a shape.
  if (kept.length > 0) transactions.unshift({ writes: kept, origin: NO_CHANGE })
  return { transactions, done, forget: learned.forget }
}

/** What the commits of a transaction have written so far, above what is queued. */
class PlannedWrites {
  readonly #values = new Map<string, Uint8Array | undefined>()
  readonly head: (tree: number, key: string) => Uint8Array | undefined

  constructor({ storage }: EngineContext) {
    this.head = (tree, key) => {
      const name = `${tree}/${key}`
      return this.#values.has(name) ? this.#values.get(name) : storage.head(tree, key)
    }
  }

  add(writes: readonly Write[]): void {
    for (const { tree, key, value } of writes) this.#values.set(`${tree}/${key}`, value)
  }
}

/** Planning a write learns the types of keys; what comes of nothing must teach nothing. */
function rememberTypes(tables: readonly TableState[]): { forget(): void } {
  const known = [...new Set(tables)].map((table) => ({
    table,
    key: table.key,
    indexes: table.indexes.map((index) => ({ index, key: index.key })),
  }))
  return {
    forget() {
      for (const { table, key, indexes } of known) {
        table.key = key
        for (const each of indexes) each.index.key = each.key
      }
    },
  }
}

/**
 * The write as it is when those before it are done: a holder of a unique key whose time was over may have been removed
 * since the item was looked at.
 */
function readyWrite({ type, table, key, primaryKey, oldBytes, next }: ItemWrite, planned: PlannedWrites): ItemWrite {
  return { type, table, key, primaryKey, oldBytes: oldBytes && planned.head(table.tree, primaryKey), next }
}

function notification(context: EngineContext, write: ItemWrite): Pick<BulkTransaction, 'onDurable'> {
  const onDurable = notifierOf(context, write)
  return onDurable === undefined ? {} : { onDurable }
}
