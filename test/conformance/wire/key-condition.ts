/** The key condition of a query, on its way out and when it comes back refused. */
import type { KnownTable, ReadRequest } from '../../../src/backend.js'
import { bindKeyCondition } from '../../../src/model/expression/dynamodb/bound-expression.js'
import { isExpressionSource } from '../../../src/model/expression/dynamodb/expression-source.js'
import { keyConditionAsObject } from '../../../src/model/expression/dynamodb/key-condition.js'
import { indexRange } from '../../../src/model/index/index-condition.js'
import type { KeyedIndex } from '../../../src/model/index/index-key.js'
import type { Item } from '../../../src/model/item/item.js'
import { KeyEncoder } from '../../../src/model/key/key-bytes.js'

/** Of no use but to find out whether keys can be encoded. */
const keys = new KeyEncoder(() => 0n)

/** An object of conditions may look like an expression, where an attribute of the key is called so. */
export function unmistakable(table: Pick<KnownTable, 'key' | 'indexes'>, request: ReadRequest): Item | undefined {
  const { where } = request
  if (where === undefined || !isExpressionSource(where) || where.values !== undefined) return where
  const { definition } = readIndex(table, request)
  const isKey = [...definition.partition, ...definition.sort].includes('expression')
  return isKey ? { ...where, expression: { eq: (where as Item)['expression'] } } : where
}

/**
 * DynamoDB says of a condition that it is none; the engine says why.
 *
 * @throws {ValidationException} `KEY_…`
 */
export function checkKeyCondition(table: Pick<KnownTable, 'key' | 'indexes'>, request: ReadRequest): void {
  const where = unmistakable(table, request)
  const isThere = request.index === undefined || table.indexes.some(({ name }) => name === request.index)
  if (where === undefined || !isThere) return
  const index = readIndex(table, request)
  if (!isExpressionSource(where)) {
    indexRange(index, keys, where)
    return
  }
  const { compiled, values } = bindKeyCondition(where)
  indexRange(index, keys, keyConditionAsObject(compiled, values, index.definition))
}

/** A table's key is that of an index with an entry for each item. */
function readIndex({ key, indexes }: Pick<KnownTable, 'key' | 'indexes'>, { index: name }: ReadRequest): KeyedIndex {
  const known = indexes.find((index) => index.name === name)
  if (known !== undefined) return known
  const partition = [key.partition]
  const sort = key.sort === undefined ? [] : [key.sort]
  const names = { partition: [key.partition.name], sort: sort.map((attribute) => attribute.name) }
  const kind = { isLocal: false, isUnique: false, multi: undefined, isCovering: false, projection: 'ALL' } as const
  return { name: '', key: { partition, sort }, definition: { ...names, ...kind } }
}
