/** What the first look makes of a request: types, in DynamoDB's words, and nothing that nobody knows. */
import vm from 'node:vm'
import { describe, expect, test } from 'vitest'
import type { AwsError } from '../../../../src/server/aws-error.js'
import { operationsByName } from '../../../../src/server/shape/operations.js'
import { readInput } from '../../../../src/server/shape/read-input.js'
import { classicWording } from '../../../../src/server/shape/wording.js'

const read = (operation: string, request: unknown) =>
  readInput(operationsByName.get(operation)!.input, request, classicWording)

function refusal(operation: string, request: unknown): string {
  try {
    read(operation, request)
  } catch (failure) {
    return `${(failure as AwsError).name}: ${(failure as AwsError).message}`
  }
  return 'accepted'
}

/** A request with `value` at the place that the path names; list places are numbers. */
function at(path: string, value: unknown): unknown {
  return path
    .split('.')
    .reduceRight<unknown>((inner, name) => (/^\d+$/.test(name) ? [inner] : { [name]: inner }), value)
}

const PACKAGE = 'com.amazonaws.dynamodb.v20120810'
const CAST =
  'class sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl cannot be cast to class java.lang.Class ' +
  '(sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl and java.lang.Class are in module java.base of loader ' +
  "'bootstrap')"
const NO_STRUCTURE = 'Start of structure or map found where not expected'

const scalars = (message: string) =>
  ['23', true, false, 23, -2147483648, 34.56].map((value) => [value, message] as const)

const CASES: Record<string, readonly (readonly [value: unknown, message: string])[]> = {
  String: [
    [true, 'TRUE_VALUE cannot be converted to String'],
    [false, 'FALSE_VALUE cannot be converted to String'],
    [23, 'NUMBER_VALUE cannot be converted to String'],
    [34.56, 'DECIMAL_VALUE cannot be converted to String'],
    [[], 'Unrecognized collection type class java.lang.String'],
    [{}, NO_STRUCTURE],
  ],
  Boolean: [
    ['true', 'Unexpected token received from parser'],
    [23, 'NUMBER_VALUE cannot be converted to Boolean'],
    [34.56, 'DECIMAL_VALUE cannot be converted to Boolean'],
    [[], 'Unrecognized collection type class java.lang.Boolean'],
    [{}, NO_STRUCTURE],
  ],
  Integer: [
    ['23', 'STRING_VALUE cannot be converted to Integer'],
    [true, 'TRUE_VALUE cannot be converted to Integer'],
    [[], 'Unrecognized collection type class java.lang.Integer'],
    [{}, NO_STRUCTURE],
  ],
  Long: [
    ['23', 'STRING_VALUE cannot be converted to Long'],
    [false, 'FALSE_VALUE cannot be converted to Long'],
    [[], 'Unrecognized collection type class java.lang.Long'],
    [{}, NO_STRUCTURE],
  ],
  Blob: [
    [true, 'only base-64-encoded strings are convertible to bytes'],
    [23, 'only base-64-encoded strings are convertible to bytes'],
    [[], 'Unrecognized collection type class java.nio.ByteBuffer'],
    [{}, NO_STRUCTURE],
    ['23456', 'Base64 encoded length is expected a multiple of 4 bytes but found: 5'],
    ['=+/=', 'Invalid last non-pad Base64 character dectected'],
    ['+/+=', 'Invalid last non-pad Base64 character dectected'],
    ['a b=', 'Invalid last non-pad Base64 character dectected'],
  ],
  Instant: [
    ['2026-11-21', 'STRING_VALUE cannot be converted to milliseconds since epoch'],
    [true, 'TRUE_VALUE cannot be converted to milliseconds since epoch'],
    [[], 'Unrecognized collection type class java.util.Date'],
    [{}, NO_STRUCTURE],
  ],
  List: [...scalars('Unexpected field type'), [{}, NO_STRUCTURE]],
  ListInCollection: [...scalars(CAST), [{}, NO_STRUCTURE]],
  'Map<AttributeValue>': [
    ...scalars('Unexpected field type'),
    [[], `Unrecognized collection type java.util.Map<java.lang.String, ${PACKAGE}.AttributeValue>`],
  ],
  'Map<List<WriteRequest>>': [
    ...scalars('Unexpected field type'),
    [[], `Unrecognized collection type java.util.Map<java.lang.String, java.util.List<${PACKAGE}.WriteRequest>>`],
  ],
  'Map<String>': [
    ...scalars('Unexpected field type'),
    [[], 'Unrecognized collection type java.util.Map<java.lang.String, java.lang.String>'],
  ],
  MapInCollection: [
    ...scalars(CAST),
    [[], `Unrecognized collection type java.util.Map<java.lang.String, ${PACKAGE}.AttributeValue>`],
  ],
  'Element<KeySchemaElement>': [
    ...scalars('Unexpected value type in payload'),
    [[], `Unrecognized collection type class ${PACKAGE}.KeySchemaElement`],
  ],
  'Element<AttributeValue>': [
    ...scalars('Unexpected value type in payload'),
    [[], `Unrecognized collection type class ${PACKAGE}.AttributeValue`],
  ],
  'Field<AttributeValue>': [
    ...scalars('Unexpected field type'),
    [[], `Unrecognized collection type class ${PACKAGE}.AttributeValue`],
  ],
  'Field<ProvisionedThroughput>': [
    ...scalars('Unexpected field type'),
    [[], `Unrecognized collection type class ${PACKAGE}.ProvisionedThroughput`],
  ],
}

