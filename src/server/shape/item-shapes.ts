/** What the operations on items accept. */
import {
  attributeName,
  clientRequestToken,
  expressionNames,
  expressionValues,
  indexName,
  positiveInteger,
  returnConsumedCapacity,
  returnValuesOnConditionCheckFailure,
  tableArn,
} from './common-shapes.js'
import {
  attributeValue,
  choice,
  flag,
  integer,
  list,
  map,
  required,
  requiredFirst,
  type Shape,
  type StructureShape,
  structure,
  type TextShape,
  text,
} from './shape.js'

const itemMap: Shape = map(attributeName, attributeValue)

const comparisonOperator: TextShape = choice(
  'IN',
  'NULL',
  'BETWEEN',
  'LT',
  'NOT_CONTAINS',
  'EQ',
  'GT',
  'NOT_NULL',
  'NE',
  'LE',
  'BEGINS_WITH',
  'GE',
  'CONTAINS',
)

const attributeValueList: Shape = list(attributeValue)

const expectedAttributeValue: StructureShape = structure('ExpectedAttributeValue', {
  Value: attributeValue,
  Exists: flag,
  ComparisonOperator: comparisonOperator,
  AttributeValueList: attributeValueList,
})

const expectedAttributeMap: Shape = map(attributeName, expectedAttributeValue)

const returnValue: TextShape = choice('ALL_NEW', 'UPDATED_OLD', 'ALL_OLD', 'NONE', 'UPDATED_NEW')

const returnItemCollectionMetrics: TextShape = choice('SIZE', 'NONE')

const conditionalOperator: TextShape = choice('OR', 'AND')

const putItemInput: StructureShape = structure('PutItemInput', {
  ReturnConsumedCapacity: returnConsumedCapacity,
  TableName: required(tableArn),
  Item: required(itemMap),
  ConditionalOperator: conditionalOperator,
  Expected: expectedAttributeMap,
  ReturnValues: returnValue,
  ReturnItemCollectionMetrics: returnItemCollectionMetrics,
  ConditionExpression: text(),
  ExpressionAttributeNames: expressionNames,
  ExpressionAttributeValues: expressionValues,
  ReturnValuesOnConditionCheckFailure: returnValuesOnConditionCheckFailure,
})

const key: Shape = map(attributeName, attributeValue)

const attributeNameList: Shape = list(attributeName, { min: 1 })

const getItemInput: StructureShape = structure('GetItemInput', {
  ReturnConsumedCapacity: returnConsumedCapacity,
  AttributesToGet: attributeNameList,
  TableName: required(tableArn),
  Key: required(key),
  ConsistentRead: flag,
  ProjectionExpression: text(),
  ExpressionAttributeNames: expressionNames,
})

const attributeValueUpdate: StructureShape = structure('AttributeValueUpdate', {
  Value: attributeValue,
  Action: choice('ADD', 'DELETE', 'PUT'),
})

const updateItemInput: StructureShape = structure('UpdateItemInput', {
  ReturnConsumedCapacity: returnConsumedCapacity,
  TableName: required(tableArn),
  Key: required(key),
  ConditionalOperator: conditionalOperator,
  Expected: expectedAttributeMap,
  ReturnValues: returnValue,
  ReturnItemCollectionMetrics: returnItemCollectionMetrics,
  AttributeUpdates: map(attributeName, attributeValueUpdate),
  UpdateExpression: text(),
  ConditionExpression: text(),
  ExpressionAttributeNames: expressionNames,
  ExpressionAttributeValues: expressionValues,
  ReturnValuesOnConditionCheckFailure: returnValuesOnConditionCheckFailure,
})

const deleteItemInput: StructureShape = structure('DeleteItemInput', {
  ReturnConsumedCapacity: returnConsumedCapacity,
  TableName: required(tableArn),
  Key: required(key),
  ConditionalOperator: conditionalOperator,
  Expected: expectedAttributeMap,
  ReturnValues: returnValue,
  ReturnItemCollectionMetrics: returnItemCollectionMetrics,
  ConditionExpression: text(),
  ExpressionAttributeNames: expressionNames,
  ExpressionAttributeValues: expressionValues,
  ReturnValuesOnConditionCheckFailure: returnValuesOnConditionCheckFailure,
})

const keysAndAttributes: StructureShape = structure('KeysAndAttributes', {
  Keys: required(list(key, { min: 1, max: 100 })),
  AttributesToGet: attributeNameList,
  ConsistentRead: flag,
  ProjectionExpression: text(),
  ExpressionAttributeNames: expressionNames,
})

const batchGetItemInput: StructureShape = structure('BatchGetItemInput', {
  RequestItems: required(map(tableArn, keysAndAttributes, { min: 1, max: 100 })),
  ReturnConsumedCapacity: returnConsumedCapacity,
})

const putRequest: StructureShape = structure('PutRequest', { Item: required(itemMap) })

const deleteRequest: StructureShape = structure('DeleteRequest', { Key: required(key) })

const writeRequest: StructureShape = structure('WriteRequest', { PutRequest: putRequest, DeleteRequest: deleteRequest })

const batchWriteItemInput: StructureShape = structure('BatchWriteItemInput', {
  RequestItems: required(map(tableArn, list(writeRequest, { min: 1, max: 25 }), { min: 1, max: 25 })),
  ReturnConsumedCapacity: returnConsumedCapacity,
  ReturnItemCollectionMetrics: returnItemCollectionMetrics,
})

