/**
 * Tables to begin with, and what is in them: what `dynafile serve --seed` and the test helpers read. A seed is a list of
 * CreateTable requests; beside their members each may have `data`, plain items, or `Items`, items as DynamoDB writes them in
 * JSON. Presets for DynamoDB Local call a list of these `tables`; so a file with `{ tables: [] }` is taken, too.
 *
 * A table is seeded whole or not at all, whatever happens meanwhile: it is created with a mark in its settings, which goes
 * when its last item is stored. One that has it was left by a process that was killed, and is begun again.
 */
import type { Backend } from '../backend.js'
import { UnprocessedItemsError, ValidationException } from '../errors.js'
import { valueKey } from '../model/expression/value-set.js'
import type { Item } from '../model/item/item.js'
import { isPlainObject } from '../model/item/plain-object.js'
import { keyOf } from '../model/key/key-schema.js'
import { PreparedWrites, partsOf } from '../prepared-writes.js'
import { AwsError, validationError } from './aws-error.js'
import type { Members, Performer } from './performer.js'
import { itemRule } from './request/item-rule.js'
import { changedSettings, type DoorSettings, doorSettings } from './table/door-settings.js'
import type { AttributeMap } from './value/attribute-value.js'
import { nativeItem } from './value/native-value.js'
import { DUPLICATE_KEYS, ITEM_TOO_BIG } from './wording.js'

/** A CreateTable request with what is put into the table. */
export interface SeedTable {
  readonly TableName: string
  /** Items as JavaScript has them, and as `put` takes them. */
  readonly data?: readonly Item[]
  /** Items as DynamoDB writes them: `{ id: { S: 'a' } }`. */
  readonly Items?: readonly Members[]
  readonly [member: string]: unknown
}

export interface SeedReport {
  readonly created: readonly string[]
  /** Tables that were there; nothing was put into them. */
  readonly kept: readonly string[]
  readonly itemCount: number
}

/** As many as a batch takes. */
const BATCH_LENGTH = 25

/**
 * What a seed file or a preset's configuration has in it.
 *
 * @throws {ValidationException} OPTION when that is no list of tables.
 */
export function seedTables(content: unknown, source: string): readonly SeedTable[] {
  const tables = isPlainObject(content) && 'tables' in content ? content['tables'] : content
  const list = Array.isArray(tables) ? tables : [tables]
  for (const [i, table] of list.entries()) {
    if (!isPlainObject(table) || typeof table['TableName'] !== 'string') {
      throw refused(source, `table ${i + 1} is not an object with a TableName and what else CreateTable takes`)
    }
    for (const member of ['data', 'Items']) {
      const items = table[member]
      if (items !== undefined && !(Array.isArray(items) && items.every(isPlainObject))) {
        throw refused(source, `"${member}" of the table ${table['TableName']} is not a list of items`)
      }
    }
  }
  return list as readonly SeedTable[]
}

/** Where a seed is sown. */
export interface Seedbed {
  /** One whose tables take items as soon as they are created, and are marked (`isSeeding`). */
  readonly performer: Performer
  readonly backend: Pick<Backend, 'changeTable' | 'dropTable' | 'findTable' | 'prepare' | 'batchWrite'>
}

/** The seed that was asked for last, of each database: one at a time, so that a mark is nobody's who is at work. */
const lastSeeds = new WeakMap<object, Promise<unknown>>()

/**
 * Creates the tables that are not there and puts their items into them. One whose items are not all stored is dropped
 * again: the next seed would keep it as it is.
 *
 * @throws {ValidationException} OPTION when they are no tables; for plain items, what `put` refuses.
 * @throws {AwsError} What CreateTable or BatchWriteItem refuse.
 * @throws {UnprocessedItemsError}
 */
export function seed(bed: Seedbed, tables: readonly SeedTable[]): Promise<SeedReport> {
  const before = lastSeeds.get(bed.backend) ?? Promise.resolve()
  const seeded = before.then(() => sow(bed, seedTables(tables, 'what is given')))
  lastSeeds.set(
    bed.backend,
    seeded.catch(() => {}),
  )
  return seeded
}

