/** One action of TransactWriteItems: what it says is checked alone, then it is added to a transaction of the engine. */
import type { BackendTransaction, ItemImages, KnownTable } from '../../backend.js'
import { ValidationException } from '../../errors.js'
import { UPDATE_TOO_BIG } from '../../model/expression/dynamodb/wording.js'
import type { ItemChange } from '../../model/expression/item-change.js'
import { ITEM_BYTE_LIMIT, type Item } from '../../model/item/item.js'
import { itemSize } from '../../model/item/item-size.js'
import { keyOf } from '../../model/key/key-schema.js'
import { AwsError, validationError } from '../aws-error.js'
import { changeOf } from '../operation/update-item.js'
import type { Members } from '../performer.js'
import {
  type BoundExpressions,
  bindExpressions,
  checkParameters,
  type ParameterNames,
} from '../request/expression-parameters.js'
import { itemRule } from '../request/item-rule.js'
import { checkKey } from '../request/key-of-request.js'
import { checkKeyPaths } from '../request/key-paths.js'
import { findTable } from '../request/table-of-request.js'
import type { ServiceContext } from '../service-context.js'
import type { AttributeMap } from '../value/attribute-value.js'
import { nativeItem } from '../value/native-value.js'
import { ITEM_TOO_BIG, NO_ACTION, SEVERAL_ACTIONS } from '../wording.js'
import type { Refusal } from './cancellation.js'

interface ActionInput extends Members {
  readonly TableName: string
  readonly Key?: AttributeMap
  readonly Item?: AttributeMap
  readonly ReturnValuesOnConditionCheckFailure?: 'ALL_OLD' | 'NONE'
}

export type TransactWriteItem = Readonly<Partial<Record<Kind, ActionInput>>>

type Kind = 'ConditionCheck' | 'Put' | 'Delete' | 'Update'

const KINDS: readonly Kind[] = ['ConditionCheck', 'Put', 'Delete', 'Update']
const CONDITION: ParameterNames = { expressions: ['ConditionExpression'], others: [] }
const UPDATE: ParameterNames = { expressions: ['UpdateExpression', 'ConditionExpression'], others: [] }

export class WriteAction {
  /** As the request names it. */
  readonly tableName: string
  /** The item of a put, the key of any other action. */
  readonly item: Item
  readonly images: ItemImages = { before: undefined, after: undefined }
  readonly #kind: Kind
  readonly #input: ActionInput
  readonly #expressions: BoundExpressions
  #table: KnownTable | undefined
  #change: ItemChange | undefined

  /** @throws {AwsError} ValidationException, when it is none, whatever table it is about. */
  constructor(given: TransactWriteItem) {
    const kinds = KINDS.filter((kind) => given[kind] !== undefined)
    const [kind] = kinds
    if (kind === undefined) throw validationError(NO_ACTION)
    if (kinds.length > 1) throw validationError(SEVERAL_ACTIONS)
    const input = given[kind]!
    const parameters = kind === 'Update' ? UPDATE : CONDITION
    checkParameters(input, parameters)
    this.#kind = kind
    this.#input = input
    this.tableName = input.TableName
    this.item = nativeItem((kind === 'Put' ? input.Item : input.Key)!)
    if (kind === 'Put' && itemSize(this.item) > ITEM_BYTE_LIMIT) throw validationError(ITEM_TOO_BIG)
    this.#expressions = bindExpressions(input, parameters)
  }

  get table(): KnownTable {
    return this.#table!
  }

  get isWrite(): boolean {
    return this.#kind !== 'ConditionCheck'
  }

  /** The attributes of its key, when it has passed all checks. */
  get key(): Item {
    const { partition, sort } = keyOf(this.table.key, this.item)
    const pairs = [[this.table.key.partition.name, partition] as const]
    if (this.table.key.sort !== undefined) pairs.push([this.table.key.sort.name, sort!])
    return Object.fromEntries(pairs)
  }

  /** @throws {AwsError} ResourceNotFoundException */
  findTable(context: ServiceContext): void {
    this.#table = findTable(context, this.tableName)
  }

  /**
   * What is wrong with it in its table: a reason to cancel the transaction.
   *
   * @throws {ValidationException} When a value of its key is none that any key could have: that ends everything.
   */
  refusal(): Refusal {
    try {
      this.#check(this.table)
      return undefined
    } catch (failure) {
      if (failure instanceof ValidationException && ENDING.has(failure.code)) throw failure
      if (failure instanceof ValidationException || failure instanceof AwsError) return failure
      throw failure
    }
  }

  /** @param isMeasured Whether somebody wants to know what it has changed. */
  addTo(transaction: BackendTransaction, isMeasured: boolean): void {
    const { item } = this
    const request = {
      table: this.table.name,
      condition: this.#expressions.condition,
      returnOld: this.#input.ReturnValuesOnConditionCheckFailure === 'ALL_OLD',
      images: isMeasured ? this.images : undefined,
    }
    switch (this.#kind) {
      case 'Put':
        transaction.put({ ...request, item })
        break
      case 'Update': {
        const validate = itemRule(this.table, UPDATE_TOO_BIG, this.#expressions.update?.compiled.copied)
        transaction.update({ ...request, key: item, update: this.#change, validate })
        break
      }
      case 'Delete':
        transaction.delete({ ...request, key: item })
        break
      case 'ConditionCheck':
        transaction.check({ ...request, key: item })
    }
  }

  #check(table: KnownTable): void {
    if (this.#kind === 'Put') {
      keyOf(table.key, this.item)
      itemRule(table, ITEM_TOO_BIG)?.(this.item)
    } else checkKey(table, this.item)
    if (this.#kind === 'Update') this.#change = changeOf(table, this.#expressions.update)
    checkKeyPaths(table, this.#expressions.nested)
  }
}

/** An empty key, or one that is too long, is refused before anybody looks at the rest of the transaction. */
const ENDING: ReadonlySet<string> = new Set(['KEY_EMPTY', 'KEY_TOO_LONG'])
