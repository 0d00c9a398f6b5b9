/**
 * INSERT, UPDATE, DELETE and EXISTS as requests of DynamoDB's other operations. Each is about one item, whose key its WHERE
 * has to name; what it says besides is a condition of the write.
 */
import type { KnownTable } from '../../backend.js'
import type { ConditionNode, PathNode } from '../../model/expression/dynamodb/expression.js'
import { validationError } from '../aws-error.js'
import type { Members } from '../performer.js'
import type { AttributeMap } from '../value/attribute-value.js'
import { type BoundStatement, type BoundValues, insertedItem } from './bound-statement.js'
import { type FoundKey, findKey } from './item-key.js'
import { conjunction } from './key-leaf.js'
import { RequestExpressions } from './request-expressions.js'
import type { ExistsStatement, InsertStatement, Returning, Statement } from './statement.js'
import { NO_KEY, NOT_ON_INDEX, severalKeys } from './wording.js'

export type WriteStatement = Exclude<Statement, { readonly kind: 'select' }>

/** The members of a transaction's actions, and the operations that do the same alone. */
export type Action = 'Put' | 'Update' | 'Delete' | 'ConditionCheck'

export interface WriteRequest {
  readonly action: Action
  readonly members: Members
  /** As far as it is known. */
  readonly key: AttributeMap
}

/** @throws {AwsError} ValidationException, for a write to an index. */
export function checkWrite({ index }: WriteStatement): void {
  if (index !== undefined) throw validationError(NOT_ON_INDEX)
}

/** @param requiresKey Whether to refuse what does not name an item: a transaction has a reason for it instead. */
export function writeRequest(
  bound: BoundStatement<WriteStatement>,
  table: KnownTable,
  requiresKey: boolean,
): WriteRequest {
  const { statement, values } = bound
  if (statement.kind === 'insert') return putRequest({ statement, values }, table)
  const found = findKey(statement.where, table.key, values)
  const { key } = found
  const exists = attributeCall('attribute_exists', table)
  const members = { TableName: statement.table, Key: key }
  switch (statement.kind) {
    case 'update': {
      const expressions = new RequestExpressions(values)
        .update(statement.actions)
        .condition('ConditionExpression', conjunction([exists, ...found.rest]))
      const whole = keyMembers(members, found, requiresKey)
      const returns = statement.returning && { ReturnValues: returnValues(statement.returning) }
      return { action: 'Update', key, members: { ...whole, ...returns, ...expressions.members() } }
    }
    case 'delete': {
      // What is not there is deleted, whatever else the condition says.
      const rest = conjunction(found.rest)
      const isMissing = attributeCall('attribute_not_exists', table)
      const condition = rest && ({ kind: 'or', parts: [isMissing, rest] } as const)
      const expressions = new RequestExpressions(values).condition('ConditionExpression', condition)
      const whole = keyMembers(members, found, requiresKey)
      const returns = statement.returning && { ReturnValues: 'ALL_OLD' }
      return { action: 'Delete', key, members: { ...whole, ...returns, ...expressions.members() } }
    }
    case 'exists':
      return checkRequest(values, statement, found, exists)
  }
}

function putRequest(bound: BoundStatement<InsertStatement>, table: KnownTable): WriteRequest {
  const item = insertedItem(bound)
  const isNew = attributeCall('attribute_not_exists', table)
  const expressions = new RequestExpressions(bound.values).condition('ConditionExpression', isNew)
  return {
    action: 'Put',
    key: item,
    members: { TableName: bound.statement.table, Item: item, ...expressions.members() },
  }
}

/** An EXISTS that says two things of one attribute is about the first, and finds the second not to hold. */
function checkRequest(
  values: BoundValues,
  { table }: ExistsStatement,
  { key, rest }: FoundKey,
  exists: ConditionNode,
): WriteRequest {
  const expressions = new RequestExpressions(values).condition('ConditionExpression', conjunction([exists, ...rest]))
  return { action: 'ConditionCheck', key, members: { TableName: table, Key: key, ...expressions.members() } }
}

function keyMembers(members: Members, { key, isWhole, contradiction }: FoundKey, requiresKey: boolean): Members {
  if (isWhole && contradiction === undefined) return members
  if (!requiresKey) {
    // It can be no key then, and is refused as one.
    return { ...members, Key: Object.fromEntries(Object.entries(key).filter(([name]) => name !== contradiction)) }
  }
  throw validationError(isWhole ? severalKeys(contradiction!) : NO_KEY)
}

function attributeCall(name: 'attribute_exists' | 'attribute_not_exists', { key }: KnownTable): ConditionNode {
  const path: PathNode = { kind: 'path', steps: [{ kind: 'word', text: key.partition.name }] }
  return { kind: 'call', name, operands: [path] }
}

function returnValues({ extent, image }: Returning): string {
  return `${extent === 'ALL' ? 'ALL' : 'UPDATED'}_${image}`
}
