/**
 * What is said about PartiQL statements, word for word as DynamoDB says it. Sentences about conditions and updates are those
 * of expressions (model/expression/dynamodb/wording.ts), without the name of an expression in front.
 */

// ── Statements that can't be read ─────────────────────────────────────────────────────────────────────────────────

/** @param detail Empty for what is no token at all. */
export function notWellFormed(detail: string): string {
  return `Statement wasn't well formed, can't be processed: ${detail}`
}

export const UNEXPECTED_TERM = 'Unexpected term'
export const UNEXPECTED_KEYWORD = 'Unexpected keyword'
export const UNEXPECTED_OPERATOR = 'Unexpected operator'
export const LEFT_OVER_TOKEN = 'Unexpected token after expression'
export const MISSING_RIGHT_SIDE = 'Missing right-hand side expression of infix operator'
export const NO_STATEMENT = 'Expected data manipulation'
export const NO_TABLE = 'Expected identifier for simple path'
export const NO_TYPE_NAME = 'Expected type name'
export const BAD_PATH_STEP = 'Invalid path dot component'
export const BAD_PATH_INDEX = 'Invalid path component'

export function expected(what: string): string {
  return `Expected ${what}`
}

export const STATEMENT_LENGTH_LIMIT: number = 8192

export function statementTooLong(statement: string): string {
  return (
    `1 validation error detected: Value '${statement}' at 'statement' failed to satisfy constraint: ` +
    `Member must have length less than or equal to ${STATEMENT_LENGTH_LIMIT}`
  )
}

// ── What DynamoDB has no place for ────────────────────────────────────────────────────────────────────────────────

export const ALIAS = 'Aliasing is not supported'
export const SEVERAL_TABLES = 'FROM clause may only contain a single table name'
export const PATH_TOO_LONG = 'A path may contain at most 2 components in the FROM clause'
export const EMPTY_PATH_STEP = 'Path component cannot be an empty string'
export const STAR_AND_MORE = "Other attributes should not be present in the projection when '*' is used."
export const INSERT_SEVERAL: string =
  'Unsupported operation: Inserting multiple items in a single statement is not supported, ' +
  'use "INSERT INTO tableName VALUE item" instead'
export const INSERT_RETURNING = 'RETURNING is not supported in INSERT'
export const MISSING_COMPARED = 'MISSING must be compared using IS operator'
export const IN_NEEDS_LIST =
  'IN operator must have a left hand argument of type Variable Reference and right hand argument of type Seq with at least one member'
export const IS_NEEDS_PATH = 'The left hand side argument to IS must be a Variable Reference, Literal, or Path'
export const NO_CONDITION = 'Where clause must consist of conditions'

export function unsupportedClause(clause: string, at: string): string {
  return `Unsupported clause: ${clause} at ${at}`
}

export function unsupportedOperation(operation: string): string {
  return `Unsupported operation: ${operation}`
}

export function unexpectedColumn(at: string): string {
  return `Unexpected path component at ${at}`
}

export function repeatedColumn(name: string): string {
  return `Duplicate identifiers in select clause: ${name}`
}

export function unknownFunction(name: string, at: string): string {
  return `Unrecognized function: ${name} at ${at}`
}

export function unsupportedType(name: string): string {
  return (
    `Unsupported data type for IS operator: ${name}. ` +
    'Supported data types are [MISSING, NULL, BOOLEAN, BLOB, STRING, NUMERIC, STRUCT, TUPLE, LIST]'
  )
}

export function orderNeedsAttribute(kind: string): string {
  return `Argument to ORDER BY must be of type VariableReference. Type: ${kind}`
}

export function indexOutOfRange(index: string, at: string): string {
  return `List index is not within the allowable range; index: [${index}] at ${at}`
}

export function unsupportedReturning(clause: string): string {
  return `Invalid returning clause: ${clause}`
}

export function deleteReturning(clause: string): string {
  return `Invalid returning clause: ${clause}. Only RETURNING ALL OLD * is allowed in DELETE statements.`
}

// ── Values ────────────────────────────────────────────────────────────────────────────────────────────────────────

export const EMPTY_BAG = 'Empty bags are not supported'
export const WRONG_BAG = 'Unsupported data type in Bag. DynamoDB only supports either numbers or strings in bags'

