/** What the operations on what belongs to a table accept: tags, policies, limits, contributor insights, Kinesis destinations. */
import { indexName, tableArn, tagKeyString, tagList } from './common-shapes.js'
import { choice, flag, integer, list, required, type StructureShape, structure, type TextShape, text } from './shape.js'

const resourceArnString: TextShape = text({ min: 1, max: 1283 })

const tagResourceInput: StructureShape = structure('TagResourceInput', {
  ResourceArn: required(resourceArnString),
  Tags: required(tagList),
})

const untagResourceInput: StructureShape = structure('UntagResourceInput', {
  ResourceArn: required(resourceArnString),
  TagKeys: required(list(tagKeyString)),
})

const listTagsOfResourceInput: StructureShape = structure('ListTagsOfResourceInput', {
  ResourceArn: required(resourceArnString),
  NextToken: text(),
})

const policyRevisionId: TextShape = text({ min: 1, max: 255 })

const putResourcePolicyInput: StructureShape = structure('PutResourcePolicyInput', {
  ResourceArn: required(resourceArnString),
  Policy: required(text()),
  ExpectedRevisionId: policyRevisionId,
  ConfirmRemoveSelfResourceAccess: flag,
})

const getResourcePolicyInput: StructureShape = structure('GetResourcePolicyInput', {
  ResourceArn: required(resourceArnString),
})

const deleteResourcePolicyInput: StructureShape = structure('DeleteResourcePolicyInput', {
  ResourceArn: required(resourceArnString),
  ExpectedRevisionId: policyRevisionId,
})

const describeLimitsInput: StructureShape = structure('DescribeLimitsInput', {})

const describeEndpointsRequest: StructureShape = structure('DescribeEndpointsRequest', {})

const describeContributorInsightsInput: StructureShape = structure('DescribeContributorInsightsInput', {
  TableName: required(tableArn),
  IndexName: indexName,
})

const updateContributorInsightsInput: StructureShape = structure('UpdateContributorInsightsInput', {
  TableName: required(tableArn),
  IndexName: indexName,
  ContributorInsightsAction: required(choice('ENABLE', 'DISABLE')),
  ContributorInsightsMode: choice('ACCESSED_AND_THROTTLED_KEYS', 'THROTTLED_KEYS'),
})

const listContributorInsightsInput: StructureShape = structure('ListContributorInsightsInput', {
  TableName: tableArn,
  NextToken: text(),
  MaxResults: integer({ max: 100 }),
})

const describeKinesisStreamingDestinationInput: StructureShape = structure('DescribeKinesisStreamingDestinationInput', {
  TableName: required(tableArn),
})

const streamArn: TextShape = text({ min: 37, max: 1024 })

const approximateCreationDateTimePrecision: TextShape = choice('MILLISECOND', 'MICROSECOND')

const enableKinesisStreamingConfiguration: StructureShape = structure('EnableKinesisStreamingConfiguration', {
  ApproximateCreationDateTimePrecision: approximateCreationDateTimePrecision,
})

const kinesisStreamingDestinationInput: StructureShape = structure('KinesisStreamingDestinationInput', {
  TableName: required(tableArn),
  StreamArn: required(streamArn),
  EnableKinesisStreamingConfiguration: enableKinesisStreamingConfiguration,
})

const updateKinesisStreamingConfiguration: StructureShape = structure('UpdateKinesisStreamingConfiguration', {
  ApproximateCreationDateTimePrecision: approximateCreationDateTimePrecision,
})

const updateKinesisStreamingDestinationInput: StructureShape = structure('UpdateKinesisStreamingDestinationInput', {
  TableName: required(tableArn),
  StreamArn: required(streamArn),
  UpdateKinesisStreamingConfiguration: updateKinesisStreamingConfiguration,
})

/** By the name of the operation. */
export const resourceInputs: ReadonlyMap<string, StructureShape> = new Map([
  ['TagResource', tagResourceInput],
  ['UntagResource', untagResourceInput],
  ['ListTagsOfResource', listTagsOfResourceInput],
  ['PutResourcePolicy', putResourcePolicyInput],
  ['GetResourcePolicy', getResourcePolicyInput],
  ['DeleteResourcePolicy', deleteResourcePolicyInput],
  ['DescribeLimits', describeLimitsInput],
  ['DescribeEndpoints', describeEndpointsRequest],
  ['DescribeContributorInsights', describeContributorInsightsInput],
  ['UpdateContributorInsights', updateContributorInsightsInput],
  ['ListContributorInsights', listContributorInsightsInput],
  ['DescribeKinesisStreamingDestination', describeKinesisStreamingDestinationInput],
  ['EnableKinesisStreamingDestination', kinesisStreamingDestinationInput],
  ['DisableKinesisStreamingDestination', kinesisStreamingDestinationInput],
  ['UpdateKinesisStreamingDestination', updateKinesisStreamingDestinationInput],
])
