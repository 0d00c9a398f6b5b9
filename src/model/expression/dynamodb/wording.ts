/**
 * What is said about an expression that can't be used: DynamoDB's own sentences, word for word, so that code and people
 * that know them are at home. All of them are here, so that another profile of wording is one more file like this one.
 *
 * `Invalid FilterExpression: …` names the kind of expression, as the request calls it.
 */
import { type ValidationCode, ValidationException } from '../../../errors.js'

/** The kinds of expressions, by the names that requests have for them. */
export type ExpressionKind =
  | 'ConditionExpression'
  | 'FilterExpression'
  | 'KeyConditionExpression'
  | 'UpdateExpression'
  | 'ProjectionExpression'

/** What is wrong with an expression, before it is said which one. */
export interface Problem {
  readonly code: ValidationCode
  readonly text: string
}

export function refusal(kind: ExpressionKind, { code, text }: Problem): ValidationException {
  return new ValidationException(code, `Invalid ${kind}: ${text}`)
}

// ── Of any expression ─────────────────────────────────────────────────────────────────────────────────────────────

export const EMPTY: Problem = syntax('The expression can not be empty;')
export const REDUNDANT_PARENTHESES: Problem = syntax('The expression has redundant parentheses;')

export function tooLong(byteLength: number): Problem {
  return {
    code: 'EXPRESSION_TOO_LONG',
    text: `Expression size has exceeded the maximum allowed size; expression size: ${byteLength}`,
  }
}

export function tooManyOperators(count: number): Problem {
  return {
    code: 'EXPRESSION_TOO_COMPLEX',
    text: `The expression contains too many operators; operator count: ${count}`,
  }
}

export function syntaxError(token: string, near: string): Problem {
  return syntax(`Syntax error; token: "${token}", near: "${near}"`)
}

export function reservedWord(word: string): Problem {
  return syntax(`Attribute name is a reserved keyword; reserved keyword: ${word}`)
}

export function indexOutOfRange(index: string): Problem {
  return syntax(`List index is not within the allowable range; index: [${index}]`)
}

export function pathTooDeep(levels: number): Problem {
  return {
    code: 'EXPRESSION_TOO_COMPLEX',
    text: `The document path has too many nesting levels; nesting levels: ${levels}`,
  }
}

// ── Functions and operators ───────────────────────────────────────────────────────────────────────────────────────

export function unknownFunction(name: string): Problem {
  return syntax(`Invalid function name; function: ${name}`)
}

export function notInCondition(name: string): Problem {
  return syntax(`The function is not allowed in a condition expression; function: ${name}`)
}

export function notInUpdate(name: string): Problem {
  return syntax(`The function is not allowed in an update expression; function: ${name}`)
}

export function misusedFunction(name: string): Problem {
  return syntax(`The function is not allowed to be used this way in an expression; function: ${name}`)
}

export function operandCount(name: string, count: number): Problem {
  return syntax(
    `Incorrect number of operands for operator or function; operator or function: ${name}, number of operands: ${count}`,
  )
}

export function needsPath(name: string): Problem {
  return type(`Operator or function requires a document path; operator or function: ${name}`)
}

export function operandType(name: string, typeName: string): Problem {
  return type(
    `Incorrect operand type for operator or function; operator or function: ${name}, operand type: ${typeName}`,
  )
}

/** `ADD` and `DELETE` are said differently from functions. */
export function actionOperandType(action: string, typeName: string): Problem {
  return type(`Incorrect operand type for operator or function; operator: ${action}, operand type: ${typeName}`)
}

export function unknownType(name: string): Problem {
  return type(`Invalid attribute type name found; type: ${name}, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}`)
}

export function sameOperand(operator: string, path: string): Problem {
  return syntax(
    'The first operand must be distinct from the remaining operands for this operator or function; ' +
      `operator: ${operator}, first operand: ${path}`,
  )
}

export function betweenTypes(low: string, high: string): Problem {
  return type(
    'The BETWEEN operator requires same data type for lower and upper bounds; ' +
      `lower bound operand: AttributeValue: ${low}, upper bound operand: AttributeValue: ${high}`,
  )
}

export function betweenOrder(low: string, high: string): Problem {
  return type(
    'The BETWEEN operator requires upper bound to be greater than or equal to lower bound; ' +
      `lower bound operand: AttributeValue: ${low}, upper bound operand: AttributeValue: ${high}`,
  )
}

export function tooManyInOperands(count: number): Problem {
  return {
    code: 'EXPRESSION_TOO_COMPLEX',
    text: `The IN operator is provided with too many operands; number of operands: ${count}`,
  }
}

// ── Names and values ──────────────────────────────────────────────────────────────────────────────────────────────

export function undefinedName(name: string): Problem {
  return placeholder(`An expression attribute name used in the document path is not defined; attribute name: ${name}`)
}

export function undefinedValue(name: string): Problem {
  return placeholder(`An expression attribute value used in expression is not defined; attribute value: ${name}`)
}

