/** ItemCollectionMetrics of a batch named the partition keys of items that came back as unprocessed, too. */
import { expect, onTestFinished, test } from 'vitest'
import { diskFullForNow } from '../../src/errors.js'
import { Storage } from '../../src/storage/storage.js'
import { serviceFixture } from '../support/service-fixture.js'

const key = (pk: string) => ({ pk: { S: pk } })
const put = (pk: string) => ({ PutRequest: { Item: { ...key(pk), sk: { S: '1' } } } })

test('item collections are those of what is stored', async () => {
  const indexes = { local: { key: ['pk', 'l'], local: true } }
  const { call } = await serviceFixture(
    { name: 'one', key: ['pk', 'sk'], indexes },
    { name: 'other', key: ['pk', 'sk'], indexes },
  )
  const { checkWritable } = Storage.prototype
  onTestFinished(() => {
    Storage.prototype.checkWritable = checkWritable
  })
  let left = 1
  Storage.prototype.checkWritable = () => {
    if (left-- <= 0) throw diskFullForNow(new Error('no space'))
  }
  const input = { RequestItems: { one: [put('a')], other: [put('b')] }, ReturnItemCollectionMetrics: 'SIZE' }
  expect(await call('BatchWriteItem', input)).toEqual({
    UnprocessedItems: { other: [put('b')] },
    ItemCollectionMetrics: { one: [{ ItemCollectionKey: key('a'), SizeEstimateRangeGB: [0, 1] }] },
  })
})