describe.each<readonly [operation: string, path: string, type: string]>([
  ['GetItem', 'TableName', 'String'],
  ['GetItem', 'ConsistentRead', 'Boolean'],
  ['GetItem', 'Key', 'Map<AttributeValue>'],
  ['GetItem', 'Key.a', 'Element<AttributeValue>'],
  ['GetItem', 'Key.a.S', 'String'],
  ['GetItem', 'Key.a.N', 'String'],
  ['GetItem', 'Key.a.B', 'Blob'],
  ['GetItem', 'Key.a.BOOL', 'Boolean'],
  ['GetItem', 'Key.a.NULL', 'Boolean'],
  ['GetItem', 'Key.a.SS', 'List'],
  ['GetItem', 'Key.a.SS.0', 'String'],
  ['GetItem', 'Key.a.NS.0', 'String'],
  ['GetItem', 'Key.a.BS.0', 'Blob'],
  ['GetItem', 'Key.a.L', 'List'],
  ['GetItem', 'Key.a.L.0', 'Element<AttributeValue>'],
  ['GetItem', 'Key.a.L.0.M.b', 'Element<AttributeValue>'],
  ['GetItem', 'Key.a.M', 'Map<AttributeValue>'],
  ['GetItem', 'Key.a.M.b.BS.0', 'Blob'],
  ['GetItem', 'ExpressionAttributeNames', 'Map<String>'],
  ['GetItem', 'ExpressionAttributeNames.a', 'String'],
  ['Query', 'Limit', 'Integer'],
  ['PutItem', 'Expected.a.Value', 'Field<AttributeValue>'],
  ['BatchGetItem', 'RequestItems.t.Keys', 'List'],
  ['BatchGetItem', 'RequestItems.t.Keys.0', 'MapInCollection'],
  ['BatchWriteItem', 'RequestItems', 'Map<List<WriteRequest>>'],
  ['BatchWriteItem', 'RequestItems.t', 'ListInCollection'],
  ['CreateTable', 'KeySchema', 'List'],
  ['CreateTable', 'KeySchema.0', 'Element<KeySchemaElement>'],
  ['CreateTable', 'ProvisionedThroughput', 'Field<ProvisionedThroughput>'],
  ['CreateTable', 'ProvisionedThroughput.ReadCapacityUnits', 'Long'],
  ['RestoreTableToPointInTime', 'RestoreDateTime', 'Instant'],
])('%s %s', (operation, path, type) => {
  test.each(CASES[type]!)(`is no ${type} when it is %j`, (value, message) => {
    expect(refusal(operation, at(path, value))).toBe(`SerializationException: ${message}`)
  })
})

