/**
 * What makes the indexes of a definition valid. Each is given in short, as a key alone, or as an object with a `key`; it
 * comes back as an `IndexDefinition`, frozen, with nothing in it that was not checked.
 *
 * Where DynamoDB has a sentence for a refusal it is used word for word.
 */
import { ValidationException } from '../../errors.js'
import { isPlainObject } from '../item/plain-object.js'
import {
  checkAttributeName,
  definitionRefusal,
  isName,
  NAME_RULE,
  shownName,
  UNSAFE_NAME_RULE,
} from '../key/name-rule.js'
import { type IndexDefinition, type IndexProjection, indexKeyNames } from './index-definition.js'

/** How many global and how many local indexes a table may have. */
export const GLOBAL_INDEX_LIMIT = 20
export const LOCAL_INDEX_LIMIT = 5
/** How many attributes each side of an index's key may have: the partition key, and the sort key. */
export const KEY_SIDE_LIMIT = 4
/** How many attributes one index may project besides keys, and all indexes of a table together. */
export const PROJECTED_ATTRIBUTE_LIMIT = 20
export const TOTAL_PROJECTED_ATTRIBUTE_LIMIT = 100

const OPTIONS = ['key', 'local', 'unique', 'multi', 'covering', 'projection']
const KEY_EXAMPLE = "['partition'], ['partition', 'sort'] or [['a', 'b'], ['c', 'd']]"
const INVALID = 'One or more parameter values were invalid:'

/**
 * @param tableKey The attributes of the table's key, for local indexes.
 * @throws {ValidationException} `TABLE_DEFINITION`
 */
export function checkIndexes(
  table: string,
  tableKey: readonly string[],
  indexes: unknown,
): Readonly<Record<string, IndexDefinition>> {
  const checked = Object.create(null) as Record<string, IndexDefinition>
  if (indexes === undefined) return Object.freeze(checked)
  if (!isPlainObject(indexes)) throw definitionRefusal(table, 'its indexes are an object: a name and a key for each')
  for (const name of Object.keys(indexes)) {
    if (!isName(name)) throw definitionRefusal(table, `no index can be called ${shownName(name)}: ${NAME_RULE}`)
    if (name === '__proto__') {
      throw definitionRefusal(table, `no index can be called ${shownName(name)}, ${UNSAFE_NAME_RULE}`)
    }
    checked[name] = new IndexRule(table, tableKey, name).check(indexes[name])
  }
  checkIndexCounts(Object.values(checked))
  return Object.freeze(checked)
}

/**
 * Whether one table can have all of these.
 *
 * @throws {ValidationException} `TABLE_DEFINITION`
 */
export function checkIndexCounts(indexes: readonly IndexDefinition[]): void {
  const localCount = indexes.filter(({ isLocal }) => isLocal).length
  if (localCount > LOCAL_INDEX_LIMIT) {
    throw refusal(`Number of LocalSecondaryIndexes exceeds per-table limit of ${LOCAL_INDEX_LIMIT}`)
  }
  if (indexes.length - localCount > GLOBAL_INDEX_LIMIT) {
    throw refusal(`GlobalSecondaryIndex count exceeds the per-table limit of ${GLOBAL_INDEX_LIMIT}`)
  }
  const projected = indexes.reduce((sum, { projection }) => sum + attributesOf(projection).length, 0)
  if (projected > TOTAL_PROJECTED_ATTRIBUTE_LIMIT) {
    throw refusal(
      `the indexes project ${projected} attributes besides keys, at most ${TOTAL_PROJECTED_ATTRIBUTE_LIMIT} are ` +
        "allowed; use the projection 'ALL'",
    )
  }
}

/** The checks of one index. */
class IndexRule {
  readonly #table: string
  readonly #tableKey: readonly string[]
  readonly #name: string

  constructor(table: string, tableKey: readonly string[], name: string) {
    this.#table = table
    this.#tableKey = tableKey
    this.#name = name
  }

  check(given: unknown): IndexDefinition {
    const options = this.#options(given)
    const { partition, sort } = this.#key(options['key'])
    const isLocal = this.#flag('local', options['local'])
    const isUnique = this.#flag('unique', options['unique'])
    if (isLocal) this.#checkLocal(partition, sort)
    const multi = this.#multi(options['multi'], partition)
    if (isLocal && multi !== undefined) {
      throw this.#refusal('is local, so it can’t be "multi": the table’s key has one value for each item')
    }
    const isCovering = this.#flag('covering', options['covering'])
    if (isCovering) this.#checkCovering(isUnique, multi)
    const projection = this.#projection(options['projection'])
    return Object.freeze({ partition, sort, isLocal, isUnique, multi, isCovering, projection })
  }