const select: TextShape = choice('SPECIFIC_ATTRIBUTES', 'COUNT', 'ALL_ATTRIBUTES', 'ALL_PROJECTED_ATTRIBUTES')

const condition: StructureShape = structure('Condition', {
  AttributeValueList: attributeValueList,
  ComparisonOperator: required(comparisonOperator),
})

const filterConditionMap: Shape = map(attributeName, condition)

const queryInput: StructureShape = structure('QueryInput', {
  Limit: positiveInteger,
  ExclusiveStartKey: key,
  KeyConditions: map(attributeName, condition),
  ReturnConsumedCapacity: returnConsumedCapacity,
  AttributesToGet: attributeNameList,
  TableName: requiredFirst(tableArn),
  Select: select,
  QueryFilter: filterConditionMap,
  ConditionalOperator: conditionalOperator,
  ConsistentRead: flag,
  IndexName: indexName,
  ScanIndexForward: flag,
  ProjectionExpression: text(),
  FilterExpression: text(),
  KeyConditionExpression: text(),
  ExpressionAttributeNames: expressionNames,
  ExpressionAttributeValues: expressionValues,
})

const scanInput: StructureShape = structure('ScanInput', {
  Limit: positiveInteger,
  ExclusiveStartKey: key,
  ReturnConsumedCapacity: returnConsumedCapacity,
  AttributesToGet: attributeNameList,
  TableName: requiredFirst(tableArn),
  Select: select,
  ScanFilter: filterConditionMap,
  ConditionalOperator: conditionalOperator,
  TotalSegments: integer({ min: 1, max: 1000000 }),
  Segment: integer({ min: 0, max: 999999 }),
  IndexName: indexName,
  ProjectionExpression: text(),
  FilterExpression: text(),
  ExpressionAttributeNames: expressionNames,
  ExpressionAttributeValues: expressionValues,
  ConsistentRead: flag,
})

const getAction: StructureShape = structure('Get', {
  Key: required(key),
  TableName: required(tableArn),
  ProjectionExpression: text(),
  ExpressionAttributeNames: expressionNames,
})

const transactGetItem: StructureShape = structure('TransactGetItem', { Get: required(getAction) })

const transactGetItemsInput: StructureShape = structure('TransactGetItemsInput', {
  TransactItems: required(list(transactGetItem, { min: 1, max: 100 })),
  ReturnConsumedCapacity: returnConsumedCapacity,
})

const conditionCheck: StructureShape = structure('ConditionCheck', {
  Key: required(key),
  TableName: required(tableArn),
  ConditionExpression: required(text()),
  ExpressionAttributeNames: expressionNames,
  ExpressionAttributeValues: expressionValues,
  ReturnValuesOnConditionCheckFailure: returnValuesOnConditionCheckFailure,
})

const putAction: StructureShape = structure('Put', {
  Item: required(itemMap),
  TableName: required(tableArn),
  ConditionExpression: text(),
  ExpressionAttributeNames: expressionNames,
  ExpressionAttributeValues: expressionValues,
  ReturnValuesOnConditionCheckFailure: returnValuesOnConditionCheckFailure,
})

const deleteAction: StructureShape = structure('Delete', {
  Key: required(key),
  TableName: required(tableArn),
  ConditionExpression: text(),
  ExpressionAttributeNames: expressionNames,
  ExpressionAttributeValues: expressionValues,
  ReturnValuesOnConditionCheckFailure: returnValuesOnConditionCheckFailure,
})

const updateAction: StructureShape = structure('Update', {
  Key: required(key),
  UpdateExpression: required(text()),
  TableName: required(tableArn),
  ConditionExpression: text(),
  ExpressionAttributeNames: expressionNames,
  ExpressionAttributeValues: expressionValues,
  ReturnValuesOnConditionCheckFailure: returnValuesOnConditionCheckFailure,
})

const transactWriteItem: StructureShape = structure('TransactWriteItem', {
  ConditionCheck: conditionCheck,
  Put: putAction,
  Delete: deleteAction,
  Update: updateAction,
})

const transactWriteItemsInput: StructureShape = structure('TransactWriteItemsInput', {
  TransactItems: required(list(transactWriteItem, { min: 1, max: 100 })),
  ReturnConsumedCapacity: returnConsumedCapacity,
  ReturnItemCollectionMetrics: returnItemCollectionMetrics,
  ClientRequestToken: clientRequestToken,
})

const searchVectorsInput: StructureShape = structure('SearchVectorsInput', {
  TableName: required(tableArn),
  IndexName: required(indexName),
  ReturnConsumedCapacity: returnConsumedCapacity,
  ExpressionAttributeNames: expressionNames,
  ExpressionAttributeValues: expressionValues,
  ProjectionExpression: text(),
  SearchVector: required(list(attributeValue, { min: 1, max: 4096 })),
  SearchConditionExpression: text(),
  TopK: required(integer({ min: 1 })),
})

/** By the name of the operation. */
export const itemInputs: ReadonlyMap<string, StructureShape> = new Map([
  ['PutItem', putItemInput],
  ['GetItem', getItemInput],
  ['UpdateItem', updateItemInput],
  ['DeleteItem', deleteItemInput],
  ['BatchGetItem', batchGetItemInput],
  ['BatchWriteItem', batchWriteItemInput],
  ['Query', queryInput],
  ['Scan', scanInput],
  ['TransactGetItems', transactGetItemsInput],
  ['TransactWriteItems', transactWriteItemsInput],
  ['SearchVectors', searchVectorsInput],
])
