/** What a request has cost, gathered arm by arm: the table, and each of its indexes that was touched. */
import type { KnownTable } from '../../backend.js'
import type { Item } from '../../model/item/item.js'
import { itemSize } from '../../model/item/item-size.js'
import type { Members } from '../performer.js'
import { indexUnits } from './index-units.js'
import { writeUnits } from './units.js'

export type CapacityMode = 'INDEXES' | 'TOTAL' | 'NONE'

/** Whether anybody wants to know. */
export function isCounted(mode: CapacityMode | undefined): mode is 'INDEXES' | 'TOTAL' {
  return mode === 'INDEXES' || mode === 'TOTAL'
}

export class ConsumedUnits {
  /** As the request names the table. */
  readonly #tableName: string
  readonly #table: KnownTable
  #tableUnits = 0
  readonly #indexUnits = new Map<string, number>()

  constructor(tableName: string, table: KnownTable) {
    this.#tableName = tableName
    this.#table = table
  }

  addTable(units: number): void {
    this.#tableUnits += units
  }

  addIndex(name: string, units: number): void {
    this.#indexUnits.set(name, (this.#indexUnits.get(name) ?? 0) + units)
  }

  /**
   * A write that found one item and left the other.
   *
   * @param factor What each unit of the table costs: a transaction pays twice.
   */
  addWrite(before: Item | undefined, after: Item | undefined, factor = 1): void {
    const size = Math.max(before === undefined ? 0 : itemSize(before), after === undefined ? 0 : itemSize(after))
    this.addTable(factor * writeUnits(size))
    const { partition, sort } = this.#table.key
    const tableKey = sort === undefined ? [partition.name] : [partition.name, sort.name]
    for (const index of this.#table.indexes) {
      const units = indexUnits(index, tableKey, before, after)
      if (units > 0) this.addIndex(index.name, units)
    }
  }

  /**
   * As answers show it.
   *
   * @param kind Transactions name their units a second time, by this.
   */
  report(mode: 'INDEXES' | 'TOTAL', kind?: 'Read' | 'Write'): Members {
    const units = (count: number) => ({ CapacityUnits: count, ...(kind && { [`${kind}CapacityUnits`]: count }) })
    let total = this.#tableUnits
    for (const count of this.#indexUnits.values()) total += count
    const report = { TableName: this.#tableName, ...units(total) }
    if (mode === 'TOTAL') return report
    return { ...report, Table: units(this.#tableUnits), ...this.#arms(true, units), ...this.#arms(false, units) }
  }

  #arms(isLocal: boolean, units: (count: number) => Members): Members {
    const arms = this.#table.indexes
      .filter(({ name, definition }) => definition.isLocal === isLocal && this.#indexUnits.has(name))
      .map(({ name }) => [name, units(this.#indexUnits.get(name)!)] as const)
    if (arms.length === 0) return {}
    return { [isLocal ? 'LocalSecondaryIndexes' : 'GlobalSecondaryIndexes']: Object.fromEntries(arms) }
  }
}
