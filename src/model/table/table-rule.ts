/**
 * What makes a definition valid: DynamoDB's rules for names, keys and indexes.
 *
 * `checkTableDefinition` hands back a frozen copy that holds only what was checked. Its indexes have no prototype, so
 * that no name finds anything that nobody defined.
 */
import { ValidationException } from '../../errors.js'
import { type IndexDefinition, indexKeyNames } from '../index/index-definition.js'
import { checkIndexes } from '../index/index-rule.js'
import { isPlainObject } from '../item/plain-object.js'
import type { KeyType } from '../key/key-codec.js'
import { checkAttributeName, definitionRefusal, isName, NAME_RULE, shownName } from '../key/name-rule.js'
import type { AttributeTypes, KeyAttributes, TableDefinition } from './table-definition.js'

/** @throws {ValidationException} `TABLE_NAME` or `TABLE_DEFINITION`. */
export function checkTableDefinition(definition: unknown): TableDefinition {
  if (!isPlainObject(definition))
    throw new ValidationException('TABLE_DEFINITION', 'Cannot define a table: it is no object')
  const name = checkTableName(definition['name'])
  const key = checkKey(name, definition['key'])
  const indexes = checkIndexes(name, key, definition['indexes'])
  const { ttl, isPortable, attributeTypes } = definition
  if (isPortable !== undefined && typeof isPortable !== 'boolean') {
    throw definitionRefusal(name, '"portable" is true or false')
  }
  return Object.freeze({
    ...{ name, key, indexes },
    ...(attributeTypes !== undefined && { attributeTypes: checkAttributeTypes(name, attributeTypes, key, indexes) }),
    ...(ttl !== undefined && { ttl: checkAttributeName(name, 'its ttl', ttl) }),
    ...(isPortable !== undefined && { isPortable }),
  })
}

/** @throws {ValidationException} `TABLE_NAME` when no table can be called so. */
export function checkTableName(name: unknown): string {
  if (isName(name)) return name
  throw new ValidationException('TABLE_NAME', `Cannot call a table ${shownName(name)}: ${NAME_RULE}`)
}

function checkKey(table: string, key: unknown): KeyAttributes {
  if (!Array.isArray(key) || key.length < 1 || key.length > 2) {
    const rule = "its key is a list of one or two attribute names: ['partition'] or ['partition', 'sort']"
    throw definitionRefusal(table, rule)
  }
  const [partition, sort] = [...(key as unknown[])].map((name) => checkAttributeName(table, 'its key', name)) as [
    string,
    string?,
  ]
  if (sort === undefined) return Object.freeze([partition] as const)
  if (partition === sort) throw definitionRefusal(table, `its key names the attribute ${shownName(sort)} twice`)
  return Object.freeze([partition, sort] as const)
}

const KEY_TYPES: readonly unknown[] = ['S', 'N', 'B'] satisfies KeyType[]

/** @param types By name, as an object or a map: of attributes that are in some key, and of no others. */
function checkAttributeTypes(
  table: string,
  types: unknown,
  key: KeyAttributes,
  indexes: Readonly<Record<string, IndexDefinition>>,
): AttributeTypes {
  if (!(types instanceof Map) && !isPlainObject(types)) {
    throw definitionRefusal(table, 'the types of its attributes are an object: a name and a type for each')
  }
  const known = new Set<string>([...key, ...Object.values(indexes).flatMap(indexKeyNames)])
  const checked = new Map<string, KeyType>()
  for (const [name, type] of types instanceof Map ? (types as Map<unknown, unknown>) : Object.entries(types)) {
    if (!known.has(name as string)) {
      throw definitionRefusal(table, `it has a type for ${shownName(name)}, which is in no key`)
    }
    if (!KEY_TYPES.includes(type)) {
      throw definitionRefusal(table, `the type of ${shownName(name)} is ${shownName(type)}: it is S, N or B`)
    }
    checked.set(name as string, type as KeyType)
  }
  return checked
}
