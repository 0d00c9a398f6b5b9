/** Which item a write is about: its WHERE says what the key is, and perhaps more, which is a condition then. */
import type { ConditionNode, ValueNode } from '../../model/expression/dynamodb/expression.js'
import { valueKey } from '../../model/expression/value-set.js'
import { equalValues } from '../../model/item/equality.js'
import type { KeySchema } from '../../model/key/key-schema.js'
import type { AttributeMap } from '../value/attribute-value.js'
import { nativeItem } from '../value/native-value.js'
import type { BoundValues } from './bound-statement.js'
import { conjuncts, keyLeaf } from './key-leaf.js'

export interface FoundKey {
  /** The attributes of the key that the condition gives. */
  readonly key: AttributeMap
  readonly isWhole: boolean
  /** An attribute of the key that is to be equal to two values. */
  readonly contradiction: string | undefined
  /** What else has to hold. */
  readonly rest: readonly ConditionNode[]
}

/** Of several values for one attribute, the first is its key's. */
export function findKey(where: ConditionNode | undefined, schema: KeySchema, values: BoundValues): FoundKey {
  const names = schema.sort === undefined ? [schema.partition.name] : [schema.partition.name, schema.sort.name]
  const found = new Map<string, ValueNode>()
  const rest: ConditionNode[] = []
  let contradiction: string | undefined
  for (const node of conjuncts(where)) {
    const leaf = keyLeaf(node)
    if (leaf === undefined || leaf.operator !== '=' || !names.includes(leaf.name)) {
      rest.push(node)
      continue
    }
    const [value] = leaf.values as readonly [ValueNode]
    const known = found.get(leaf.name)
    if (known === undefined) {
      found.set(leaf.name, value)
    } else if (!equalValues(values.nativeOf(known), values.nativeOf(value))) {
      contradiction ??= leaf.name
      rest.push(node)
    }
  }
  const key = Object.fromEntries([...found].map(([name, { name: placeholder }]) => [name, values.value(placeholder)]))
  return { key, isWhole: found.size === names.length, contradiction, rest }
}

/** The same for two statements exactly if they are about the same item. */
export function itemIdentity(table: string, key: AttributeMap, { partition, sort }: KeySchema): string {
  const names = sort === undefined ? [partition.name] : [partition.name, sort.name]
  const given = nativeItem(key)
  // By what it is worth: a number has many forms.
  return valueKey([table, ...names.map((name) => (Object.hasOwn(given, name) ? given[name] : undefined))])
}
