/** What `explain()` tells of a read: how it finds its items, how many it looks at, and what DynamoDB would charge. */
import { expect, test } from 'vitest'
import { table, type } from '../../../src/index.js'
import { itemSize } from '../../../src/model/item/item-size.js'
import { type Driver, needing, rounds } from '../contract.js'

interface Reading {
  device: string
  at: number
  kind: string
  value: string
}
const Readings = table('readings', {
  schema: type<Reading>(),
  key: ['device', 'at'],
  indexes: {
    byKind: { key: ['kind', 'at'], projection: 'KEYS_ONLY' },
    byKindWhole: ['kind'],
    copies: { key: ['kind'], covering: true },
  },
})
const reading = (device: number, at: number): Reading => ({
  ...{ device: `device ${device}`, at, kind: `kind ${at % 3}`, value: 'x'.repeat(1000) },
})

export function explain(driver: Driver): void {
  needing(driver, 'measures')('a query, a scan and a read through an index tell what they cost', async () => {
    const { db } = await driver.open()
    const readings = db.table(Readings)
    await readings.batch((writer) => {
      for (let device = 0; device < 20; device++) for (let at = 0; at < 30; at++) writer.put(reading(device, at))
    })
    const size = itemSize(reading(1, 10) as never)

    const query = await readings
      .query({ device: 'device 1', at: { between: [10, 19] } }, { filter: { kind: 'kind 0' } })
      .explain()
    expect(query).toEqual({
      ...{ operation: 'Query', table: 'readings', index: undefined, partitions: 1 },
      ...{
        itemsRead: 10,
        itemsReturned: 3,
        bytesRead: 10 * size,
        readUnits: Math.ceil((10 * size) / 4096) / 2,
        isSorted: false,
      },
    })
    const consistent = await readings
      .query({ device: 'device 1', at: { between: [10, 19] } }, { consistent: true })
      .explain()
    expect(consistent).toMatchObject({ itemsReturned: 10, readUnits: Math.ceil((10 * size) / 4096) })
    expect(await readings.query({ device: 'device 1' }, { limit: 3 }).explain()).toMatchObject({ itemsRead: 3 })
    expect(await readings.query({ device: 'none' }).explain()).toMatchObject({ itemsRead: 0, readUnits: 0 })

    const scan = await readings.scan().explain()
    const sizes = (await readings.scan().toArray()).reduce((sum, item) => sum + itemSize(item as never), 0)
    expect(scan).toMatchObject({ operation: 'Scan', itemsRead: 600, itemsReturned: 600, bytesRead: sizes })
    expect(scan.readUnits).toBe(Math.ceil(sizes / 4096) / 2)

    const keys = await readings.index('byKind').query({ kind: 'kind 1' }).explain()
    const whole = await readings.index('byKindWhole').query({ kind: 'kind 1' }).explain()
    expect(keys).toMatchObject({ operation: 'Query', index: 'byKind', itemsRead: 200 })
    const copies = await readings.index('copies').query({ kind: 'kind 1' }).explain()
    expect(copies).toEqual({ ...whole, index: 'copies' })
    expect(whole.bytesRead).toBeGreaterThan(20 * keys.bytesRead)
    expect(await readings.scan({ workers: 2 }).explain()).toEqual(scan)
  })

  needing(driver, 'measures')(
    'more than a page of DynamoDB is charged page by page, and partitions are those of the storage',
    async () => {
      const count = rounds(driver, 300)
      const { db } = await driver.open({ partitionBytes: 500_000, fsync: 'never' })
      const readings = db.table(Readings)
      for (let device = 0; device < 10; device++) {
        await readings.batch((writer) => {
          for (let at = 0; at < count; at++) writer.put(reading(device, at))
        })
      }
      await db.compact()
      const scan = await readings.scan().explain()
      const parts = db.tables().find(({ name }) => name === 'readings')!.partitions
      expect(parts).toBeGreaterThan(3)
      expect(scan).toMatchObject({ itemsRead: 10 * count, partitions: parts })
      const pages = Math.floor(scan.bytesRead / 2 ** 20)
      expect(pages).toBeGreaterThan(1)
      expect(scan.readUnits).toBe((pages * 256 + Math.ceil((scan.bytesRead % 2 ** 20) / 4096)) / 2)
      expect((await readings.query({ device: 'device 3' }).explain()).partitions).toBeLessThan(parts)
    },
  )

  test('what is read, and what DynamoDB charges for it', async () => {
    const { db } = await driver.open()
    const readings = db.table(Readings)
    await readings.batch((writer) => {
      for (let at = 0; at < 30; at++) writer.put(reading(1, at))
    })
    const size = itemSize(reading(1, 10) as never)
    const where = { device: 'device 1', at: { between: [10, 19] } } as const
    const units = Math.ceil((10 * size) / 4096)
    const filtered = await readings.query(where, { filter: { kind: 'kind 0' } }).explain()
    expect(filtered).toMatchObject({ operation: 'Query', itemsRead: 10, itemsReturned: 3, readUnits: units / 2 })
    expect(await readings.query(where, { consistent: true }).explain()).toMatchObject({ readUnits: units })
    expect(await readings.query({ device: 'none' }).explain()).toMatchObject({ itemsRead: 0, itemsReturned: 0 })
    const keys = await readings.index('byKind').query({ kind: 'kind 1' }).explain()
    expect(keys).toMatchObject({
      operation: 'Query',
      table: 'readings',
      index: 'byKind',
      itemsRead: 10,
      readUnits: 0.5,
    })
    expect(await readings.scan().explain()).toMatchObject({ operation: 'Scan', itemsRead: 30, itemsReturned: 30 })
  })
}
