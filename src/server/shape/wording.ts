/**
 * Every sentence with which the wire half of the AWS door refuses a request, as DynamoDB words it. This is the classic
 * wording, of 2025 and before; another one is another table of this type.
 */

export interface Wording {
  /** A value of the wrong JSON type: `SerializationException`. */
  readonly cannotConvert: (token: JsonToken, type: string) => string
  readonly notAFlag: string
  readonly notBase64: string
  readonly base64Length: (length: number) => string
  readonly base64Character: string
  readonly notASecond: (token: JsonToken) => string
  readonly structureNotExpected: string
  readonly collectionNotExpected: (javaType: string) => string
  readonly fieldNotExpected: string
  readonly valueNotExpected: string
  readonly nestedCollectionExpected: string

  /** What a constraint of the model forbids: `ValidationException`. */
  readonly violations: (violations: readonly string[]) => string
  readonly violation: (value: string | undefined, path: string, constraint: string) => string
  readonly notNull: string
  readonly lengthAtLeast: (min: number) => string
  readonly lengthAtMost: (max: number) => string
  readonly valueAtLeast: (min: number) => string
  readonly valueAtMost: (max: number) => string
  readonly pattern: (pattern: string) => string
  readonly choice: (choices: string) => string
  readonly everyKey: (constraints: string) => string
  readonly everyValue: (constraints: string) => string
  readonly requiredMember: (name: string) => string
  readonly nestingLevels: string
  readonly nullInSet: { readonly SS: string; readonly NS: string; readonly BS: string }
}

/** What stood where something else was expected. */
export type JsonToken = 'STRING_VALUE' | 'NUMBER_VALUE' | 'DECIMAL_VALUE' | 'TRUE_VALUE' | 'FALSE_VALUE'

const PARAMETERIZED_TYPE = 'sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl'

export const classicWording: Wording = {
  cannotConvert: (token, type) => `${token} cannot be converted to ${type}`,
  notAFlag: 'Unexpected token received from parser',
  notBase64: 'only base-64-encoded strings are convertible to bytes',
  base64Length: (length) => `Base64 encoded length is expected a multiple of 4 bytes but found: ${length}`,
  // Sic.
  base64Character: 'Invalid last non-pad Base64 character dectected',
  notASecond: (token) => `${token} cannot be converted to milliseconds since epoch`,
  structureNotExpected: 'Start of structure or map found where not expected',
  collectionNotExpected: (javaType) => `Unrecognized collection type ${javaType}`,
  fieldNotExpected: 'Unexpected field type',
  valueNotExpected: 'Unexpected value type in payload',
  nestedCollectionExpected:
    `class ${PARAMETERIZED_TYPE} cannot be cast to class java.lang.Class ` +
    `(${PARAMETERIZED_TYPE} and java.lang.Class are in module java.base of loader 'bootstrap')`,

  violations: (violations) =>
    `${violations.length} validation error${violations.length === 1 ? '' : 's'} detected: ${violations.join('; ')}`,
  violation: (value, path, constraint) =>
    `Value ${value === undefined ? 'null' : `'${value}'`} at '${path}' failed to satisfy constraint: ${constraint}`,
  notNull: 'Member must not be null',
  lengthAtLeast: (min) => `Member must have length greater than or equal to ${min}`,
  lengthAtMost: (max) => `Member must have length less than or equal to ${max}`,
  valueAtLeast: (min) => `Member must have value greater than or equal to ${min}`,
  valueAtMost: (max) => `Member must have value less than or equal to ${max}`,
  pattern: (pattern) => `Member must satisfy regular expression pattern: ${pattern}`,
  choice: (choices) => `Member must satisfy enum value set: [${choices}]`,
  everyKey: (constraints) => `Map keys must satisfy constraint: [${constraints}]`,
  everyValue: (constraints) => `Map value must satisfy constraint: [${constraints}]`,
  requiredMember: (name) => `The parameter '${name}' is required but was not present in the request`,
  // Without a source for the first; the others are what DynamoDB says of empty members.
  nullInSet: {
    SS: 'One or more parameter values were invalid: An string set may not have a null string as a member',
    NS: 'One or more parameter values were invalid: An number set  may not have an empty string as a member',
    BS: 'One or more parameter values were invalid: Binary sets may not contain null or empty values',
  },
  nestingLevels:
    'Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit',
}
