/** Requests of every operation, made from the shapes: whole ones, random ones, and ways to spoil them. */
import type { MapShape, Shape, StructureShape } from '../../src/server/shape/shape.js'
import type { SeededRandom } from './random.js'

/** What a member may be that should be something else. */
export const WRONG_VALUES: readonly unknown[] = [
  ...[null, true, false, 0, 5, -1, 1.5, 1e300, '', 'text', 'dGV4dA==', 'x'.repeat(300)],
  ...[[], [null], [[]], [{}], {}, { a: null }, { a: {} }, { S: 'a' }, { a: { S: 'a' } }, { M: { a: { L: [{}] } } }],
]

/** A request in which every member is there, with a value that is within its constraints. */
export function wholeRequest(shape: Shape): unknown {
  switch (shape.kind) {
    case 'structure':
      return Object.fromEntries(shape.memberList.map((member) => [member.name, wholeRequest(member.shape)]))
    case 'list':
      return [wholeRequest(shape.element)]
    case 'map':
      return { abc: wholeRequest(shape.value) }
    case 'attributeValue':
      return {
        ...{ S: 'a', N: '1', B: 'AQ==', BOOL: true, NULL: true, SS: ['a'], NS: ['1'], BS: ['AQ=='] },
        ...{ L: [{ S: 'a' }], M: { a: { N: '1' } } },
      }
    case 'flag':
      return true
    case 'bytes':
      return 'AQ=='
    case 'text':
      return [...(shape.choices ?? [])][0] ?? 'a'.repeat(Math.max(shape.min ?? 3, 3))
    case 'instant':
      return 1_795_262_400
    default:
      return shape.min ?? 1
  }
}

/** Every place in a request: the way to it, from the outside. */
export function placesIn(value: unknown, path: readonly (string | number)[] = []): (readonly (string | number)[])[] {
  if (typeof value !== 'object' || value === null) return [path]
  const names = Array.isArray(value) ? value.keys() : Object.keys(value)
  return [path, ...[...names].flatMap((name) => placesIn((value as Record<string, unknown>)[name], [...path, name]))]
}

/** A copy with something else at one place. */
export function replacedAt(value: unknown, path: readonly (string | number)[], other: unknown): unknown {
  const [name, ...rest] = path
  if (name === undefined) return other
  const copy = Array.isArray(value) ? value.slice() : { ...(value as object) }
  const fields = copy as Record<string | number, unknown>
  fields[name] = replacedAt(fields[name], rest, other)
  return copy
}

/** What is wrong with an input by its shape; `undefined` if nothing is. Written apart from the code that it tests. */
export function nonconformity(shape: Shape, value: unknown, path = ''): string | undefined {
  const isPlain = typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
  const all = (parts: readonly (readonly [name: string, shape: Shape, value: unknown])[]) => {
    for (const [name, inner, part] of parts) {
      const found = nonconformity(inner, part, `${path}.${name}`)
      if (found !== undefined) return found
    }
    return undefined
  }
  const mistake = `${path} is no ${shape.kind}`
  switch (shape.kind) {
    case 'structure': {
      if (!isPlain) return mistake
      const fields = value as Record<string, unknown>
      const missing = shape.memberList.find(({ name, isRequired }) => isRequired && !Object.hasOwn(fields, name))
      if (missing !== undefined) return `${path}.${missing.name} is missing`
      const unknown = Object.keys(fields).find((name) => !shape.members.has(name))
      if (unknown !== undefined) return `${path}.${unknown} is known to nobody`
      return all(Object.entries(fields).map(([name, field]) => [name, shape.members.get(name)!.shape, field]))
    }
    case 'list':
      if (!Array.isArray(value)) return mistake
      return all(value.map((element, at) => [String(at), shape.element, element]))
    case 'map':
      if (!isPlain) return mistake
      return all(Object.entries(value as object).map(([name, field]) => [name, shape.value, field]))
    case 'attributeValue':
      if (!isPlain) return mistake
      return all(Object.entries(value as object).map(([type, typed]) => [type, TYPED.get(type)!, typed]))
    case 'flag':
      return typeof value === 'boolean' ? undefined : mistake
    case 'bytes':
      return value instanceof Uint8Array ? undefined : mistake
    case 'text': {
      const isKnown = shape.choices === undefined || shape.choices.has(value as string)
      return typeof value === 'string' && isKnown && isWithin(shape, value.length) ? undefined : mistake
    }
    case 'instant':
      return typeof value === 'number' && Number.isFinite(value) ? undefined : mistake
    default:
      return typeof value === 'number' && isWithin(shape, value) ? undefined : mistake
  }
}

