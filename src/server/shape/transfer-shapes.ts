/** What exports, imports and bulk operations accept. */
import {
  attributeDefinitions,
  billingMode,
  expressionNames,
  expressionValues,
  globalSecondaryIndexList,
  keySchema,
  onDemandThroughput,
  provisionedThroughput,
  sseSpecification,
  tableArn,
  tableName,
  vectorIndexList,
} from './common-shapes.js'
import {
  choice,
  instant,
  integer,
  list,
  long,
  required,
  type StructureShape,
  structure,
  type TextShape,
  text,
} from './shape.js'

const clientToken: TextShape = text({ pattern: String.raw`^[^\$]+$` })

const s3Bucket: TextShape = text({
  max: 255,
  pattern: String.raw`^[a-z0-9A-Z]+[\.\-\w]*[a-z0-9A-Z]+$`,
  matches: /^[a-zA-Z0-9][.\-\w]*[a-zA-Z0-9]$/,
})

const s3BucketOwner: TextShape = text({ pattern: '[0-9]{12}' })

const s3Prefix: TextShape = text({ max: 1024 })

const s3SseAlgorithm: TextShape = choice('AES256', 'KMS')

const s3SseKmsKeyId: TextShape = text({ min: 1, max: 2048 })

const incrementalExportSpecification: StructureShape = structure('IncrementalExportSpecification', {
  ExportFromTime: instant,
  ExportToTime: instant,
  ExportViewType: choice('NEW_IMAGE', 'NEW_AND_OLD_IMAGES'),
})

const filterSpecification: StructureShape = structure('FilterSpecification', {
  FilterExpression: text(),
  ProjectionExpression: text(),
  KeyConditionExpression: text(),
  ExpressionAttributeNames: expressionNames,
  ExpressionAttributeValues: expressionValues,
})

const exportTableToPointInTimeInput: StructureShape = structure('ExportTableToPointInTimeInput', {
  TableArn: required(tableArn),
  ExportTime: instant,
  ClientToken: clientToken,
  S3Bucket: required(s3Bucket),
  S3BucketOwner: s3BucketOwner,
  S3Prefix: s3Prefix,
  S3SseAlgorithm: s3SseAlgorithm,
  S3SseKmsKeyId: s3SseKmsKeyId,
  ExportFormat: choice('DYNAMODB_JSON', 'ION'),
  ExportType: choice('FULL_EXPORT', 'INCREMENTAL_EXPORT'),
  IncrementalExportSpecification: incrementalExportSpecification,
  FilterSpecification: filterSpecification,
})

const describeExportInput: StructureShape = structure('DescribeExportInput', {
  ExportArn: required(text({ min: 37, max: 1024 })),
})

const listExportsInput: StructureShape = structure('ListExportsInput', {
  TableArn: tableArn,
  MaxResults: integer({ min: 1, max: 25 }),
  NextToken: text(),
})

const s3BucketSource: StructureShape = structure('S3BucketSource', {
  S3BucketOwner: s3BucketOwner,
  S3Bucket: required(s3Bucket),
  S3KeyPrefix: s3Prefix,
})

const csvOptions: StructureShape = structure('CsvOptions', {
  Delimiter: text({ min: 1, max: 1, pattern: String.raw`[,;:|\t ]` }),
  HeaderList: list(text({ min: 1, max: 65536, pattern: String.raw`[\x20-\x21\x23-\x2B\x2D-\x7E]*` }), {
    min: 1,
    max: 255,
  }),
})

const inputFormatOptions: StructureShape = structure('InputFormatOptions', { Csv: csvOptions })

const inputCompressionType: TextShape = choice('GZIP', 'ZSTD', 'NONE')

const tableCreationParameters: StructureShape = structure('TableCreationParameters', {
  TableName: required(tableName),
  AttributeDefinitions: required(attributeDefinitions),
  KeySchema: required(keySchema),
  BillingMode: billingMode,
  ProvisionedThroughput: provisionedThroughput,
  OnDemandThroughput: onDemandThroughput,
  SSESpecification: sseSpecification,
  GlobalSecondaryIndexes: globalSecondaryIndexList,
  VectorIndexes: vectorIndexList,
})

const importTableInput: StructureShape = structure('ImportTableInput', {
  ClientToken: clientToken,
  S3BucketSource: required(s3BucketSource),
  InputFormat: required(choice('DYNAMODB_JSON', 'ION', 'CSV')),
  InputFormatOptions: inputFormatOptions,
  InputCompressionType: inputCompressionType,
  TableCreationParameters: required(tableCreationParameters),
})

const describeImportInput: StructureShape = structure('DescribeImportInput', {
  ImportArn: required(text({ min: 37, max: 1024 })),
})

const listImportsInput: StructureShape = structure('ListImportsInput', {
  TableArn: tableArn,
  PageSize: integer({ min: 1, max: 25 }),
  NextToken: text({ min: 112, max: 1024, pattern: '([0-9a-f]{16})+' }),
})

const inputS3Configuration: StructureShape = structure('InputS3Configuration', {
  S3BucketOwner: s3BucketOwner,
  S3Bucket: required(s3Bucket),
  S3KeyPrefix: s3Prefix,
  InputFormat: required(choice('DYNAMODB_JSON', 'ION')),
  InputCompressionType: inputCompressionType,
})

const outputS3Configuration: StructureShape = structure('OutputS3Configuration', {
  S3BucketOwner: s3BucketOwner,
  S3Bucket: s3Bucket,
  S3KeyPrefix: s3Prefix,
  S3SseAlgorithm: s3SseAlgorithm,
  S3SseKmsKeyId: s3SseKmsKeyId,
  OutputType: required(list(choice('ERROR', 'CONDITION_CHECK_FAILURE'))),
})

const startBulkPutItemsInput: StructureShape = structure('StartBulkPutItemsInput', {
  ClientToken: clientToken,
  InputS3Configuration: required(inputS3Configuration),
  OutputS3Configuration: required(outputS3Configuration),
  TableName: required(tableArn),
  MaxWriteRequestUnits: long({ min: 1024 }),
  PerformanceTier: choice('STANDARD', 'ACCELERATED'),
})

const bulkOperationArn: TextShape = text({ min: 37, max: 1024 })

const describeBulkOperationInput: StructureShape = structure('DescribeBulkOperationInput', {
  BulkOperationArn: required(bulkOperationArn),
})

const listBulkOperationsInput: StructureShape = structure('ListBulkOperationsInput', {
  MaxResults: integer({ min: 1, max: 25 }),
  NextToken: text({ min: 1, max: 1024, pattern: '([0-9a-f]{16})+' }),
})

const cancelBulkOperationInput: StructureShape = structure('CancelBulkOperationInput', {
  BulkOperationArn: required(bulkOperationArn),
})

/** By the name of the operation. */
export const transferInputs: ReadonlyMap<string, StructureShape> = new Map([
  ['ExportTableToPointInTime', exportTableToPointInTimeInput],
  ['DescribeExport', describeExportInput],
  ['ListExports', listExportsInput],
  ['ImportTable', importTableInput],
  ['DescribeImport', describeImportInput],
  ['ListImports', listImportsInput],
  ['StartBulkPutItems', startBulkPutItemsInput],
  ['DescribeBulkOperation', describeBulkOperationInput],
  ['ListBulkOperations', listBulkOperationsInput],
  ['CancelBulkOperation', cancelBulkOperationInput],
])
