/**
 * Writes and checks that happen together or not at all. With a token the answer is kept: whoever comes again with the same
 * request gets it, and nothing is written twice.
 */
import { TransactionCanceledException, ValidationException } from '../../errors.js'
import type { Item } from '../../model/item/item.js'
import { itemSize } from '../../model/item/item-size.js'
import { AwsError, validationError } from '../aws-error.js'
import { type CapacityMode, ConsumedUnits, isCounted } from '../capacity/consumed-capacity.js'
import { itemCollections } from '../capacity/item-collection.js'
import { readUnits, TRANSACTION_FACTOR } from '../capacity/units.js'
import type { Members } from '../performer.js'
import type { ServiceContext } from '../service-context.js'
import { cancellation, cancellationFrom } from '../transaction/cancellation.js'
import { fingerprintOf } from '../transaction/fingerprint.js'
import { type TransactWriteItem, WriteAction } from '../transaction/write-action.js'
import { TOKEN_OF_ANOTHER_REQUEST, TRANSACTION_TOO_LARGE } from '../wording.js'

interface TransactWriteItemsInput extends Members {
  readonly TransactItems: readonly TransactWriteItem[]
  readonly ClientRequestToken?: string
  readonly ReturnConsumedCapacity?: CapacityMode
  readonly ReturnItemCollectionMetrics?: 'SIZE' | 'NONE'
}

const BYTE_LIMIT = 4 * 1024 * 1024

export async function transactWriteItems(context: ServiceContext, members: Members): Promise<Members> {
  const input = members as TransactWriteItemsInput
  const { ReturnConsumedCapacity: mode } = input
  const actions = input.TransactItems.map((given) => new WriteAction(given))
  if (actions.reduce((sum, { item }) => sum + itemSize(item), 0) > BYTE_LIMIT) {
    throw validationError(TRANSACTION_TOO_LARGE)
  }
  for (const action of actions) action.findTable(context)
  const refusals = actions.map((action) => action.refusal())
  if (refusals.some((refusal) => refusal !== undefined)) throw cancellation(refusals)

  const isRepeated = await run(context, input, actions)
  const collections = input.ReturnItemCollectionMetrics === 'SIZE' && !isRepeated
  return {
    ...(isCounted(mode) && {
      ConsumedCapacity: isRepeated ? await repeatedCapacity(context, actions, mode) : writtenCapacity(actions, mode),
    }),
    ...(collections && { ItemCollectionMetrics: collectionsOf(context, actions) }),
  }
}

/** Whether it had been done before. */
async function run(
  { backend }: ServiceContext,
  input: TransactWriteItemsInput,
  actions: readonly WriteAction[],
): Promise<boolean> {
  const token = input.ClientRequestToken
  const isMeasured = isCounted(input.ReturnConsumedCapacity)
  // Of no use to anybody but this call, so that an earlier answer is told apart.
  const answer = { fingerprint: token === undefined ? '' : fingerprintOf(input.TransactItems) }
  const transaction = backend.begin()
  try {
    for (const action of actions) action.addTo(transaction, isMeasured)
    const given = await transaction.commit(answer, token)
    if (given === answer) return false
    if ((given as { fingerprint?: unknown } | null | undefined)?.fingerprint === answer.fingerprint) return true
    throw new AwsError('IdempotentParameterMismatchException', TOKEN_OF_ANOTHER_REQUEST)
  } catch (failure) {
    if (failure instanceof TransactionCanceledException) throw cancellationFrom(failure)
    const isTooLarge = failure instanceof ValidationException && failure.message.startsWith(TRANSACTION_TOO_LARGE)
    throw isTooLarge ? validationError(TRANSACTION_TOO_LARGE) : failure
  } finally {
    transaction.end()
  }
}

function writtenCapacity(actions: readonly WriteAction[], mode: 'INDEXES' | 'TOTAL'): readonly Members[] {
  return unitsByTable(actions, (units, { images }) =>
    units.addWrite(images.before, images.after, TRANSACTION_FACTOR),
  ).map((units) => units.report(mode, 'Write'))
}

/** One that had been done before only reads. */
async function repeatedCapacity(
  { backend }: ServiceContext,
  actions: readonly WriteAction[],
  mode: 'INDEXES' | 'TOTAL',
): Promise<readonly Members[]> {
  const found = await backend.batchGet(actions.map(({ table, key }) => ({ table: table.name, key, select: undefined })))
  const items = new Map<WriteAction, Item | undefined>(actions.map((action, i) => [action, found[i]]))
  const size = (item: Item | undefined) => (item === undefined ? 0 : itemSize(item))
  return unitsByTable(actions, (units, action) =>
    units.addTable(TRANSACTION_FACTOR * readUnits(size(items.get(action)), { isConsistent: true })),
  ).map((units) => units.report(mode, 'Read'))
}

function unitsByTable(
  actions: readonly WriteAction[],
  add: (units: ConsumedUnits, action: WriteAction) => void,
): readonly ConsumedUnits[] {
  const byTable = new Map<string, ConsumedUnits>()
  for (const action of actions) {
    const units = byTable.get(action.tableName) ?? new ConsumedUnits(action.tableName, action.table)
    byTable.set(action.tableName, units)
    add(units, action)
  }
  return [...byTable.values()]
}

function collectionsOf(context: ServiceContext, actions: readonly WriteAction[]): Members {
  const writes = actions.filter(({ isWrite }) => isWrite)
  return itemCollections(
    context,
    writes.map(({ tableName, table, item }) => ({ tableName, table, partitionKey: item[table.key.partition.name] })),
  )
}