  #options(given: unknown): Record<string, unknown> {
    if (!isPlainObject(given)) return { key: given }
    const unknown = Object.keys(given).find((name) => !OPTIONS.includes(name))
    if (unknown === undefined) return given
    throw this.#refusal(`has ${shownName(unknown)}, which is no option; there are ${OPTIONS.join(', ')}`)
  }

  #key(key: unknown): Pick<IndexDefinition, 'partition' | 'sort'> {
    const what = `the key of its index "${this.#name}"`
    if (!Array.isArray(key) || key.length < 1 || key.length > 2) {
      throw definitionRefusal(this.#table, `${what} is a list of one or two sides: ${KEY_EXAMPLE}`)
    }
    const [partition, sort] = [...(key as unknown[])]
    const sides = {
      partition: this.#side(what, 'partition', partition),
      sort: key.length === 1 ? Object.freeze([]) : this.#side(what, 'sort', sort),
    }
    const names = indexKeyNames(sides)
    const twice = names.find((name, i) => names.indexOf(name) !== i)
    if (twice === undefined) return sides
    throw definitionRefusal(this.#table, `${what} names the attribute ${shownName(twice)} twice`)
  }

  #side(what: string, side: 'partition' | 'sort', given: unknown): readonly string[] {
    if (!Array.isArray(given)) return Object.freeze([checkAttributeName(this.#table, what, given)])
    if (given.length < 1 || given.length > KEY_SIDE_LIMIT) {
      const rule = `1 to ${KEY_SIDE_LIMIT} are allowed; join several attributes into one, or leave some out`
      throw definitionRefusal(this.#table, `${what} has ${given.length} attributes as its ${side} key: ${rule}`)
    }
    return Object.freeze([...(given as unknown[])].map((name) => checkAttributeName(this.#table, what, name)))
  }

  #flag(option: string, given: unknown): boolean {
    if (given === undefined || typeof given === 'boolean') return given === true
    throw this.#refusal(`has "${option}" of ${shownName(given)}: it is true or false`)
  }

  #checkLocal(partition: readonly string[], sort: readonly string[]): void {
    const [tablePartition, tableSort] = this.#tableKey
    if (tableSort === undefined) {
      throw refusal(
        'Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex',
      )
    }
    if (sort.length === 0) throw refusal(`Index KeySchema does not have a range key for index: ${this.#name}`)
    if (partition[0] !== tablePartition) {
      throw refusal(
        `Index KeySchema does not have the same leading hash key as table KeySchema for index: ${this.#name}. ` +
          `index hash key: ${partition[0]}, table hash key: ${tablePartition}`,
      )
    }
    if (partition.length === 1 && sort.length === 1) return
    throw this.#refusal('is local, so its key is the table’s partition key and one sort attribute; make it global')
  }

  #multi(given: unknown, partition: readonly string[]): string | undefined {
    if (given === undefined) return undefined
    if (typeof given === 'string' && partition.includes(given)) return given
    const names = partition.map((name) => `"${name}"`).join(', ')
    throw this.#refusal(`has "multi" of ${shownName(given)}: it names an attribute of its partition key (${names})`)
  }

  #checkCovering(isUnique: boolean, multi: string | undefined): void {
    if (multi !== undefined) {
      throw this.#refusal(
        'is "multi", so it can’t be "covering": an item would be copied for each of its elements; leave one out',
      )
    }
    if (!isUnique) return
    const why = 'its entries are looked up one by one, not read side by side'
    throw this.#refusal(
      `is unique, so it can’t be "covering": ${why}; define a second index with the same key for reading`,
    )
  }

  #projection(given: unknown): IndexProjection {
    if (given === undefined || given === 'ALL') return 'ALL'
    if (given === 'KEYS_ONLY') return given
    if (!Array.isArray(given)) {
      const rule = `it is 'ALL', 'KEYS_ONLY' or a list of attribute names`
      throw this.#refusal(`has "projection" of ${shownName(given)}: ${rule}`)
    }
    if (given.length === 0) throw refusal('ProjectionType is INCLUDE, but NonKeyAttributes is not specified')
    const what = `the projection of its index "${this.#name}"`
    const names = [...new Set([...(given as unknown[])].map((name) => checkAttributeName(this.#table, what, name)))]
    if (names.length <= PROJECTED_ATTRIBUTE_LIMIT) return Object.freeze(names)
    const rule = `at most ${PROJECTED_ATTRIBUTE_LIMIT} are allowed; use 'ALL'`
    throw definitionRefusal(this.#table, `${what} has ${names.length} attributes: ${rule}`)
  }

  #refusal(reason: string): ValidationException {
    return definitionRefusal(this.#table, `its index "${this.#name}" ${reason}`)
  }
}

function attributesOf(projection: IndexProjection): readonly string[] {
  return typeof projection === 'string' ? [] : projection
}

function refusal(sentence: string): ValidationException {
  return new ValidationException('TABLE_DEFINITION', `${INVALID} ${sentence}`)
}
