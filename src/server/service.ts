/** The back of the AWS door: performs DynamoDB's operations on a backend, and refuses in DynamoDB's words. */
import type { Backend } from '../backend.js'
import { AwsError } from './aws-error.js'
import { awsErrorOf } from './native-error.js'
import { OPERATIONS } from './operations.js'
import type { Members, Performer } from './performer.js'
import type { ServiceContext } from './service-context.js'

export interface ServiceOptions {
  /** The region that ARNs name. @default 'us-east-1' */
  readonly region?: string
  /** The account that ARNs name. @default '000000000000' */
  readonly accountId?: string
}

export function createService(backend: Backend, options: ServiceOptions = {}): Performer {
  const { region = 'us-east-1', accountId = '000000000000' } = options
  const context: ServiceContext = { backend, region, accountId }
  return {
    async perform(operation: string, input: Members): Promise<Members> {
      const run = OPERATIONS.get(operation)
      if (run === undefined) throw new AwsError('UnknownOperationException', '')
      try {
        return await run(context, input)
      } catch (failure) {
        throw awsErrorOf(failure)
      }
    },
  }
}