/** The two maps of placeholders, by the names that requests have for them. */
export type PlaceholderMap = 'ExpressionAttributeNames' | 'ExpressionAttributeValues'

export function unusedPlaceholders(map: PlaceholderMap, unused: readonly string[]): ValidationException {
  const keys = unused.join(', ')
  return new ValidationException(
    'EXPRESSION_PLACEHOLDER',
    `Value provided in ${map} unused in expressions: keys: {${keys}}`,
  )
}

export function emptyPlaceholders(map: PlaceholderMap): ValidationException {
  return new ValidationException('EXPRESSION_PLACEHOLDER', `${map} must not be empty`)
}

export function wrongPlaceholder(map: PlaceholderMap, reason: string): ValidationException {
  return new ValidationException('EXPRESSION_PLACEHOLDER', `${map} contains invalid key: ${reason}`)
}

export function wrongPlaceholderName(key: string): ValidationException {
  return new ValidationException(
    'ATTRIBUTE_NAME',
    `ExpressionAttributeNames contains invalid value: Empty attribute name for key ${key}`,
  )
}

export function wrongPlaceholderValue(key: string, cause: ValidationException): ValidationException {
  return new ValidationException(
    cause.code,
    `ExpressionAttributeValues contains invalid value: ${cause.message} for key ${key}`,
    { cause },
  )
}

export function placeholdersTooBig(byteLength: number): ValidationException {
  return new ValidationException(
    'EXPRESSION_TOO_LONG',
    'The names and values of an expression have exceeded the maximum allowed size of 2 MB; ' +
      `expression attribute size: ${byteLength}`,
  )
}

// ── Paths ─────────────────────────────────────────────────────────────────────────────────────────────────────────

export function pathsOverlap(one: string, two: string): Problem {
  return path(
    'Two document paths overlap with each other; must remove or rewrite one of these paths; ' +
      `path one: ${one}, path two: ${two}`,
  )
}

export function pathsConflict(one: string, two: string): Problem {
  return path(
    'Two document paths conflict with each other; must remove or rewrite one of these paths; ' +
      `path one: ${one}, path two: ${two}`,
  )
}

// ── Updates ───────────────────────────────────────────────────────────────────────────────────────────────────────

export function repeatedSection(name: string): Problem {
  return syntax(`The "${name}" section can only be used once in an update expression;`)
}

export function keyNotUpdatable(name: string): ValidationException {
  return new ValidationException(
    'KEY_NOT_UPDATABLE',
    `One or more parameter values were invalid: Cannot update attribute ${name}. This attribute is part of the key`,
  )
}

export function pathNotInItem(): ValidationException {
  return new ValidationException(
    'UPDATE_PATH',
    'The document path provided in the update expression is invalid for update',
  )
}

export function missingOperand(): ValidationException {
  return new ValidationException(
    'UPDATE_PATH',
    'The provided expression refers to an attribute that does not exist in the item',
  )
}

export function wrongOperand(): ValidationException {
  return new ValidationException('UPDATE_TYPE', 'An operand in the update expression has an incorrect data type')
}

export const UPDATE_TOO_BIG = 'Item size to update has exceeded the maximum allowed size'

export function updateTooBig(options?: ErrorOptions): ValidationException {
  return new ValidationException('ITEM_TOO_BIG', UPDATE_TOO_BIG, options)
}

// ── Key conditions ────────────────────────────────────────────────────────────────────────────────────────────────

export function wrongKeyOperator(operator: string): ValidationException {
  return keyCondition(`Invalid operator used in KeyConditionExpression: ${operator}`)
}

export const NESTED_OPERATION = 'KeyConditionExpressions cannot contain nested operations'
export const NESTED_ATTRIBUTE = 'KeyConditionExpressions cannot have conditions on nested attributes'
export const SEVERAL_ATTRIBUTES =
  'Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition'
export const NO_KEY_ATTRIBUTE = 'Invalid condition in KeyConditionExpression: No key attribute specified'
export const ONE_CONDITION_PER_KEY = 'KeyConditionExpressions must only contain one condition per key'
export const CONDITION_COUNT = 'Conditions can be of length 1 or 2 only'
export const KEY_CONDITION_NOT_SUPPORTED = 'Query key condition not supported'

export function keyOperandFirst(operator: string): ValidationException {
  return keyCondition(
    `Invalid condition in KeyConditionExpression: ${operator} operator must have the key attribute as its first operand`,
  )
}

export function missedKey(name: string): ValidationException {
  return new ValidationException('KEY_MISSING', `Query condition missed key schema element: ${name}`)
}

export function keyCondition(text: string): ValidationException {
  return new ValidationException('KEY_CONDITION', text)
}

function syntax(text: string): Problem {
  return { code: 'EXPRESSION_SYNTAX', text }
}

function type(text: string): Problem {
  return { code: 'EXPRESSION_TYPE', text }
}

function path(text: string): Problem {
  return { code: 'EXPRESSION_PATH', text }
}

function placeholder(text: string): Problem {
  return { code: 'EXPRESSION_PLACEHOLDER', text }
}
