/**
 * Random requests, made sensible: keys that the tables have, expressions with the names and values that they mention, no
 * older parameters beside newer ones. So most of them get past the checks and do something.
 */

import type { StructureShape } from '../../src/server/shape/shape.js'
import type { SeededRandom } from './random.js'
import { randomRequest, type Vocabulary } from './random-requests.js'

type Fields = Record<string, unknown>

/** The key attributes of each table, all of them strings. */
export type TableKeys = Readonly<Record<string, readonly string[]>>

const OLDER = [
  ...[
    'Expected',
    'ConditionalOperator',
    'AttributeUpdates',
    'KeyConditions',
    'QueryFilter',
    'ScanFilter',
    'AttributesToGet',
  ],
]

const CONDITIONS = [
  'attribute_exists(pk)',
  '#a <> :a',
  'a IN (:a, :b)',
  'size(b) > :n',
  'NOT contains(#b, :a)',
  'a.b[0] = :a',
]
const UPDATES = ['SET a = :a', 'SET #a = if_not_exists(#a, :a)', 'REMOVE a, #b', 'SET b = :n ADD n :n', 'DELETE s :s']
const KEY_CONDITIONS = [
  'pk = :a',
  'pk = :a AND sk > :b',
  'pk = :a AND begins_with(sk, :b)',
  'pk = :a AND sk BETWEEN :b AND :a',
]
const PROJECTIONS = ['pk', 'pk, #a', 'a.b[0], b']

const VALUES: Fields = { ':a': { S: 'x' }, ':b': { S: 'y' }, ':n': { N: '1' }, ':s': { SS: ['x'] } }

export function sensibleRequest(
  random: SeededRandom,
  shape: StructureShape,
  words: Vocabulary,
  keys: TableKeys,
): Fields {
  const request = randomRequest(random, shape, words)
  makeSensible(random, request, keys)
  return request
}

function makeSensible(random: SeededRandom, value: unknown, keys: TableKeys, table?: string): void {
  if (typeof value !== 'object' || value === null) return
  if (Array.isArray(value)) {
    for (const element of value) makeSensible(random, element, keys, table)
    return
  }
  const fields = value as Fields
  keepOne(random, fields, ['PutRequest', 'DeleteRequest'])
  keepOne(random, fields, ['ConditionCheck', 'Put', 'Delete', 'Update'])
  const named = typeof fields['TableName'] === 'string' ? fields['TableName'] : table
  for (const [name, field] of Object.entries(fields)) {
    if (name === 'RequestItems')
      for (const [of, inner] of Object.entries(field as Fields)) makeSensible(random, inner, keys, of)
    else makeSensible(random, field, keys, named)
  }
  const names = named === undefined ? undefined : keys[named]
  if (names === undefined) return
  const key = () =>
    Object.fromEntries(names.map((name) => [name, { S: random.pick(['x', 'y', 'z', `${random.below(40)}`]) }]))
  if ('Key' in fields) fields['Key'] = key()
  if ('Item' in fields)
    fields['Item'] = { ...withoutNames(fields['Item'] as Fields, ['__proto__', '', 'pk', 'sk']), ...key() }
  if (Array.isArray(fields['Keys'])) fields['Keys'] = [key()]
  const hasExpressions = Object.keys(fields).some((name) => name.endsWith('Expression'))
  if (hasExpressions || random.chance(0.6)) for (const name of OLDER) delete fields[name]
  for (const name of ['ExclusiveStartKey', 'Segment', 'TotalSegments']) if (random.chance(0.9)) delete fields[name]
  if (random.chance(0.7)) delete fields['IndexName']
  if (random.chance(0.7)) delete fields['Select']
  if (random.chance(0.8)) delete fields['ReturnValues']
  makeExpressionsSensible(random, fields)
}

/** Of members that exclude each other. */
function keepOne(random: SeededRandom, fields: Fields, names: readonly string[]): void {
  const there = names.filter((name) => name in fields)
  if (there.length < 2) return
  const kept = random.pick(there)
  for (const name of there) if (name !== kept) delete fields[name]
}

function makeExpressionsSensible(random: SeededRandom, fields: Fields): void {
  const choices: Fields = {
    ...{ ConditionExpression: CONDITIONS, FilterExpression: ['#a <> :a', 'size(b) > :n'], UpdateExpression: UPDATES },
    ...{ KeyConditionExpression: KEY_CONDITIONS, ProjectionExpression: PROJECTIONS },
  }
  for (const [name, expressions] of Object.entries(choices)) {
    if (name in fields) fields[name] = random.pick(expressions as string[])
  }
  const text = Object.keys(choices)
    .map((name) => fields[name] ?? '')
    .join(' ')
  const mentioned = new Set(text.match(/[#:]\w+/g))
  const names = [...mentioned].filter((name) => name.startsWith('#')).map((name) => [name, name.slice(1)])
  const values = Object.entries(VALUES).filter(([name]) => mentioned.has(name))
  for (const [member, entries] of [
    ['ExpressionAttributeNames', names],
    ['ExpressionAttributeValues', values],
  ] as const) {
    if (entries.length === 0) delete fields[member]
    else fields[member] = Object.fromEntries(entries)
  }
}

function withoutNames(fields: Fields, names: readonly string[]): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)))
}
