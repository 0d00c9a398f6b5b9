/** What the operations of DynamoDB Streams accept. */
import { positiveInteger, tableName } from './common-shapes.js'
import { choice, instant, required, type StructureShape, structure, text } from './shape.js'

const streamArn = text({ min: 37, max: 1024 })

const shardId = text({ min: 28, max: 65 })

const listStreamsInput = structure('ListStreamsInput', {
  TableName: tableName,
  Limit: positiveInteger,
  ExclusiveStartStreamArn: streamArn,
})

const describeStreamInput = structure('DescribeStreamInput', {
  StreamArn: required(streamArn),
  Limit: positiveInteger,
  ExclusiveStartShardId: shardId,
  ShardFilter: structure('ShardFilter', { Type: choice('CHILD_SHARDS'), ShardId: shardId }),
})

const getShardIteratorInput = structure('GetShardIteratorInput', {
  StreamArn: required(streamArn),
  ShardId: required(shardId),
  ShardIteratorType: required(
    choice('TRIM_HORIZON', 'LATEST', 'AT_SEQUENCE_NUMBER', 'AFTER_SEQUENCE_NUMBER', 'AT_TIMESTAMP'),
  ),
  SequenceNumber: text({ min: 21, max: 40 }),
  Timestamp: instant,
})

const getRecordsInput = structure('GetRecordsInput', {
  ShardIterator: required(text({ min: 1, max: 2048 })),
  Limit: positiveInteger,
})

/** By the name of the operation. */
export const streamInputs: ReadonlyMap<string, StructureShape> = new Map([
  ['ListStreams', listStreamsInput],
  ['DescribeStream', describeStreamInput],
  ['GetShardIterator', getShardIteratorInput],
  ['GetRecords', getRecordsInput],
])
