/**
 * A transaction as one `TransactWriteItems`. DynamoDB has none that reads first and then writes: it takes writes and checks,
 * all of them in one request, and so nothing can be read in one.
 */
import type {
  BackendTransaction,
  CheckRequest,
  DeleteRequest,
  PutRequest,
  UpdateRequest,
  WriteRequest,
} from '../../../src/backend.js'
import { ValidationException } from '../../../src/errors.js'
import type { Item } from '../../../src/model/item/item.js'
import type { AttributeMap } from '../../../src/server/value/attribute-value.js'
import type { Members } from './dynamodb-client.js'
import { filterText } from './filter-expression.js'
import { itemInput } from './item-input.js'
import { RequestExpressions } from './request-expressions.js'
import { updateText } from './update-text.js'
import type { Call } from './wire-read.js'

const TOKEN_LIMIT = 36

export class WireTransaction implements BackendTransaction {
  readonly #call: Call
  readonly #keyInput: (table: string, key: Item) => AttributeMap
  readonly #actions: Members[] = []
  readonly #tables: string[] = []

  constructor(call: Call, keyInput: (table: string, key: Item) => AttributeMap) {
    this.#call = call
    this.#keyInput = keyInput
  }

  put(request: PutRequest): void {
    const { item, validate = (same: Item) => same } = request
    this.#add('Put', request, { Item: itemInput(validate(item)) })
  }

  update(request: UpdateRequest): void {
    const expressions = new RequestExpressions()
    const UpdateExpression = updateText(request, expressions)
    this.#add('Update', request, { Key: this.#key(request), UpdateExpression }, expressions, isOldAsked(request))
  }

  delete(request: DeleteRequest): void {
    this.#add('Delete', request, { Key: this.#key(request) })
  }

  check(request: CheckRequest): void {
    this.#add('ConditionCheck', request, { Key: this.#key(request) })
  }

  async get(): Promise<never> {
    throw noReads()
  }

  async query(): Promise<never> {
    throw noReads()
  }

  /** DynamoDB keeps that a transaction was done, but not what somebody made of it. */
  async answered(token: string): Promise<undefined> {
    if (typeof token === 'string' && token.length >= 1 && token.length <= TOKEN_LIMIT) return
    const reason = `its token is a text of 1 to ${TOKEN_LIMIT} characters`
    throw new ValidationException('TRANSACTION', `Cannot run the transaction: ${reason}`)
  }

  async commit(answer: unknown, token?: string): Promise<unknown> {
    if (this.#actions.length === 0) return answer
    await this.#call('TransactWriteItems', this.#tables[0], { TransactItems: this.#actions, ClientRequestToken: token })
    return answer
  }

  end(): void {}

  #key({ table, key }: { readonly table: string; readonly key: Item }): AttributeMap {
    return this.#keyInput(table, key)
  }

  #add(
    kind: 'Put' | 'Update' | 'Delete' | 'ConditionCheck',
    { table, condition, returnOld }: WriteRequest,
    members: Members,
    expressions: RequestExpressions = new RequestExpressions(),
    returnsOld = returnOld === true,
  ): void {
    const ConditionExpression = filterText(condition, 'ConditionExpression', expressions)
    const action = {
      ...{ TableName: table, ...members, ConditionExpression, ...expressions.members },
      ...(returnsOld && { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' }),
    }
    this.#actions.push({ [kind]: action })
    this.#tables.push(table)
  }
}

function noReads(): ValidationException {
  const reason = 'DynamoDB has none that reads and writes; read before it, and give conditions'
  return new ValidationException('TRANSACTION', `Cannot read in the transaction: ${reason}`)
}

function isOldAsked({ returnOld, returns }: UpdateRequest): boolean {
  return returnOld ?? returns === 'old'
}
