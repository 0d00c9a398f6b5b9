/**
 * Faults on purpose, so that a program meets in its tests what Amazon DynamoDB does on a bad day: throttled requests,
 * batches that are done in part, transactions in each other's way, answers that take their time. Chosen by a seed: the same
 * requests in the same order meet the same faults.
 *
 * A request that meets one does nothing, or for a batch, only the part that is not among what was left unprocessed.
 */
import type { Scheduler } from '../base/scheduler.js'
import { SeededRandom } from '../base/seeded-random.js'
import { AwsError } from './aws-error.js'
import type { Members, Performer } from './performer.js'

export interface FaultOptions {
  /**
   * The same seed, the same faults.
   *
   * @default 1
   */
  seed?: number
  /**
   * The share of reads and writes that are refused with `ProvisionedThroughputExceededException`, from 0 to 1.
   *
   * @default 0
   */
  throttle?: number
  /**
   * The share of a batch's members that come back as `UnprocessedItems` or `UnprocessedKeys`, from 0 to 1. One is always
   * processed, as on DynamoDB, which would refuse the batch otherwise.
   *
   * @default 0
   */
  unprocessed?: number
  /**
   * The share of writes that meet a transaction in progress, from 0 to 1: a transaction is cancelled with the reason
   * `TransactionConflict`, any other write refused with `TransactionConflictException`.
   *
   * @default 0
   */
  conflict?: number
  /**
   * How many milliseconds each answer takes longer: a number, or the least and the most.
   *
   * @default 0
   */
  latencyMs?: number | readonly [least: number, most: number]
}

const WRITES: ReadonlySet<string> = new Set(['PutItem', 'UpdateItem', 'DeleteItem'])
const READS_AND_WRITES: ReadonlySet<string> = new Set([
  ...WRITES,
  'GetItem',
  'Query',
  'Scan',
  'BatchGetItem',
  'BatchWriteItem',
  'TransactGetItems',
  'TransactWriteItems',
  'ExecuteStatement',
  'BatchExecuteStatement',
  'ExecuteTransaction',
])

const THROTTLED =
  'The level of configured provisioned throughput for the table was exceeded. Consider increasing your provisioning level with the UpdateTable API.'
const CONFLICT = 'Transaction is ongoing for the item'

/** A performer that does what another one does, but for the faults. */
export class FaultyPerformer implements Performer {
  readonly #performer: Performer
  readonly #options: Required<Omit<FaultOptions, 'latencyMs'>>
  readonly #latencyMs: readonly [number, number]
  readonly #random: SeededRandom
  readonly #scheduler: Scheduler

  /** @param options As `checkServeOptions` (serve-rules.ts) lets them through. */
  constructor(performer: Performer, options: FaultOptions, scheduler: Scheduler) {
    const { seed = 1, throttle = 0, unprocessed = 0, conflict = 0, latencyMs = 0 } = options
    this.#performer = performer
    this.#options = { seed, throttle, unprocessed, conflict }
    this.#latencyMs = typeof latencyMs === 'number' ? [latencyMs, latencyMs] : [latencyMs[0], latencyMs[1]]
    this.#random = new SeededRandom(seed)
    this.#scheduler = scheduler
  }

  async perform(operation: string, input: Members): Promise<Members> {
    const { throttle, conflict } = this.#options
    const random = this.#random
    // Drawn before anything waits: which request meets which fault depends on the order of requests alone.
    const [least, most] = this.#latencyMs
    const latencyMs = least + (most - least) * random.next()
    const isThrottled = random.chance(throttle)
    const isInConflict = random.chance(conflict)
    const left = this.#leaveOut(operation, input)
    if (latencyMs > 0) await this.#scheduler.delay(latencyMs)
    if (isThrottled && READS_AND_WRITES.has(operation)) {
      throw new AwsError('ProvisionedThroughputExceededException', THROTTLED)
    }
    if (isInConflict && operation === 'TransactWriteItems') throw this.#cancelled(input)
    if (isInConflict && WRITES.has(operation)) throw new AwsError('TransactionConflictException', CONFLICT)
    if (left === undefined) return this.#performer.perform(operation, input)
    const answer = await this.#performer.perform(operation, left.input)
    return { ...answer, [left.member]: merged(answer[left.member], left.unprocessed) }
  }

  /** A batch without the members that are to come back unprocessed; undefined when none are. */
  #leaveOut(operation: string, input: Members): LeftOut | undefined {
    const { unprocessed: share } = this.#options
    if (share === 0) return undefined
    if (operation === 'BatchWriteItem')
      return this.#split(input, 'UnprocessedItems', (table) => [table, (part) => part])
    if (operation !== 'BatchGetItem') return undefined
    return this.#split(input, 'UnprocessedKeys', (table) => {
      const { Keys, ...rest } = (table ?? {}) as { readonly Keys?: unknown }
      return [Keys, (part) => ({ Keys: part, ...rest })]
    })
  }

  #split(input: Members, member: string, open: (table: unknown) => [list: unknown, close: Close]): LeftOut | undefined {
    const tables = input['RequestItems']
    if (typeof tables !== 'object' || tables === null) return undefined
    const processed = new Map<string, unknown>()
    const unprocessed = new Map<string, unknown>()
    let isFirst = true
    for (const [name, table] of Object.entries(tables)) {
      const [list, close] = open(table)
      if (!Array.isArray(list)) return undefined
      const kept: unknown[] = []
      const left: unknown[] = []
      for (const request of list) {
        const isLeft = !isFirst && this.#random.chance(this.#options.unprocessed)
        isFirst = false
        if (isLeft) left.push(request)
        else kept.push(request)
      }
      if (kept.length > 0) processed.set(name, close(kept))
      if (left.length > 0) unprocessed.set(name, close(left))
    }
    if (unprocessed.size === 0) return undefined
    return { input: { ...input, RequestItems: Object.fromEntries(processed) }, member, unprocessed }
  }

  #cancelled(input: Members): AwsError {
    const actions = input['TransactItems']
    const count = Array.isArray(actions) ? actions.length : 0
    const met = this.#random.below(Math.max(1, count))
    const reasons = Array.from({ length: count }, (_, i) =>
      i === met ? { Code: 'TransactionConflict', Message: CONFLICT } : { Code: 'None' },
    )
    const codes = reasons.map(({ Code }) => Code).join(', ')
    const message = `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`
    return new AwsError('TransactionCanceledException', message, { CancellationReasons: reasons })
  }
}

type Close = (list: readonly unknown[]) => unknown

interface LeftOut {
  /** The request without them. */
  readonly input: Members
  /** The member of the answer that says what was not processed. */
  readonly member: string
  readonly unprocessed: ReadonlyMap<string, unknown>
}

function merged(answered: unknown, unprocessed: ReadonlyMap<string, unknown>): Members {
  const tables = new Map(Object.entries((answered ?? {}) as Members))
  for (const [name, table] of unprocessed) {
    const known = tables.get(name)
    tables.set(name, known === undefined ? table : joined(known, table))
  }
  return Object.fromEntries(tables)
}

/** What two answers say of one table: a list of writes, or keys with what was asked of them. */
function joined(first: unknown, second: unknown): unknown {
  if (Array.isArray(first) && Array.isArray(second)) return [...first, ...second]
  const [a, b] = [first, second] as { readonly Keys: readonly unknown[] }[]
  return { ...a, Keys: [...a!.Keys, ...b!.Keys] }
}
