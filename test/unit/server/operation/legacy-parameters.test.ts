import { describe, expect, test } from 'vitest'
import { serviceFixture } from '../../../support/service-fixture.js'

const KEY = { pk: { S: 'a' } }
const INVALID = 'One or more parameter values were invalid:'
const ITEM = {
  ...KEY,
  n: { N: '5' },
  s: { S: 'hello' },
  b: { B: new Uint8Array(Buffer.from('bytes')) },
  ss: { SS: ['x', 'y'] },
  ns: { NS: ['1', '2'] },
  l: { L: [{ S: 'x' }] },
}

describe('Expected', () => {
  test.each<[holds: boolean, name: string, expected: object]>([
    [true, 'n', { Value: { N: '5.0' } }],
    [false, 'n', { Value: { N: '6' } }],
    [false, 'gone', { Value: { N: '6' } }],
    [true, 'gone', { Exists: false }],
    [false, 'n', { Exists: false }],
    [true, 'n', { Exists: true, Value: { N: '5' } }],
    [true, 'n', { ComparisonOperator: 'EQ', AttributeValueList: [{ N: '5' }] }],
    [true, 'ss', { ComparisonOperator: 'EQ', AttributeValueList: [{ SS: ['y', 'x'] }] }],
    [false, 'n', { ComparisonOperator: 'EQ', Value: { S: '5' } }],
    [false, 'n', { ComparisonOperator: 'NE', Value: { N: '5' } }],
    [true, 'n', { ComparisonOperator: 'NE', Value: { S: '5' } }],
    [true, 'gone', { ComparisonOperator: 'NE', Value: { N: '5' } }],
    [true, 'n', { ComparisonOperator: 'LE', Value: { N: '5' } }],
    [false, 'n', { ComparisonOperator: 'LT', Value: { N: '5' } }],
    [true, 'n', { ComparisonOperator: 'GE', Value: { N: '5' } }],
    [false, 'n', { ComparisonOperator: 'GT', Value: { N: '5' } }],
    [false, 'n', { ComparisonOperator: 'GT', Value: { S: '1' } }],
    [false, 'gone', { ComparisonOperator: 'LE', Value: { N: '5' } }],
    [true, 'n', { ComparisonOperator: 'NOT_NULL' }],
    [false, 'gone', { ComparisonOperator: 'NOT_NULL' }],
    [true, 'gone', { ComparisonOperator: 'NULL' }],
    [false, 'n', { ComparisonOperator: 'NULL' }],
    [true, 's', { ComparisonOperator: 'CONTAINS', Value: { S: 'ell' } }],
    [true, 'ss', { ComparisonOperator: 'CONTAINS', Value: { S: 'x' } }],
    [true, 'ns', { ComparisonOperator: 'CONTAINS', Value: { N: '2' } }],
    [true, 'l', { ComparisonOperator: 'CONTAINS', Value: { S: 'x' } }],
    [true, 'b', { ComparisonOperator: 'CONTAINS', Value: { B: Buffer.from('yt') } }],
    [false, 's', { ComparisonOperator: 'CONTAINS', Value: { S: 'elk' } }],
    [false, 'gone', { ComparisonOperator: 'CONTAINS', Value: { S: 'x' } }],
    [true, 's', { ComparisonOperator: 'NOT_CONTAINS', Value: { S: 'elk' } }],
    [false, 'ss', { ComparisonOperator: 'NOT_CONTAINS', Value: { S: 'x' } }],
    [true, 's', { ComparisonOperator: 'BEGINS_WITH', Value: { S: 'he' } }],
    [false, 's', { ComparisonOperator: 'BEGINS_WITH', Value: { S: 'el' } }],
    [true, 'n', { ComparisonOperator: 'IN', AttributeValueList: [{ N: '1' }, { N: '5' }] }],
    [false, 'n', { ComparisonOperator: 'IN', AttributeValueList: [{ N: '1' }] }],
    [true, 'n', { ComparisonOperator: 'BETWEEN', AttributeValueList: [{ N: '5' }, { N: '7' }] }],
    [false, 'n', { ComparisonOperator: 'BETWEEN', AttributeValueList: [{ N: '6' }, { N: '7' }] }],
  ])('%s: %s %j', async (holds, name, expected) => {
    const { call, fill, refusal } = await serviceFixture()
    await fill('simple', [ITEM])
    const remove = { TableName: 'simple', Key: KEY, Expected: { [name]: expected } }
    if (holds) expect(await call('DeleteItem', remove)).toEqual({})
    else expect((await refusal('DeleteItem', remove)).name).toBe('ConditionalCheckFailedException')
  })

  test('all of them have to hold, or any with ConditionalOperator OR', async () => {
    const { call, fill, refusal } = await serviceFixture()
    await fill('simple', [ITEM])
    const put = {
      TableName: 'simple',
      Item: ITEM,
      Expected: { n: { Value: { N: '5' } }, s: { Value: { S: 'other' } } },
    }
    expect((await refusal('PutItem', put)).name).toBe('ConditionalCheckFailedException')
    expect((await refusal('PutItem', { ...put, ConditionalOperator: 'AND' })).name).toBe(
      'ConditionalCheckFailedException',
    )
    expect(await call('PutItem', { ...put, ConditionalOperator: 'OR' })).toEqual({})
    const one = { ...put, ConditionalOperator: 'OR', Expected: { n: { Value: { N: '5' } } } }
    expect((await refusal('PutItem', one)).message).toBe(
      'ConditionalOperator can only be used when Filter or Expected has two or more elements',
    )
    expect((await refusal('PutItem', { ...one, Expected: {} })).message).toBe(
      'ConditionalOperator cannot be used without Filter or Expected',
    )
  })

  test.each<[expected: object, message: string]>([
    [{}, 'Value must be provided when Exists is null for Attribute: v'],
    [{ Exists: true }, 'Value must be provided when Exists is true for Attribute: v'],
    [{ Exists: false, Value: { S: 'a' } }, 'Value cannot be used when Exists is false for Attribute: v'],
    [
      { Exists: true, ComparisonOperator: 'NULL' },
      'Exists and ComparisonOperator cannot be used together for Attribute: v',
    ],
    [
      { ComparisonOperator: 'EQ', Value: { S: 'a' }, AttributeValueList: [{ S: 'a' }] },
      'Value and AttributeValueList cannot be used together for Attribute: v',
    ],
    [
      { AttributeValueList: [{ S: 'a' }] },
      'AttributeValueList can only be used with a ComparisonOperator for Attribute: v',
    ],
    [
      { ComparisonOperator: 'EQ' },
      'Value or AttributeValueList must be used with ComparisonOperator: EQ for Attribute: v',
    ],
    [
      { ComparisonOperator: 'EQ', AttributeValueList: [] },
      'Invalid number of argument(s) for the EQ ComparisonOperator',
    ],
    [
      { ComparisonOperator: 'NULL', Value: { S: 'a' } },
      'Invalid number of argument(s) for the NULL ComparisonOperator',
    ],
    [
      { ComparisonOperator: 'BETWEEN', Value: { S: 'a' } },
      'Invalid number of argument(s) for the BETWEEN ComparisonOperator',
    ],
    [
      { ComparisonOperator: 'LT', Value: { BOOL: true } },
      'ComparisonOperator LT is not valid for BOOL AttributeValue type',
    ],
    [
      { ComparisonOperator: 'CONTAINS', Value: { SS: ['a'] } },
      'ComparisonOperator CONTAINS is not valid for SS AttributeValue type',
    ],
    [
      { ComparisonOperator: 'BEGINS_WITH', Value: { N: '1' } },
      'ComparisonOperator BEGINS_WITH is not valid for N AttributeValue type',
    ],
    [
      { ComparisonOperator: 'IN', AttributeValueList: [{ S: 'a' }, { N: '1' }] },
      'AttributeValues inside AttributeValueList must be of same type',
    ],
  ])('refuses %j', async (expected, message) => {
    const { refusal } = await serviceFixture()
    const remove = { TableName: 'nowhere', Key: KEY, Expected: { v: expected } }
    expect((await refusal('DeleteItem', remove)).message).toBe(`${INVALID} ${message}`)
  })

  test('refuses a range the wrong way round', async () => {
    const { refusal } = await serviceFixture()
    const v = { ComparisonOperator: 'BETWEEN', AttributeValueList: [{ N: '10' }, { N: '9' }] }
    expect((await refusal('DeleteItem', { TableName: 'simple', Key: KEY, Expected: { v } })).message).toBe(
      'The BETWEEN condition was provided a range where the lower bound is greater than the upper bound',
    )
  })
})

