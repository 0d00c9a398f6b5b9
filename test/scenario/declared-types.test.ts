/** Types of keys that a definition declares: they hold from the first item on, and for as long as a key has the attribute. */
import { expect, onTestFinished, test } from 'vitest'
import type { ValidationException } from '../../src/errors.js'
import type { Item } from '../../src/model/item/item.js'
import type { TableDefinition } from '../../src/model/table/table-definition.js'
import { checkTableDefinition } from '../../src/model/table/table-rule.js'
import { ObservedDatabase } from '../support/observed-database.js'

const TYPES = { id: 'N', at: 'B', kind: 'S' } as const
const THINGS = definition({ indexes: { byKind: ['kind', 'at'] }, attributeTypes: TYPES })

function definition(change: Record<string, unknown> = {}): TableDefinition {
  return checkTableDefinition({ name: 'things', key: ['id', 'at'], ...change })
}

const AT = Uint8Array.of(1)
const put = (item: Item) => ({ table: 'things', item, condition: undefined })

test('a declared type holds from the first item on', async () => {
  const { backend } = opened()
  backend.defineTable(THINGS)
  expect(await refusal(() => backend.put(put({ id: 'a', at: AT })))).toMatchObject({ code: 'KEY_TYPE' })
  expect(await refusal(() => backend.put(put({ id: 1, at: 'x' })))).toMatchObject({ code: 'KEY_TYPE' })
  expect((await refusal(() => backend.put(put({ id: 1, at: AT, kind: 5 })))).message).toBe(
    'One or more parameter values were invalid: Type mismatch for Index Key kind Expected: S Actual: N IndexName: byKind',
  )
  await backend.put(put({ id: 1, at: AT, kind: 'x' }))
  expect(backend.describeTables()[0]).toMatchObject({ keyTypes: ['N', 'B'], indexes: [{ keyTypes: ['S', 'B'] }] })
})

test('declared types are there after opening again, and only those that are declared', async () => {
  const db = opened()
  db.backend.defineTable(definition({ indexes: { byKind: ['kind', 'other'] }, attributeTypes: { kind: 'B' } }))
  await db.reopen()
  expect(db.backend.describeTables()[0]).toMatchObject({
    keyTypes: [undefined, undefined],
    indexes: [{ keyTypes: ['B', undefined] }],
  })
})

test('types may be declared later, as long as they say what is known already', async () => {
  const { backend } = opened()
  backend.defineTable(definition())
  await backend.put(put({ id: 1, at: AT }))
  const wrong = await refusal(() => backend.defineTable(definition({ attributeTypes: { id: 'S' } })))
  expect(wrong).toMatchObject({ code: 'TABLE_DEFINITION' })
  expect(wrong.message).toContain('"id" of table "things" is of type N, not S')
  backend.defineTable(definition({ attributeTypes: { id: 'N' }, indexes: { byKind: ['kind'] } }))
  backend.defineTable(definition({ attributeTypes: { id: 'N', at: 'B' } }))
  const { keyTypes, indexes } = backend.describeTables()[0]!
  expect(keyTypes).toEqual(['N', 'B'])
  expect(indexes[0]!.keyTypes).toEqual([undefined])
})

test('an index that comes later has the types that are declared for its attributes', async () => {
  const { backend } = opened()
  backend.defineTable(THINGS)
  backend.defineTable(definition({ indexes: { byAt: ['at', 'kind'] } }))
  const [byAt] = backend.describeTables()[0]!.indexes.filter(({ name }) => name === 'byAt')
  expect(byAt!.keyTypes).toEqual(['B', 'S'])
})

test('with the last key that has the attribute a declared type goes', async () => {
  const { backend } = opened()
  backend.defineTable(THINGS)
  await backend.dropIndex('things', 'byKind')
  backend.defineTable(definition({ indexes: { byKind: ['kind'] } }))
  await backend.indexReady('things', 'byKind')
  await backend.put(put({ id: 1, at: AT, kind: 5 }))
  expect(backend.describeTables()[0]!.indexes[0]!.keyTypes).toEqual(['N'])
})

test('what can not be declared is refused', async () => {
  for (const attributeTypes of [{ other: 'S' }, { id: 'X' }, { id: null }, 'S', [['id', 'S']], new Map([[1, 'S']])]) {
    const failure = await refusal(() => definition({ attributeTypes }))
    expect(failure).toMatchObject({ code: 'TABLE_DEFINITION' })
  }
})

/** A database of which everything is verified at the end. */
function opened(): ObservedDatabase {
  const db = new ObservedDatabase()
  onTestFinished(async () => {
    expect((await db.backend.verify()).problems).toEqual([])
    await db.backend.close()
  })
  return db
}

async function refusal(act: () => unknown): Promise<ValidationException> {
  try {
    await act()
  } catch (failure) {
    return failure as ValidationException
  }
  throw new Error('it was accepted')
}