const TEXT: Shape = { kind: 'text' }
const BYTES: Shape = { kind: 'bytes' }
const FLAG: Shape = { kind: 'flag' }
const VALUE: Shape = { kind: 'attributeValue' }
const TYPED = new Map<string, Shape>([
  ...[['S', TEXT] as const, ['N', TEXT] as const, ['B', BYTES] as const, ['BOOL', FLAG] as const],
  ...[['NULL', FLAG] as const, ['SS', { kind: 'list', element: TEXT } as Shape] as const],
  ...[
    ['NS', { kind: 'list', element: TEXT } as Shape] as const,
    ['BS', { kind: 'list', element: BYTES } as Shape] as const,
  ],
  ['L', { kind: 'list', element: VALUE }],
  ['M', { kind: 'map', key: { kind: 'text' }, value: VALUE } satisfies MapShape],
])

function isWithin({ min, max }: { readonly min?: number; readonly max?: number }, size: number): boolean {
  return (min === undefined || size >= min) && (max === undefined || size <= max)
}

/** Words that requests are about, so that random ones meet what is there: tables, attributes, expressions. */
export interface Vocabulary {
  readonly tables: readonly string[]
  readonly names: readonly string[]
  readonly texts: readonly string[]
  readonly expressions: readonly string[]
  readonly statements: readonly string[]
}

/** A request that may well be valid: required members are there, others often are not. */
export function randomRequest(random: SeededRandom, shape: StructureShape, words: Vocabulary): Record<string, unknown> {
  return randomStructure(random, shape, words, 0.25)
}

function randomStructure(random: SeededRandom, shape: StructureShape, words: Vocabulary, share: number) {
  const request: Record<string, unknown> = {}
  for (const { name, shape: inner, isRequired } of shape.memberList) {
    if (isRequired || random.chance(share)) request[name] = randomMember(random, name, inner, words)
  }
  return request
}

function randomMember(random: SeededRandom, name: string, shape: Shape, words: Vocabulary): unknown {
  if (name === 'TableName') return random.pick(words.tables)
  if (name.endsWith('Expression')) return random.pick(words.expressions)
  if (name === 'Statement') return random.pick(words.statements)
  if (name === 'RequestItems' && shape.kind === 'map') {
    return { [random.pick(words.tables)]: randomMember(random, '', shape.value, words) }
  }
  switch (shape.kind) {
    case 'structure':
      return randomStructure(random, shape, words, 0.6)
    case 'list':
      return times(random, 3, () => randomMember(random, '', shape.element, words))
    case 'map': {
      const names = name.startsWith('ExpressionAttributeV')
        ? [':a', ':b']
        : name.startsWith('Expression')
          ? ['#a', '#b']
          : words.names
      return Object.fromEntries(
        times(random, 3, () => [random.pick(names), randomMember(random, '', shape.value, words)]),
      )
    }
    case 'attributeValue':
      return randomAttributeValue(random, words, 3)
    case 'flag':
      return random.chance(0.5)
    case 'bytes':
      return Buffer.from(random.bytes(random.below(5))).toString('base64')
    case 'text':
      if (shape.choices !== undefined) return random.pick([...shape.choices])
      return random.pick(words.names)
    case 'instant':
      return random.below(2e9)
    default:
      return random.pick([shape.min ?? 0, 1, 2, 10, shape.max ?? 100])
  }
}

function randomAttributeValue(random: SeededRandom, words: Vocabulary, depth: number): unknown {
  switch (random.below(depth > 0 ? 12 : 9)) {
    case 0:
    case 1:
    case 2:
      return { S: random.pick(words.texts) }
    case 3:
      return { N: random.pick(['0', '1', '-1.5', '1e10', '007', '1e126', '1e-130', 'x', '', '9'.repeat(39)]) }
    case 4:
      return { B: Buffer.from(random.bytes(random.below(4))).toString('base64') }
    case 5:
      return random.chance(0.5) ? { BOOL: random.chance(0.5) } : { NULL: random.chance(0.9) }
    case 6:
      return { SS: times(random, 3, () => random.pick(words.texts)) }
    case 7:
      return { NS: times(random, 3, () => random.pick(['1', '1.0', '2'])) }
    case 8:
      return { BS: times(random, 2, () => Buffer.from(random.bytes(1)).toString('base64')) }
    case 9:
      return { L: times(random, 3, () => randomAttributeValue(random, words, depth - 1)) }
    default:
      return {
        M: Object.fromEntries(
          times(random, 3, () => [random.pick(words.names), randomAttributeValue(random, words, depth - 1)]),
        ),
      }
  }
}

function times<T>(random: SeededRandom, limit: number, make: () => T): T[] {
  return Array.from({ length: random.between(random.chance(0.1) ? 0 : 1, limit) }, make)
}
