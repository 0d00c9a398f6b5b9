/** Every operation there is: what it accepts, which service it belongs to, and whether it may change anything. */
import { backupInputs } from './backup-shapes.js'
import { itemInputs } from './item-shapes.js'
import { replicaInputs } from './replica-shapes.js'
import { resourceInputs } from './resource-shapes.js'
import type { StructureShape } from './shape.js'
import { statementInputs } from './statement-shapes.js'
import { streamInputs } from './stream-shapes.js'
import { tableInputs } from './table-shapes.js'
import { transferInputs } from './transfer-shapes.js'

export interface Operation {
  readonly name: string
  readonly input: StructureShape
  /** `read` changes nothing, `write` may, and `statement` depends on what its statements say. */
  readonly access: 'read' | 'write' | 'statement'
  /** Whether its answer may hold times, which are `Date`s to users of an SDK. */
  readonly answersTimes: boolean
}

const READS = /^(?:Get|BatchGet|TransactGet|Query$|Scan$|Search|Describe|List)/

/** By what a request says in `X-Amz-Target`: the two services have an endpoint in common. */
export const operationsByTarget: ReadonlyMap<string, Operation> = new Map([
  ...operationsOf('DynamoDB_20120810', [
    ...[itemInputs, statementInputs, tableInputs, resourceInputs],
    ...[backupInputs, transferInputs, replicaInputs],
  ]),
  ...operationsOf('DynamoDBStreams_20120810', [streamInputs]),
])

export const operationsByName: ReadonlyMap<string, Operation> = new Map(
  [...operationsByTarget.values()].map((operation) => [operation.name, operation]),
)

function operationsOf(
  service: string,
  inputs: readonly ReadonlyMap<string, StructureShape>[],
): [target: string, operation: Operation][] {
  return inputs.flatMap((group) =>
    [...group].map(([name, input]): [string, Operation] => {
      const access = group === statementInputs ? 'statement' : READS.test(name) ? 'read' : 'write'
      const answersTimes = group !== itemInputs && group !== statementInputs
      return [`${service}.${name}`, { name, input, access, answersTimes }]
    }),
  )
}
