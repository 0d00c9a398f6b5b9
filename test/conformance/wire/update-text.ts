/** An update as DynamoDB's expression; undefined for one that changes nothing, and only makes an item that is not there. */
import type { UpdateRequest } from '../../../src/backend.js'
import { ValidationException } from '../../../src/errors.js'
import { isExpressionSource } from '../../../src/model/expression/dynamodb/expression-source.js'
import { translateUpdate } from '../../../src/model/expression/translate/translate.js'
import { checkUpdate } from '../../../src/model/expression/update.js'
import { itemInput, preparedItemInput } from './item-input.js'
import type { RequestExpressions } from './request-expressions.js'

/** @throws {ValidationException} */
export function updateText({ update, validate }: UpdateRequest, expressions: RequestExpressions): string | undefined {
  if (validate !== undefined) {
    const reason = 'what it makes of the item is not known before, so the schema can’t be asked; put the whole item'
    throw new ValidationException('OPTION', `Cannot update the item: ${reason}`)
  }
  if (isExpressionSource(update)) return expressions.add(translateUpdate(update))
  const { set, add, remove, append } = checkUpdate(update, [])
  const values = { ...set, ...add, ...append }
  // Values that no item can hold are refused in the words that there are for items.
  itemInput(values)
  if (remove.length === 0 && Object.keys(values).length === 0) return undefined
  try {
    return expressions.add(translateUpdate(update))
  } catch (failure) {
    // An expression has 2 MB of values at most, which is more than any item.
    preparedItemInput(values)
    throw failure
  }
}