async function sow(bed: Seedbed, tables: readonly SeedTable[]): Promise<SeedReport> {
  const created: string[] = []
  const kept: string[] = []
  let itemCount = 0
  for (const { data = [], Items = [], ...definition } of tables) {
    const name = definition['TableName'] as string
    if (unfinished(bed, name) !== undefined) await bed.backend.dropTable(name)
    if (!(await createTable(bed.performer, definition))) {
      kept.push(name)
      continue
    }
    try {
      const keys = new SeededKeys(bed.backend, name)
      await putItems(bed.performer, name, Items, keys)
      await putData(bed, name, data, keys)
      await finish(bed, name)
    } catch (failure) {
      // Why the items were not stored says more than why the table can't be dropped.
      await bed.backend.dropTable(name).catch(() => {})
      throw failure
    }
    created.push(name)
    itemCount += data.length + Items.length
  }
  return { created, kept, itemCount }
}

/** The settings of a table that a seed has not filled to its end. */
function unfinished({ backend }: Seedbed, name: string): DoorSettings | undefined {
  const table = backend.findTable(name)
  if (table === undefined) return undefined
  const settings = doorSettings(table)
  return settings.isUnfinishedSeed === true ? settings : undefined
}

/** In the log this comes behind the items: whoever finds the mark gone finds them. */
async function finish(bed: Seedbed, name: string): Promise<void> {
  const settings = unfinished(bed, name)
  if (settings === undefined) return
  await bed.backend.changeTable(name, { settings: changedSettings(settings, { isUnfinishedSeed: undefined }) })
}

/**
 * Plain items, by the way that `put` goes: what is no value is refused, and the others are not turned into DynamoDB's numbers.
 * Indexes refuse what they refuse in requests.
 */
async function putData({ backend }: Seedbed, name: string, data: readonly Item[], keys: SeededKeys): Promise<void> {
  if (data.length === 0) return
  const rule = itemRule(backend.findTable(name)!, ITEM_TOO_BIG)
  const writes = new PreparedWrites(backend, name)
  for (const item of data) {
    writes.add({ put: item })
    rule?.(item)
    keys.add(item)
  }
  for (const part of partsOf(writes.take(), BATCH_LENGTH)) {
    const failed = await backend.batchWrite(name, part)
    if (failed.length === 0) continue
    const operations = failed.map(({ operation }) => operation)
    throw new UnprocessedItemsError(operations, { cause: failed[0]!.cause })
  }
}

async function putItems(
  performer: Performer,
  table: string,
  items: readonly Members[],
  keys: SeededKeys,
): Promise<void> {
  for (let from = 0; from < items.length; from += BATCH_LENGTH) {
    const writes = items.slice(from, from + BATCH_LENGTH).map((Item) => ({ PutRequest: { Item } }))
    const answer = await performer.perform('BatchWriteItem', { RequestItems: Object.fromEntries([[table, writes]]) })
    const unprocessed = Object.values((answer['UnprocessedItems'] ?? {}) as Record<string, readonly unknown[]>).flat()
    if (unprocessed.length > 0) throw new UnprocessedItemsError(unprocessed)
    // They are as the request wants them by now.
    for (const { PutRequest } of writes) keys.add(nativeItem(PutRequest.Item as AttributeMap))
  }
}

/** The keys of the items that a table is filled with: of two with one key the first would be gone without a word. */
class SeededKeys {
  readonly #backend: Seedbed['backend']
  readonly #table: string
  readonly #keys = new Set<string>()

  constructor(backend: Seedbed['backend'], table: string) {
    this.#backend = backend
    this.#table = table
  }

  /** @throws {AwsError} When there is one of that key. */
  add(item: Item): void {
    const { partition, sort } = keyOf(this.#backend.findTable(this.#table)!.key, item)
    const key = valueKey([partition, sort])
    if (this.#keys.has(key)) throw validationError(DUPLICATE_KEYS)
    this.#keys.add(key)
  }
}

/** False when the table is there. */
async function createTable(performer: Performer, definition: Members): Promise<boolean> {
  try {
    // Presets for DynamoDB Local leave it out, since that does not ask for it.
    const isBilled = 'BillingMode' in definition || 'ProvisionedThroughput' in definition
    await performer.perform('CreateTable', isBilled ? definition : { ...definition, BillingMode: 'PAY_PER_REQUEST' })
    return true
  } catch (failure) {
    if (failure instanceof AwsError && failure.name === 'ResourceInUseException') return false
    throw failure
  }
}

function refused(source: string, problem: string): ValidationException {
  return new ValidationException('OPTION', `Cannot take ${source} for a seed: ${problem}`)
}
