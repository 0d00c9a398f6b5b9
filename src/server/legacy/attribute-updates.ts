/**
 * The older form of updates: for each attribute an action. `PUT` writes it, `ADD` adds to a number, a set or a list, `DELETE`
 * takes it away or, with a value, elements out of a set.
 */
import { typeOf } from '../../model/expression/dynamodb/attribute-type.js'
import { keyNotUpdatable } from '../../model/expression/dynamodb/wording.js'
import { fragment, ItemChange } from '../../model/expression/item-change.js'
import { addNumbers, isNumberValue } from '../../model/item/decimal.js'
import { elementIdentity } from '../../model/item/equality.js'
import type { Item } from '../../model/item/item.js'
import { validationError } from '../aws-error.js'
import type { AttributeValue } from '../value/attribute-value.js'
import { checkName, nativeValue } from '../value/native-value.js'
import { UPDATE_TYPE_MISMATCH, UPDATE_WITHOUT_VALUE, wrongUpdateType } from '../wording.js'

export interface AttributeUpdateInput {
  readonly Action?: 'PUT' | 'ADD' | 'DELETE'
  readonly Value?: AttributeValue
}

export type AttributeUpdateMap = Readonly<Record<string, AttributeUpdateInput>>

export interface AttributeUpdate {
  readonly name: string
  readonly action: 'PUT' | 'ADD' | 'DELETE'
  /** Undefined to delete all of it. */
  readonly value: unknown
}

const ADDED_TYPES: ReadonlySet<string> = new Set(['N', 'SS', 'NS', 'BS', 'L'])
const SET_TYPES: ReadonlySet<string> = new Set(['SS', 'NS', 'BS'])

/** @throws {AwsError} ValidationException, when one of them is none. */
export function attributeUpdates(updates: AttributeUpdateMap): readonly AttributeUpdate[] {
  return Object.keys(updates).map((name) => {
    checkName(name)
    const { Action: action = 'PUT', Value: given } = updates[name]!
    const value = given === undefined ? undefined : nativeValue(given)
    if (value === undefined) {
      if (action !== 'DELETE') throw validationError(UPDATE_WITHOUT_VALUE)
      return { name, action, value }
    }
    const type = typeOf(value)
    if (action === 'DELETE' && !SET_TYPES.has(type))
      throw validationError(wrongUpdateType('DELETE action with value', type))
    if (action === 'ADD' && !ADDED_TYPES.has(type)) throw validationError(wrongUpdateType('ADD action', type))
    return { name, action, value }
  })
}

export class AttributeUpdatesChange extends ItemChange {
  readonly #updates: readonly AttributeUpdate[]
  #written: readonly string[] = []

  /** @throws {ValidationException} When one of the attributes is part of the key. */
  constructor(updates: readonly AttributeUpdate[], keyAttributeNames: readonly string[]) {
    super()
    const key = updates.find(({ name }) => keyAttributeNames.includes(name))
    if (key !== undefined) throw keyNotUpdatable(key.name)
    this.#updates = updates
  }

  override apply(old: Item | undefined, key: Item): Item {
    const item: Item = { ...(old ?? key) }
    const written: string[] = []
    for (const update of this.#updates) {
      const value = updated(Object.hasOwn(item, update.name) ? item[update.name] : undefined, update)
      if (value === undefined) delete item[update.name]
      else {
        item[update.name] = value
        written.push(update.name)
      }
    }
    this.#written = written
    return item
  }

  override updatedOld(old: Item | undefined): Item | undefined {
    return (
      old &&
      picked(
        old,
        this.#updates.map(({ name }) => name),
      )
    )
  }

  override updatedNew(stored: Item): Item | undefined {
    return picked(stored, this.#written)
  }
}

/** The value afterwards; undefined for none. */
function updated(old: unknown, { action, value }: AttributeUpdate): unknown {
  if (action === 'PUT') return value
  if (action === 'DELETE' && value === undefined) return undefined
  if (old === undefined) return action === 'ADD' ? value : undefined
  if (typeOf(old) !== typeOf(value)) throw validationError(UPDATE_TYPE_MISMATCH)
  if (isNumberValue(old) && isNumberValue(value)) return addNumbers(old, value)
  if (Array.isArray(old)) return [...old, ...(value as readonly unknown[])]
  const elements = new Map([...(old as ReadonlySet<unknown>)].map((element) => [elementIdentity(element), element]))
  for (const element of value as ReadonlySet<unknown>) {
    if (action === 'ADD') elements.set(elementIdentity(element), element)
    else elements.delete(elementIdentity(element))
  }
  return elements.size === 0 ? undefined : new Set(elements.values())
}

function picked(item: Item, names: readonly string[]): Item | undefined {
  return fragment(names.map((name) => [[name], Object.hasOwn(item, name) ? item[name] : undefined]))
}