describe('AttributeUpdates', () => {
  test.each<[what: string, updates: object, changed: object]>([
    ['PUT writes', { n: { Action: 'PUT', Value: { S: 'x' } } }, { n: { S: 'x' } }],
    ['no action writes', { fresh: { Value: { L: [] } } }, { fresh: { L: [] } }],
    ['ADD adds to a number', { n: { Action: 'ADD', Value: { N: '-7' } } }, { n: { N: '-2' } }],
    ['ADD begins a number', { fresh: { Action: 'ADD', Value: { N: '7' } } }, { fresh: { N: '7' } }],
    ['ADD adds to a set', { ss: { Action: 'ADD', Value: { SS: ['y', 'z'] } } }, { ss: { SS: ['x', 'y', 'z'] } }],
    ['ADD begins a set', { fresh: { Action: 'ADD', Value: { NS: ['1'] } } }, { fresh: { NS: ['1'] } }],
    [
      'ADD appends to a list',
      { l: { Action: 'ADD', Value: { L: [{ N: '1' }] } } },
      { l: { L: [{ S: 'x' }, { N: '1' }] } },
    ],
    ['DELETE removes', { n: { Action: 'DELETE' } }, { n: undefined }],
    ['DELETE of nothing is no error', { gone: { Action: 'DELETE' } }, {}],
    ['DELETE takes out of a set', { ns: { Action: 'DELETE', Value: { NS: ['2', '3'] } } }, { ns: { NS: ['1'] } }],
    ['DELETE of all of a set removes it', { ss: { Action: 'DELETE', Value: { SS: ['y', 'x'] } } }, { ss: undefined }],
  ])('%s', async (_what, AttributeUpdates, changed) => {
    const { call, fill } = await serviceFixture()
    await fill('simple', [ITEM])
    const change = { TableName: 'simple', Key: KEY, AttributeUpdates, ReturnValues: 'UPDATED_NEW' }
    const written = Object.entries(changed).filter(([, value]) => value !== undefined)
    const answer = await call('UpdateItem', change)
    expect(answer).toEqual(written.length === 0 ? {} : { Attributes: Object.fromEntries(written) })
    const { Item } = await call('GetItem', { TableName: 'simple', Key: KEY })
    const left = Object.entries({ ...ITEM, ...changed }).filter(([, value]) => value !== undefined)
    expect(Item).toEqual(Object.fromEntries(left))
  })

  test('makes an item that is not there', async () => {
    const { call } = await serviceFixture()
    const AttributeUpdates = { n: { Action: 'ADD', Value: { N: '1' } }, gone: { Action: 'DELETE' } }
    const change = { TableName: 'simple', Key: KEY, AttributeUpdates, ReturnValues: 'ALL_NEW' }
    expect(await call('UpdateItem', change)).toEqual({ Attributes: { ...KEY, n: { N: '1' } } })
  })

  test.each<[updates: object, message: string]>([
    [{ v: {} }, `${INVALID} Only DELETE action is allowed when no attribute value is specified`],
    [{ v: { Action: 'ADD' } }, `${INVALID} Only DELETE action is allowed when no attribute value is specified`],
    [
      { v: { Action: 'DELETE', Value: { S: 'a' } } },
      `${INVALID} DELETE action with value is not supported for the type S`,
    ],
    [{ v: { Action: 'ADD', Value: { S: 'a' } } }, `${INVALID} ADD action is not supported for the type S`],
    [{ v: { Value: { SS: [] } } }, `${INVALID} An string set  may not be empty`],
    [{ pk: { Value: { S: 'b' } } }, `${INVALID} Cannot update attribute pk. This attribute is part of the key`],
    [{ s: { Action: 'ADD', Value: { N: '1' } } }, 'Type mismatch for attribute to update'],
    [{ ss: { Action: 'DELETE', Value: { NS: ['1'] } } }, 'Type mismatch for attribute to update'],
    [JSON.parse('{"__proto__":{"Value":{"S":"a"}}}'), `${INVALID} An attribute can't be called __proto__`],
  ])('refuses %j', async (AttributeUpdates, message) => {
    const { fill, refusal } = await serviceFixture()
    await fill('simple', [ITEM])
    expect((await refusal('UpdateItem', { TableName: 'simple', Key: KEY, AttributeUpdates })).message).toBe(message)
  })
})

