/** Shapes that the requests of several groups of operations share. */
import {
  attributeValue,
  choice,
  flag,
  integer,
  list,
  long,
  map,
  required,
  type Shape,
  type StructureShape,
  structure,
  type TextShape,
  text,
} from './shape.js'

export const tableArn: TextShape = text({ min: 1, max: 1024 })

export const attributeName: TextShape = text({ max: 65535 })

export const returnConsumedCapacity: TextShape = choice('INDEXES', 'TOTAL', 'NONE')

export const expressionNames: Shape = map(text(), attributeName)

export const expressionValues: Shape = map(text(), attributeValue)

export const returnValuesOnConditionCheckFailure: TextShape = choice('ALL_OLD', 'NONE')

export const indexName: TextShape = text({ min: 3, max: 255, pattern: '[a-zA-Z0-9_.-]+' })

export const positiveInteger: Shape = integer({ min: 1 })

export const clientRequestToken: TextShape = text({ min: 1, max: 36 })

export const keySchemaAttributeName: TextShape = text({ min: 1, max: 255 })

export const attributeDefinition: StructureShape = structure('AttributeDefinition', {
  AttributeName: required(keySchemaAttributeName),
  AttributeType: required(choice('B', 'N', 'S')),
})

export const attributeDefinitions: Shape = list(attributeDefinition)

export const keySchemaElement: StructureShape = structure('KeySchemaElement', {
  AttributeName: required(keySchemaAttributeName),
  KeyType: required(choice('HASH', 'RANGE')),
})

export const keySchema: Shape = list(keySchemaElement, { min: 1 })

export const projection: StructureShape = structure('Projection', {
  ProjectionType: choice('ALL', 'INCLUDE', 'KEYS_ONLY'),
  NonKeyAttributes: list(text({ min: 1, max: 255 }), { min: 1, max: 20 }),
})

export const localSecondaryIndex: StructureShape = structure('LocalSecondaryIndex', {
  IndexName: required(indexName),
  KeySchema: required(keySchema),
  Projection: required(projection),
})

export const localSecondaryIndexList: Shape = list(localSecondaryIndex)

export const positiveLong: Shape = long({ min: 1 })

export const provisionedThroughput: StructureShape = structure('ProvisionedThroughput', {
  ReadCapacityUnits: required(positiveLong),
  WriteCapacityUnits: required(positiveLong),
})

export const onDemandThroughput: StructureShape = structure('OnDemandThroughput', {
  MaxReadRequestUnits: long(),
  MaxWriteRequestUnits: long(),
})

export const warmThroughput: StructureShape = structure('WarmThroughput', {
  ReadUnitsPerSecond: long(),
  WriteUnitsPerSecond: long(),
})

export const globalSecondaryIndex: StructureShape = structure('GlobalSecondaryIndex', {
  IndexName: required(indexName),
  KeySchema: required(keySchema),
  Projection: required(projection),
  ProvisionedThroughput: provisionedThroughput,
  OnDemandThroughput: onDemandThroughput,
  WarmThroughput: warmThroughput,
})

export const globalSecondaryIndexList: Shape = list(globalSecondaryIndex)

export const billingMode: TextShape = choice('PROVISIONED', 'PAY_PER_REQUEST')

export const sseSpecification: StructureShape = structure('SSESpecification', {
  Enabled: flag,
  SSEType: choice('AES256', 'KMS'),
  KMSMasterKeyId: text(),
})

export const tagKeyString: TextShape = text({ min: 1, max: 128 })

export const tag: StructureShape = structure('Tag', {
  Key: required(tagKeyString),
  Value: required(text({ min: 0, max: 256 })),
})

export const tagList: Shape = list(tag)

export const tableClass: TextShape = choice('STANDARD', 'STANDARD_INFREQUENT_ACCESS')

export const vectorAttributeDefinition: StructureShape = structure('VectorAttributeDefinition', {
  AttributeName: required(text({ min: 1, max: 255 })),
})

export const searchSchemaElement: StructureShape = structure('SearchSchemaElement', {
  AttributeName: required(attributeName),
  SearchSchemaElementType: required(choice('HASH', 'INLINE_FILTER')),
})

export const searchSchema: Shape = list(searchSchemaElement, { min: 1 })

export const vectorDistanceFunction: TextShape = choice('COSINE', 'DOT_PRODUCT', 'EUCLIDEAN')

export const vectorIndex: StructureShape = structure('VectorIndex', {
  IndexName: required(indexName),
  VectorAttribute: required(vectorAttributeDefinition),
  SearchSchema: searchSchema,
  Projection: required(projection),
  Dimensions: required(positiveLong),
  DistanceFunction: required(vectorDistanceFunction),
})

export const vectorIndexList: Shape = list(vectorIndex)

export const tableName: TextShape = text({ min: 3, max: 255, pattern: '[a-zA-Z0-9_.-]+' })
