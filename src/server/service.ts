/** The back of the AWS door: performs DynamoDB's operations on a backend, and refuses in DynamoDB's words. */
import type { Backend } from '../backend.js'
import { type Clock, systemClock } from '../base/clock.js'
import { AwsError } from './aws-error.js'
import { awsErrorOf } from './native-error.js'
import { OPERATIONS } from './operations.js'
import type { Members, Performer } from './performer.js'
import type { ServiceContext } from './service-context.js'
import { TableTransitions } from './table/table-transitions.js'

export interface ServiceOptions {
  /** The region that ARNs name. @default 'us-east-1' */
  readonly region?: string
  /** The account that ARNs name. @default '000000000000' */
  readonly accountId?: string
  /** Where `DescribeEndpoints` says that the tables are: a host, with a port if it needs one. @default 'localhost' */
  readonly endpoint?: () => string
  /** For how long tables are said to be created, changed and deleted, which they are at once. @default 0 */
  readonly tableDelayMs?: number
  /** Whether it is a seed that creates tables: they are marked as unfinished. @default false */
  readonly isSeeding?: boolean
  /** What times in answers are told by. @default the system's */
  readonly clock?: Clock
}

export function createService(backend: Backend, options: ServiceOptions = {}): Performer {
  const { region = 'us-east-1', accountId = '000000000000', endpoint = () => 'localhost' } = options
  const { tableDelayMs = 0, clock = systemClock, isSeeding = false } = options
  const transitions = new TableTransitions(clock, tableDelayMs)
  const context: ServiceContext = { backend, region, accountId, endpoint, clock, transitions, isSeeding }
  return {
    async perform(operation: string, input: Members): Promise<Members> {
      try {
        // Here, for all of them: some have their answer without a look at anything that could be closed.
        backend.checkOpen()
        const run = OPERATIONS.get(operation)
        if (run === undefined) throw new AwsError('UnknownOperationException', '')
        return await run(context, input)
      } catch (failure) {
        throw awsErrorOf(failure)
      }
    },
  }
}
