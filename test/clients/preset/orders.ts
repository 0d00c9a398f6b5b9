/** The program under test: it says nothing of an endpoint. */
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb'
import { DynamoDBDocumentClient, PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb'

const client = DynamoDBDocumentClient.from(new DynamoDBClient({}))

export async function order(customer: string): Promise<void> {
  await client.send(new PutCommand({ TableName: 'orders', Item: { customer, total: 1 } }))
}

export async function customers(): Promise<string[]> {
  const { Items } = await client.send(new ScanCommand({ TableName: 'orders' }))
  return Items!.map(({ customer }) => customer as string).sort()
}

export async function tables(): Promise<string[]> {
  return (await client.send(new ListTablesCommand({}))).TableNames!
}
