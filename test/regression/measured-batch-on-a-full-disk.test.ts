/**
 * A batch that was asked what it cost failed as a whole when the disk was full, whatever of it had been stored, and while the
 * rest was under way; and so did one of several tables of which one had nothing stored. Both are `UnprocessedItems`.
 */
import { expect, onTestFinished, test } from 'vitest'
import { diskFullForNow } from '../../src/errors.js'
import { Storage } from '../../src/storage/storage.js'
import { serviceFixture } from '../support/service-fixture.js'

const key = (pk: string) => ({ pk: { S: pk } })
const put = (pk: string, more: object = {}) => ({ PutRequest: { Item: { ...key(pk), ...more } } })
const sorted = [put('b', { sk: { S: '1' } }), { DeleteRequest: { Key: { ...key('b'), sk: { S: '2' } } } }]
const units = (name: string) => ({ TableName: name, CapacityUnits: 1 })

/** Until the test is over, the disk is found full when it was asked for so often. */
function fillDiskAfter(askedCount: number): void {
  const { checkWritable } = Storage.prototype
  let left = askedCount
  Storage.prototype.checkWritable = () => {
    if (left-- <= 0) throw diskFullForNow(new Error('no space'))
  }
  onTestFinished(() => {
    Storage.prototype.checkWritable = checkWritable
  })
}

test.each(['NONE', 'TOTAL'])('what is not stored comes back, when capacity %s is asked for', async (mode) => {
  const { call } = await serviceFixture()
  fillDiskAfter(1)
  const RequestItems = { simple: [put('a')], sorted }
  expect(await call('BatchWriteItem', { RequestItems, ReturnConsumedCapacity: mode })).toEqual({
    UnprocessedItems: { sorted },
    ...(mode === 'TOTAL' && { ConsumedCapacity: [units('simple')] }),
  })
  expect((await call('Scan', { TableName: 'simple' }))['Items']).toEqual([key('a')])
})

test('of a table, what is stored is counted, and nothing else', async () => {
  const { call } = await serviceFixture()
  fillDiskAfter(1)
  const RequestItems = { simple: [put('a'), put('b')] }
  expect(await call('BatchWriteItem', { RequestItems, ReturnConsumedCapacity: 'TOTAL' })).toEqual({
    UnprocessedItems: { simple: [put('b')] },
    ConsumedCapacity: [units('simple')],
  })
})

test.each(['NONE', 'TOTAL'])('where nothing is stored, that is said, when capacity %s is asked for', async (mode) => {
  const { refusal } = await serviceFixture()
  fillDiskAfter(0)
  const RequestItems = { simple: [put('a')], sorted }
  const refused = await refusal('BatchWriteItem', { RequestItems, ReturnConsumedCapacity: mode })
  expect(refused.name).toBe('InternalServerError')
})
