/**
 * Behind the AWS door, who met a unique index was told that the key of the item that has it "is in "holder"": a member of the
 * engine's own error, which no answer of DynamoDB's protocol has. So no client could find out which item it was.
 */
import { expect, test } from 'vitest'
import { checkTableDefinition } from '../../src/model/table/table-rule.js'
import { serviceFixture } from '../support/service-fixture.js'

const MESSAGE =
  'Cannot store the item in "users": its index "byMail" is unique, and the item {"id":{"B":"AQI="}} has the key ' +
  '{"mail":{"S":"a@b"},"n":{"N":"1"}} in it'

test('a client is told which item has the key, and which key that is', async () => {
  const { backend, call, refusal } = await serviceFixture()

  const indexes = { byMail: { key: ['mail', 'n'], unique: true } }
  backend.defineTable(checkTableDefinition({ name: 'users', key: ['id'], indexes }))
  const user = { mail: { S: 'a@b' }, n: { N: '1' } }
  await call('PutItem', { TableName: 'users', Item: { id: { B: Uint8Array.of(1, 2) }, ...user } })
  const Item = { id: { B: Uint8Array.of(3) }, ...user }

  const put = await refusal('PutItem', { TableName: 'users', Item })
  expect([put.name, put.message]).toEqual(['ConditionalCheckFailedException', MESSAGE])
  const batch = await refusal('BatchWriteItem', { RequestItems: { users: [{ PutRequest: { Item } }] } })
  expect([batch.name, batch.message]).toEqual(['ConditionalCheckFailedException', MESSAGE])
  const transaction = await refusal('TransactWriteItems', { TransactItems: [{ Put: { TableName: 'users', Item } }] })
  expect(transaction.members['CancellationReasons']).toEqual([{ Code: 'DuplicateItem', Message: MESSAGE }])
  const Statement = `INSERT INTO "users" VALUE {'id': ?, 'mail': ?, 'n': ?}`
  const statement = await refusal('ExecuteStatement', { Statement, Parameters: [Item.id, user.mail, user.n] })
  expect(statement.message).toBe(MESSAGE)
})
