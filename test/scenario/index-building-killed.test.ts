/** An index that is added to a table with items is finished by the next opening, whenever its process ended. */
import fs from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { open, table, type } from '../../src/index.js'
import { expectSound, temporaryDatabase, temporaryFolder } from '../support/temporary-database.js'

interface Order {
  customer: string
  id: number
  status?: string
  total?: number
}
const key = ['customer', 'id'] as const
const Plain = table('orders', { schema: type<Order>(), key })
const Indexed = table('orders', {
  schema: type<Order>(),
  key,
  indexes: { byStatus: ['status', 'total'], byTotal: ['total'] },
})

const COUNT = 2600
const filled = async () => {
  const database = await temporaryDatabase({ fsync: 'never' })
  const orders = database.db.table(Plain)
  await orders.batch((w) => {
    for (let id = 0; id < COUNT; id++)
      w.put({ customer: `c${id % 7}`, id, total: id, ...(id % 2 === 0 ? { status: 'old' } : {}) })
  })
  return database
}

test('is finished after the process was killed at any moment', async () => {
  const database = await filled()
  const images: string[] = []
  const folder = temporaryFolder()
  const orders = database.db.table(Indexed)
  let isBuilt = false
  const built = orders
    .index('byStatus')
    .scan()
    .count()
    .then(() => (isBuilt = true))
  // What is in the folder between two turns is what a killed process leaves behind.
  while (!isBuilt) {
    const image = path.join(folder, String(images.length))
    copyWithoutClaims(database.path, image)
    images.push(image)
    await new Promise((resolve) => setImmediate(resolve))
  }
  await built
  let interrupted = 0
  for (const image of images.filter((_, n) => n % Math.ceil(images.length / 8) === 0)) {
    const db = await open(image)
    interrupted += db.tables()[0]!.indexes.filter(({ status }) => status === 'BUILDING').length
    const again = db.table(Indexed)
    expect(await again.index('byTotal').scan().count()).toBe(COUNT)
    expect(await again.index('byStatus').query({ status: 'old' }).count()).toBe(COUNT / 2)
    await expectSound(db)
    await db.close()
  }
  expect(interrupted).toBeGreaterThan(0)
})

function copyWithoutClaims(from: string, to: string): void {
  fs.cpSync(from, to, { recursive: true, filter: (name) => !/(EPOCH-|lock-)[^/]*$/.test(name) })
}