test.each([undefined, null, 'text', 5, true])('%j is no request, and nothing is said about it', (request) => {
  expect(refusal('GetItem', request)).toBe('SerializationException: ')
})

test('a list is no request', () => {
  expect(refusal('GetItem', [])).toBe(
    `SerializationException: Unrecognized collection type class ${PACKAGE}.GetItemInput`,
  )
})

describe('what is read', () => {
  test('a request in which nothing has to change is not copied', () => {
    const request = { TableName: 't', Key: { a: { S: 'x' }, b: { M: { c: { L: [{ N: '1' }, { NULL: true }] } } } } }
    expect(read('GetItem', request)).toBe(request)
  })

  test('unknown members and those that are null are left out, and the request stays as it was', () => {
    const request = { TableName: 't', Nonsense: [[[]]], Key: { a: { S: 'x', X: 1, N: null } }, ConsistentRead: null }
    const before = structuredClone(request)
    expect(read('GetItem', request)).toStrictEqual({ TableName: 't', Key: { a: { S: 'x' } } })
    expect(request).toStrictEqual(before)
  })

  test('base64 becomes bytes, wherever it is', () => {
    const request = at('Key.a.M.b.L.0', { B: 'AQI=', BS: ['', 'AA=='] })
    const value = { B: new Uint8Array([1, 2]), BS: [new Uint8Array(), new Uint8Array([0])] }
    expect(read('GetItem', request)).toStrictEqual(at('Key.a.M.b.L.0', value))
  })

  test('bytes that are bytes already stay the same', () => {
    const bytes = new Uint8Array([1, 2])
    const { Key } = read('GetItem', { Key: { a: { B: bytes } } }) as { Key: { a: { B: Uint8Array } } }
    expect(Key.a.B).toBe(bytes)
    const view = new DataView(bytes.buffer, 1, 1)
    expect(read('GetItem', { Key: { a: { B: view } } })).toStrictEqual({ Key: { a: { B: new Uint8Array([2]) } } })
  })

  test('integers are cut off and kept within their type', () => {
    expect(read('Query', { Limit: 2.9 })).toStrictEqual({ Limit: 2 })
    expect(read('Query', JSON.parse('{"Limit":1e999}'))).toStrictEqual({ Limit: 2 ** 31 - 1 })
    expect(read('Query', { Limit: -1e12 })).toStrictEqual({ Limit: -(2 ** 31) })
  })

  test('a time is seconds, or a date', () => {
    const wanted = { RestoreDateTime: 1.5 }
    expect(read('RestoreTableToPointInTime', { RestoreDateTime: 1.5 })).toStrictEqual(wanted)
    expect(read('RestoreTableToPointInTime', { RestoreDateTime: new Date(1500) })).toStrictEqual(wanted)
    expect(refusal('RestoreTableToPointInTime', { RestoreDateTime: new Date(Number.NaN) })).toMatch(
      /^SerializationException/,
    )
  })

  test('a date and bytes may be of another realm, as under Jest', () => {
    const theirs = (source: string): unknown => vm.runInNewContext(source)
    const wanted = { RestoreDateTime: 1.5 }
    expect(read('RestoreTableToPointInTime', { RestoreDateTime: theirs('new Date(1500)') })).toStrictEqual(wanted)
    for (const bytes of [
      'Uint8Array.of(1, 2)',
      'Uint8Array.of(1, 2).buffer',
      'new Uint16Array(Uint8Array.of(1, 2).buffer)',
    ]) {
      const input = read('PutItem', { Item: { a: { B: theirs(bytes) } } })
      expect(input).toStrictEqual({ Item: { a: { B: Uint8Array.of(1, 2) } } })
    }
  })

  test('a null among values is a value without a type; in other lists and maps it stays for the constraints', () => {
    expect(read('GetItem', at('Key.a', null))).toStrictEqual(at('Key.a', {}))
    expect(read('GetItem', at('Key.a.L.0', null))).toStrictEqual(at('Key.a.L.0', {}))
    expect(read('GetItem', at('Key.a.M.b', null))).toStrictEqual(at('Key.a.M.b', {}))
    expect(read('GetItem', { AttributesToGet: [null] })).toStrictEqual({ AttributesToGet: [null] })
  })

  test('of what a program hands its SDK, what is null in a map is left out, and only what holds one is copied', () => {
    const read = (operation: string, request: unknown) =>
      readInput(operationsByName.get(operation)!.input, request, classicWording, 'objects')
    const m = { M: { x: { S: 'x' } } }
    for (const nothing of [undefined, null]) {
      const Item = { a: { S: 'x' }, b: nothing, l: { L: [{ M: { y: nothing } }] }, m }
      const given = { TableName: 't', Item, ExpressionAttributeNames: { '#a': nothing }, ExpressionAttributeValues: {} }
      const left = { a: { S: 'x' }, l: { L: [{ M: {} }] }, m }
      const found = read('PutItem', given)
      expect(found).toStrictEqual({ ...given, Item: left, ExpressionAttributeNames: {} })
      expect((found['Item'] as typeof Item).m).toBe(m)
      expect(Object.keys(Item)).toEqual(['a', 'b', 'l', 'm'])
      expect(read('GetItem', { Key: { a: { L: [nothing] } } })).toStrictEqual({ Key: { a: { L: [{}] } } })
    }
  })

  test.each(['SS', 'NS', 'BS'])('a null in a set of type %s is refused', (type) => {
    expect(refusal('GetItem', at(`Key.a.${type}`, [null]))).toMatch(
      /^ValidationException: One or more parameter values/,
    )
  })

  test.each(['__proto__', 'constructor', 'toString'])('%s is a name like any other', (name) => {
    const request = JSON.parse(`{ "Item": { "${name}": { "B": "AQ==", "${name}": {} } }, "${name}": { "x": 1 } }`)
    const input = read('PutItem', request) as { Item: Record<string, unknown> }
    expect(Object.keys(input)).toEqual(['Item'])
    expect(Object.keys(input.Item)).toEqual([name])
    expect(Object.getPrototypeOf(input.Item)).toBe(Object.prototype)
    expect(Object.getOwnPropertyDescriptor(input.Item, name)?.value).toStrictEqual({ B: new Uint8Array([1]) })
    expect(({} as Record<string, unknown>)['x']).toBe(undefined)
  })
})