describe('QueryFilter and ScanFilter', () => {
  test('filter what was found, joined by ConditionalOperator', async () => {
    const { call, fill } = await serviceFixture()
    await fill(
      'sorted',
      ['1', '2', '3'].map((sk) => ({ pk: { S: 'a' }, sk: { S: sk }, n: { N: sk }, odd: { BOOL: sk !== '2' } })),
    )
    const filter = {
      n: { ComparisonOperator: 'GE', AttributeValueList: [{ N: '2' }] },
      odd: { ComparisonOperator: 'EQ', AttributeValueList: [{ BOOL: true }] },
    }
    const KeyConditions = { pk: { ComparisonOperator: 'EQ', AttributeValueList: [{ S: 'a' }] } }
    const found = async (more: object) => {
      const query = { TableName: 'sorted', KeyConditions, QueryFilter: filter, AttributesToGet: ['sk'], ...more }
      const { Items, Count, ScannedCount } = await call('Query', query)
      expect([Count, ScannedCount]).toEqual([Items.length, 3])
      const scan = { TableName: 'sorted', ScanFilter: filter, AttributesToGet: ['sk'], ...more }
      expect((await call('Scan', scan))['Items']).toEqual(Items)
      return Items.map(({ sk }: { sk: { S: string } }) => sk.S)
    }
    expect(await found({})).toEqual(['3'])
    expect(await found({ ConditionalOperator: 'OR' })).toEqual(['1', '2', '3'])
  })

  test('are refused beside expressions', async () => {
    const { refusal } = await serviceFixture()
    const scan = { TableName: 'simple', ScanFilter: {}, ConditionalOperator: 'OR', ProjectionExpression: 'a' }
    expect((await refusal('Scan', scan)).message).toBe(
      'Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {ScanFilter, ConditionalOperator} Expression parameters: {ProjectionExpression}',
    )
  })

  test('KeyConditions go with a newer filter', async () => {
    const { call, fill } = await serviceFixture()
    await fill('sorted', [{ pk: { S: 'a' }, sk: { S: '1' }, n: { N: '1' } }])
    const query = {
      TableName: 'sorted',
      KeyConditions: { pk: { ComparisonOperator: 'EQ', AttributeValueList: [{ S: 'a' }] } },
      FilterExpression: 'n = :n',
      ExpressionAttributeValues: { ':n': { N: '1' } },
    }
    expect(await call('Query', query)).toMatchObject({ Count: 1 })
  })
})
