/** What any backend must do: all operations, one behind the other. */
import { describe } from 'vitest'
import type { Driver } from './contract.js'
import { batch } from './operation/batch.js'
import { concurrentWriters } from './operation/concurrent-writers.js'
import { cursors } from './operation/cursors.js'
import { deletes } from './operation/deletes.js'
import { dynamodbRules } from './operation/dynamodb-rules.js'
import { evilFilters } from './operation/evil-filters.js'
import { explain } from './operation/explain.js'
import { expressions } from './operation/expressions.js'
import { fluentQuery } from './operation/fluent-query.js'
import { indexKinds } from './operation/index-kinds.js'
import { indexes } from './operation/indexes.js'
import { multiValueIndex } from './operation/multi-value-index.js'
import { refusedItems } from './operation/refused-items.js'
import { refusedKeys } from './operation/refused-keys.js'
import { results } from './operation/results.js'
import { schemas } from './operation/schemas.js'
import { tables } from './operation/tables.js'
import { timeToLive } from './operation/time-to-live.js'
import { transactions } from './operation/transactions.js'
import { uniqueExchange } from './operation/unique-exchange.js'
import { uniqueIndex } from './operation/unique-index.js'
import { updatesInPlace } from './operation/updates-in-place.js'

const PARTS: readonly (readonly [what: string, tests: (driver: Driver) => void])[] = [
  ['tables', tables],
  ['schemas', schemas],
  ['items that are refused', refusedItems],
  ['keys that are refused', refusedKeys],
  ['updates of single values', updatesInPlace],
  ['deletes', deletes],
  ['batches', batch],
  ['many writers', concurrentWriters],
  ['expressions', expressions],
  ['filters that mean harm', evilFilters],
  ['results', results],
  ['cursors', cursors],
  ['chains of calls', fluentQuery],
  ['explanations', explain],
  ['indexes', indexes],
  ['kinds of indexes', indexKinds],
  ['indexes of many values', multiValueIndex],
  ['unique indexes', uniqueIndex],
  ['unique keys that change hands', uniqueExchange],
  ['time to live', timeToLive],
  ['transactions', transactions],
  ['DynamoDB’s rules', dynamodbRules],
]

export function conformance(driver: Driver): void {
  for (const [what, tests] of PARTS) describe(`${driver.name}: ${what}`, () => tests(driver))
}