export function repeatedStrings(elements: readonly string[]): string {
  return `One or more parameter values were invalid: Input collection [${elements.join(', ')}] contains duplicates.`
}

export function repeatedNumbers(elements: readonly string[], place: string): string {
  return `One or more parameter values were invalid: Input collection [${elements.join(', ')}] contains duplicates! under ${place}`
}

export function unsupportedValue(what: string, place: string, at: string): string {
  return `Unsupported data type: ${what} under key ${place} at ${at}`
}

export function repeatedName(name: string, place: string): string {
  return `Duplicate keys in tuple. Key: ${name} under ${place}`
}

export function tooDeep(place: string): string {
  return `Nesting Levels have exceeded supported limits under ${place}`
}

export function badNumber(reason: string, place: string): string {
  return `${reason} under ${place}`
}

export const PARAMETER_COUNT = "Number of parameters in request and statement don't match."
export const INSERT_NEEDS_MAP = 'The VALUE of an INSERT statement must be a tuple'

// ── Updates ───────────────────────────────────────────────────────────────────────────────────────────────────────

export function setTarget(name: string, at: string): string {
  return `The first argument to ${name} must equal the assignment value at ${at}`
}

export function setOperand(name: string, at: string): string {
  return `The second argument to ${name} must be a value with type SET at ${at}`
}

export function setArguments(name: string, at: string): string {
  return `${name} must have exactly two arguments at ${at}`
}

// ── Keys and indexes ──────────────────────────────────────────────────────────────────────────────────────────────

export const NO_KEY = 'Where clause does not contain a mandatory equality on all key attributes'
export const NOT_ON_INDEX = 'This operation is not supported on an index'
export const CONSISTENT_GLOBAL_READ = 'Strongly consistent read is not supported on Global Secondary Indexes'
export const WIDE_INDEX_KEY =
  'PartiQL statements cannot be executed on tables with multi-attribute HASH keys or multi-attribute RANGE keys.'
export const OVERLAP = 'Overlapping conditions with range keys are not supported in where clause'
export const TOO_MANY_READS = 'Too many decomposed read operations for a given query.'
export const ORDER_NEEDS_WHERE = 'Must have WHERE clause in the statement when using ORDER BY clause.'
export const ORDER_NEEDS_KEY =
  'Must have at least one non-optional hash key condition in WHERE clause when using ORDER BY clause.'
export const ORDER_NEEDS_PARTITION =
  'Must have hash key in ORDER BY clause when more than one hash key condition specified in WHERE clause.'

export function severalKeys(name: string): string {
  return `Multiple conditions on same key ${name}. Only single item Update/Insert/Delete are supported`
}

export function wrongKeyType(name: string): string {
  return `Key attribute's data type should match its data type in table's schema: Key ${name}`
}

export function orderByOther(name: string): string {
  return `Attribute ${name} in ORDER BY clause must be part of the primary key`
}

// ── Requests ──────────────────────────────────────────────────────────────────────────────────────────────────────

export const DUPLICATE_ITEM = 'Duplicate primary key exists in table'
export const BAD_NEXT_TOKEN = 'Invalid NextToken'
export const OTHER_NEXT_TOKEN = 'NextToken does not match request'
export const EXISTS_ELSEWHERE = 'EXISTS can only be used in ExecuteTransaction write requests.'
export const EXISTS_NEEDS_CONDITION = 'EXISTS() must contain a single item read with additional condition'
export const RETURNING_IN_TRANSACTION = 'RETURNING clause is not supported in ExecuteTransaction.'
export const INDEX_IN_TRANSACTION = 'Reads on indices are not supported within transactions.'
export const MIXED_TRANSACTION =
  'ExecuteTransaction API does not support both read and write operations in the same request.'
export const MIXED_BATCH = 'Read and write requests together in the same batch is not supported.'
export const REPEATED_IN_BATCH = 'Provided list of item keys contains duplicates'

export function readNeedsKey(operation: 'BatchExecuteStatement' | 'ExecuteTransaction'): string {
  return `Select statements within ${operation} must specify the primary key in the where clause.`
}

export function inTransaction(index: number, message: string): string {
  return `Validation failed in TransactStatements[${index}]: ${message}`
}
