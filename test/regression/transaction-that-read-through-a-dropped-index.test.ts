/**
 * An index that was dropped stays as it was until its tree goes, and writes pass it by. A transaction that had read through
 * it compared it with what it had read, found no difference, and committed on what was not so any more.
 */
import { describe, expect, test } from 'vitest'
import { table, type } from '../../src/index.js'
import { temporaryDatabase } from '../support/temporary-database.js'

interface Order {
  customer: string
  id: number
  status?: string
  count?: number
}

const schema = type<Order>()

describe.each([false, true])('when its index is dropped (covering: %s), and then', (covering) => {
  const Orders = table('orders', {
    schema,
    key: ['customer', 'id'],
    indexes: { byStatus: { key: ['status', 'id'], covering } },
  })

  test.each([
    ['what it has read is changed', { customer: 'c1', id: 1, status: 's1', count: 7 }],
    ['something comes that it would have read', { customer: 'c1', id: 2, status: 's1' }],
    ['nothing else happens', undefined],
  ])('%s, the transaction is refused', async (_what, written) => {
    const { db } = await temporaryDatabase()
    const orders = db.table(Orders)
    await orders.put({ customer: 'c1', id: 1, status: 's1' })
    const meanwhile: Promise<unknown>[] = []
    const transaction = db.transact(
      async (tx) => {
        const found = await tx.query(Orders, { status: 's1' }, { index: 'byStatus' })
        meanwhile.push(db.dropIndex('orders', 'byStatus'))
        if (written !== undefined) meanwhile.push(orders.put(written))
        tx.put(Orders, { customer: 'counted', id: 0, count: found.length })
      },
      { retries: 0 },
    )
    await expect(transaction).rejects.toMatchObject({ name: 'TransactionCanceledException' })
    await Promise.all(meanwhile)
    expect(await orders.get({ customer: 'counted', id: 0 })).toBeUndefined()
  })
})
