import { describe, expect, test } from 'vitest'
import { serviceFixture } from '../../../support/service-fixture.js'

const key = (pk: string) => ({ pk: { S: pk } })
const get = (pk: string, options: object = {}) => ({ Get: { TableName: 'simple', Key: key(pk), ...options } })

describe('TransactGetItems', () => {
  test('answers in the order of the request, with nothing for what is not there', async () => {
    const { call, fill } = await serviceFixture()
    await fill('simple', [
      { ...key('a'), v: { N: '1' } },
      { ...key('b'), v: { N: '2' } },
    ])
    const TransactItems = [get('b'), get('none'), get('a', { ProjectionExpression: 'v' })]
    expect(await call('TransactGetItems', { TransactItems })).toEqual({
      Responses: [{ Item: { ...key('b'), v: { N: '2' } } }, {}, { Item: { v: { N: '1' } } }],
    })
  })

  test('costs twice what consistent reads do', async () => {
    const { call, fill } = await serviceFixture()
    await fill('simple', [{ ...key('a'), v: { S: 'x'.repeat(5000) } }])
    const TransactItems = [get('a'), get('none')]
    const units = { CapacityUnits: 6, ReadCapacityUnits: 6 }
    expect(
      (await call('TransactGetItems', { TransactItems, ReturnConsumedCapacity: 'INDEXES' }))['ConsumedCapacity'],
    ).toEqual([{ TableName: 'simple', ...units, Table: units }])
  })

  test('a key that does not match the schema cancels it', async () => {
    const { fill, refusal } = await serviceFixture()
    await fill('simple', [key('a')])
    const TransactItems = [get('a'), get('b', { Key: { pk: { N: '1' } } })]
    const failed = await refusal('TransactGetItems', { TransactItems })
    expect(failed.name).toBe('TransactionCanceledException')
    expect(failed.message).toBe(
      'Transaction cancelled, please refer cancellation reasons for specific reasons [None, ValidationError]',
    )
    expect(failed.members).toEqual({
      CancellationReasons: [
        { Code: 'None' },
        { Code: 'ValidationError', Message: 'The provided key element does not match the schema' },
      ],
    })
  })

  test.each<[what: string, actions: readonly object[], message: string]>([
    ['one item twice', [get('a'), get('a')], 'Transaction request cannot include multiple operations on one item'],
    [
      'an empty key',
      [get('')],
      'One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: pk',
    ],
    ['a table that is not there', [get('a', { TableName: 'nowhere' })], 'Requested resource not found'],
    [
      'a projection that is none',
      [get('a', { ProjectionExpression: 'a,' })],
      'Invalid ProjectionExpression: Syntax error; token: "<EOF>", near: ","',
    ],
  ])('refuses %s', async (_what, TransactItems, message) => {
    const { refusal } = await serviceFixture()
    expect((await refusal('TransactGetItems', { TransactItems })).message).toBe(message)
  })
})
