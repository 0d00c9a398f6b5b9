/**
 * What the golden database of tables holds: one whose types are declared, with a global and a local index and with settings
 * of another door, and one that was dropped and is not empty. Never written again: do not change anything here; a new
 * format gets files of its own.
 */
import type { Backend, TableSettings } from '../../src/backend.js'
import type { Item } from '../../src/model/item/item.js'
import type { TableDefinition } from '../../src/model/table/table-definition.js'
import { checkTableDefinition } from '../../src/model/table/table-rule.js'

export const DECLARED: TableDefinition = checkTableDefinition({
  ...{ name: 'declared', key: ['pk', 'sk'], ttl: 'until' },
  indexes: { byKind: ['kind', 'n'], byN: { key: ['pk', 'n'], local: true, projection: ['kind'] }, empty: ['nothing'] },
  attributeTypes: new Map([
    ['pk', 'S'],
    ['sk', 'N'],
    ['n', 'N'],
    ['nothing', 'B'],
  ]),
})

export const SETTINGS: TableSettings = {
  billing: 'PROVISIONED',
  throughput: { ReadCapacityUnits: 5, WriteCapacityUnits: 6 },
  indexes: [['byKind', { throughput: { ReadCapacityUnits: 1, WriteCapacityUnits: 2 } }]],
  tags: [['__proto__', 'constructor']],
}

export const DROPPED: TableDefinition = checkTableDefinition({ name: 'dropped', key: ['pk'], indexes: { byN: ['n'] } })

export const ITEM_COUNT = 30

export function goldenItem(i: number): Item {
  return { pk: `p${i % 3}`, sk: i, n: i % 5, ...(i % 2 === 0 && { kind: `kind-${i % 4}` }) }
}

/** Both tables, and what is in them. */
export async function writeGoldenTables(backend: Backend): Promise<void> {
  await backend.createTable(DECLARED, SETTINGS)
  await backend.createTable(DROPPED)
  const put = (table: string, item: Item) => backend.put({ table, item, condition: undefined })
  for (let i = 0; i < ITEM_COUNT; i++) {
    await put('declared', goldenItem(i))
    await put('dropped', { pk: i, n: i })
    if (i === 20) await backend.checkpoint()
  }
}
