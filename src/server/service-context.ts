/** What every operation of the AWS door works with. */
import type { Backend } from '../backend.js'
import type { Members } from './performer.js'

export interface ServiceContext {
  readonly backend: Backend
  /** What stands in ARNs. */
  readonly region: string
  readonly accountId: string
}

/** One of DynamoDB's operations. The input has the shape that DynamoDB's model demands. */
export type Operation = (context: ServiceContext, input: Members) => Promise<Members>
