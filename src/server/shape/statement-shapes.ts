/** What the operations that take PartiQL statements accept. */
import {
  clientRequestToken,
  positiveInteger,
  returnConsumedCapacity,
  returnValuesOnConditionCheckFailure,
} from './common-shapes.js'
import {
  attributeValue,
  flag,
  list,
  required,
  type Shape,
  type StructureShape,
  structure,
  type TextShape,
  text,
} from './shape.js'

const partiQLStatement: TextShape = text({ min: 1, max: 8192 })

const preparedStatementParameters: Shape = list(attributeValue, { min: 1 })

const executeStatementInput: StructureShape = structure('ExecuteStatementInput', {
  Statement: required(partiQLStatement),
  Parameters: preparedStatementParameters,
  ConsistentRead: flag,
  NextToken: text({ min: 1, max: 32768 }),
  ReturnConsumedCapacity: returnConsumedCapacity,
  Limit: positiveInteger,
  ReturnValuesOnConditionCheckFailure: returnValuesOnConditionCheckFailure,
})

const batchStatementRequest: StructureShape = structure('BatchStatementRequest', {
  Statement: required(partiQLStatement),
  Parameters: preparedStatementParameters,
  ConsistentRead: flag,
  ReturnValuesOnConditionCheckFailure: returnValuesOnConditionCheckFailure,
})

const batchExecuteStatementInput: StructureShape = structure('BatchExecuteStatementInput', {
  Statements: required(list(batchStatementRequest, { min: 1, max: 25 })),
  ReturnConsumedCapacity: returnConsumedCapacity,
})

const parameterizedStatement: StructureShape = structure('ParameterizedStatement', {
  Statement: required(partiQLStatement),
  Parameters: preparedStatementParameters,
  ReturnValuesOnConditionCheckFailure: returnValuesOnConditionCheckFailure,
})

const executeTransactionInput: StructureShape = structure('ExecuteTransactionInput', {
  TransactStatements: required(list(parameterizedStatement, { min: 1, max: 100 })),
  ClientRequestToken: clientRequestToken,
  ReturnConsumedCapacity: returnConsumedCapacity,
})

/** By the name of the operation. */
export const statementInputs: ReadonlyMap<string, StructureShape> = new Map([
  ['ExecuteStatement', executeStatementInput],
  ['BatchExecuteStatement', batchExecuteStatementInput],
  ['ExecuteTransaction', executeTransactionInput],
])
