/** Definitions of tables as requests to make and change them. */
import { ValidationException } from '../../../src/errors.js'
import type { IndexDefinition, IndexProjection } from '../../../src/model/index/index-definition.js'
import type { TableDefinition } from '../../../src/model/table/table-definition.js'
import type { Members } from './dynamodb-client.js'

/** @throws {ValidationException} `TABLE_DEFINITION` when DynamoDB has no such tables. */
export function createTableRequest(definition: TableDefinition): Members {
  const { name, key, indexes } = definition
  const all = Object.entries(indexes)
  const locals = all.filter(([, { isLocal }]) => isLocal)
  const globals = all.filter(([, { isLocal }]) => !isLocal)
  return {
    TableName: name,
    AttributeDefinitions: attributeDefinitions(definition),
    KeySchema: keySchema(key.slice(0, 1), key.slice(1)),
    BillingMode: 'PAY_PER_REQUEST',
    ...(locals.length > 0 && { LocalSecondaryIndexes: locals.map((index) => indexRequest(name, ...index)) }),
    ...(globals.length > 0 && { GlobalSecondaryIndexes: globals.map((index) => indexRequest(name, ...index)) }),
  }
}

/** One for each index: DynamoDB adds them one after the other. */
export function addIndexRequests(definition: TableDefinition): Members[] {
  const { name: TableName, indexes } = definition
  return Object.entries(indexes).map(([name, index]) => {
    if (index.isLocal) throw refusal(TableName, `its index "${name}" is local, and those come with their table`)
    return {
      TableName,
      AttributeDefinitions: attributeDefinitions(definition),
      GlobalSecondaryIndexUpdates: [{ Create: indexRequest(TableName, name, index) }],
    }
  })
}

function attributeDefinitions({ name, key, indexes, attributeTypes }: TableDefinition): Members[] {
  const names = new Set([...key, ...Object.values(indexes).flatMap(({ partition, sort }) => [...partition, ...sort])])
  return [...names].map((attribute) => {
    const type = attributeTypes?.get(attribute)
    if (type === undefined) throw refusal(name, `the type of its attribute "${attribute}" is not declared`)
    return { AttributeName: attribute, AttributeType: type }
  })
}

function indexRequest(table: string, name: string, definition: IndexDefinition): Members {
  const { partition, sort, isUnique, multi, isCovering, projection } = definition
  if (isUnique) throw refusal(table, `its index "${name}" is unique, and DynamoDB has no unique indexes`)
  if (multi !== undefined) throw refusal(table, `its index "${name}" has several entries for one item`)
  if (isCovering) throw refusal(table, `its index "${name}" is covering, and every index of DynamoDB is, or none`)
  return { IndexName: name, KeySchema: keySchema(partition, sort), Projection: projectionRequest(projection) }
}

function keySchema(partition: readonly string[], sort: readonly string[]): Members[] {
  return [
    ...partition.map((name) => ({ AttributeName: name, KeyType: 'HASH' })),
    ...sort.map((name) => ({ AttributeName: name, KeyType: 'RANGE' })),
  ]
}

function projectionRequest(projection: IndexProjection): Members {
  return typeof projection === 'string'
    ? { ProjectionType: projection }
    : { ProjectionType: 'INCLUDE', NonKeyAttributes: projection }
}

function refusal(table: string, reason: string): ValidationException {
  return new ValidationException('TABLE_DEFINITION', `Cannot make the table "${table}" on DynamoDB: ${reason}`)
}