describe('values nest', () => {
  const nested = (depth: number, kind: 'M' | 'L'): unknown => {
    let value: unknown = { S: 'x' }
    for (let level = 0; level < depth; level++) value = kind === 'M' ? { M: { a: value } } : { L: [value] }
    return { Item: { a: value } }
  }

  test.each(['M', 'L'] as const)('31 levels of %s deep, and no deeper', (kind) => {
    expect(refusal('PutItem', nested(31, kind))).toBe('accepted')
    expect(refusal('PutItem', nested(32, kind))).toMatch(/^ValidationException: Nesting Levels have exceeded/)
    expect(refusal('PutItem', nested(100_000, kind))).toMatch(/^ValidationException: Nesting Levels have exceeded/)
  })

  test('those that hold themselves are refused', () => {
    const value: { M: Record<string, unknown> } = { M: {} }
    value.M['a'] = value
    expect(refusal('PutItem', { Item: { value } })).toMatch(/^ValidationException: Nesting Levels/)
  })

  test('those that hold themselves many times are refused before it takes forever', { timeout: 20_000 }, () => {
    let value: unknown = { S: 'x' }
    for (let level = 0; level < 31; level++) value = { L: [value, value] }
    expect(refusal('PutItem', { Item: { value } })).toBe('RequestEntityTooLarge: ')
  })
})
