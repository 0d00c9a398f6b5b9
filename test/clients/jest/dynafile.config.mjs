/** Tables to begin with, as a project that uses the preset has them. */
export default {
  tables: [
    {
      TableName: 'orders',
      AttributeDefinitions: [{ AttributeName: 'customer', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'customer', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
      data: [{ customer: 'ada', total: 42 }],
    },
  ],
}
