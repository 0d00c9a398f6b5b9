/** Our table of shapes against the schemas inside of the SDK: the same operations, members, types and what is required. */
import * as dynamodb from '@aws-sdk/client-dynamodb'
import * as streams from '@aws-sdk/client-dynamodb-streams'
import { NormalizedSchema } from '@smithy/core/schema'
import { describe, expect, test } from 'vitest'
import { operationsByName } from '../../src/server/shape/operations.js'
import type { Shape } from '../../src/server/shape/shape.js'

type Schema = ConstructorParameters<typeof Object>[0]

/** An operation's schema: `[9, namespace, name, traits, () => input, () => output]`. */
function operationsOf(client: object): [name: string, input: Schema][] {
  return Object.values(client)
    .filter((value): value is [number, string, string, number, () => Schema] => Array.isArray(value) && value[0] === 9)
    .map(([, , name, , input]) => [name, input()])
}

const inputs = new Map([...operationsOf(dynamodb), ...operationsOf(streams)])

/** A shape and a schema as the same text, down to where a structure stands in itself. */
function textOfShape(shape: Shape): unknown {
  switch (shape.kind) {
    case 'structure':
      return {
        name: shape.name,
        members: sorted(shape.memberList.map((member) => [member.name, textOfShape(member.shape)])),
        required: shape.memberList
          .filter(({ isRequired }) => isRequired)
          .map(({ name }) => name)
          .sort(),
      }
    case 'list':
      return [textOfShape(shape.element)]
    case 'map':
      return { valuesOfMap: textOfShape(shape.value) }
    case 'integer':
    case 'long':
    case 'double':
      return 'number'
    default:
      return shape.kind
  }
}

function textOfSchema(given: Schema): unknown {
  const schema = NormalizedSchema.of(given)
  if (schema.isStructSchema()) {
    const name = schema.getName()!
    if (name === 'AttributeValue') return 'attributeValue'
    const members = [...schema.structIterator()].map(([member, inner]): [string, unknown] => [
      member,
      textOfSchema(inner),
    ])
    return { name, members: sorted(members), required: requiredOf(schema) }
  }
  if (schema.isListSchema()) return [textOfSchema(schema.getValueSchema())]
  if (schema.isMapSchema()) return { valuesOfMap: textOfSchema(schema.getValueSchema()) }
  if (schema.isBlobSchema()) return 'bytes'
  if (schema.isBooleanSchema()) return 'flag'
  if (schema.isNumericSchema()) return 'number'
  if (schema.isTimestampSchema()) return 'instant'
  return 'text'
}

/** The members that come first are those that are required: the last element of the schema counts them. */
function requiredOf(schema: NormalizedSchema): string[] {
  const [, , , , names = [], , count = 0] = schema.getSchema() as [
    number,
    string,
    string,
    unknown,
    string[],
    unknown,
    number,
  ]
  return names.slice(0, count).sort()
}

function sorted(entries: [name: string, text: unknown][]): [string, unknown][] {
  return entries.sort(([a], [b]) => (a < b ? -1 : 1))
}

test('we know the operations that the SDK knows', () => {
  expect([...operationsByName.keys()].sort()).toEqual([...inputs.keys()].sort())
  expect(inputs.size).toBe(66)
})

/** Members that came after the version of the Streams client that there is. */
const NEWER = new Set(['GetShardIteratorInput.Timestamp'])

describe('the input of', () => {
  test.each([...inputs])('%s', (name, schema) => {
    const { input } = operationsByName.get(name)!
    const memberList = input.memberList.filter((member) => !NEWER.has(`${input.name}.${member.name}`))
    expect(textOfShape({ ...input, memberList })).toStrictEqual(textOfSchema(schema))
  })
})
