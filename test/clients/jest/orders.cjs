/** The program under test: it says nothing of an endpoint. */
const { DynamoDBClient, ListTablesCommand } = require('@aws-sdk/client-dynamodb')
const { DynamoDBDocumentClient, PutCommand, ScanCommand } = require('@aws-sdk/lib-dynamodb')

const client = DynamoDBDocumentClient.from(new DynamoDBClient({}))

exports.order = (customer) => client.send(new PutCommand({ TableName: 'orders', Item: { customer, total: 1 } }))

exports.customers = async () => {
  const { Items } = await client.send(new ScanCommand({ TableName: 'orders' }))
  return Items.map(({ customer }) => customer).sort()
}

exports.tables = async () => (await client.send(new ListTablesCommand({}))).TableNames
