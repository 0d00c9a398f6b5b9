/** What every operation of the AWS door works with. */
import type { Backend } from '../backend.js'
import type { Clock } from '../base/clock.js'
import type { Members } from './performer.js'
import type { TableTransitions } from './table/table-transitions.js'

export interface ServiceContext {
  readonly backend: Backend
  /** What stands in ARNs. */
  readonly region: string
  readonly accountId: string
  /** Where clients that ask for it are told to go: a host, with a port if it needs one. */
  readonly endpoint: () => string
  readonly clock: Clock
  /** What tables are said to be in the middle of. */
  readonly transitions: TableTransitions
  /** Whether the tables it creates are marked as such that a seed has not filled yet. */
  readonly isSeeding: boolean
}

/** One of DynamoDB's operations. The input has the shape that DynamoDB's model demands. */
export type Operation = (context: ServiceContext, input: Members) => Promise<Members>
