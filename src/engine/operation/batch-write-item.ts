/** Many independent writes that share commits. Each is stored, or comes back with the reason; none is dropped. */
import type { BatchOperation, BatchWriteRequest, Unprocessed } from '../../backend.js'
import type { EngineContext } from '../context.js'
import { deleteItem } from './delete-item.js'
import { putItem } from './put-item.js'

export async function batchWriteItem(
  context: EngineContext,
  { table, operations }: BatchWriteRequest,
): Promise<Unprocessed[]> {
  const unprocessed: Unprocessed[] = []
  const outcomes = operations.map(async (operation) => {
    try {
      await writeOne(context, table, operation)
    } catch (failure) {
      unprocessed.push({ operation, cause: failure as Error })
    }
  })
  await Promise.all(outcomes)
  return unprocessed
}

function writeOne(context: EngineContext, table: string, operation: BatchOperation): Promise<unknown> {
  if ('put' in operation) return putItem(context, { table, item: operation.put, condition: undefined })
  return deleteItem(context, { table, key: operation.delete, condition: undefined })
}
