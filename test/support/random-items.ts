/** Keys, items, updates and filters drawn from a seed: few different ones, so that they meet, and odd ones among them. */
import { Decimal } from '../../src/index.js'
import type { SeededRandom } from './random.js'
import type { AnyItem, ReferenceUpdate, SortCondition } from './reference-database.js'
import type { FilterSpec } from './reference-filter.js'

export type KeyKind = 'string' | 'number' | 'binary'
type KeyPart = string | number | bigint | Decimal | Uint8Array

const KEY_TEXTS = [
  'a',
  'b',
  'ab',
  'a\0',
  'a\0b',
  'a:b',
  'ä',
  '\uffff',
  '😀',
  'aa',
  'Z',
  '0',
  'a'.repeat(300),
  ' ',
  '\x01',
]
const KEY_NUMBERS: KeyPart[] = [
  ...[0, -0, 1, -1, 10, 2, -2, 0.5, -0.5, 0.25, 1.5, 100, 99.999, -1000, 1e100, -1e100, 1e-100, 2 ** 53],
  ...[1n, -1n, 10n, 9007199254740993n, -9007199254740993n, 10n ** 37n, 2n ** 53n],
  ...['0.1', '0.10000000000000000000000000000000000001', '-12345678901234567890.5', '1.5', '1e125'].map(Decimal.from),
]
const KEY_BINARIES = ['00', '0000', '01', 'ff', 'ffff', '00ff', 'ff00', '7f', '80', '0001', '000102'].map((hex) =>
  Uint8Array.from(Buffer.from(hex, 'hex')),
)

const KEYS: Record<KeyKind, readonly KeyPart[]> = { string: KEY_TEXTS, number: KEY_NUMBERS, binary: KEY_BINARIES }

/** A value of a key; of the first few only, so that the same ones come again, when `few` is given. */
export function randomKeyPart(random: SeededRandom, kind: KeyKind, few?: number): KeyPart {
  const all = KEYS[kind]
  return all[random.below(Math.min(few ?? all.length, all.length))]!
}

const WORDS = ['', 'open', 'paid', 'opened', 'a"quote', 'back\\slash', 'CMP:5', 'a,b', 'ünï', '😀', "it's", '__proto__']

/** A value of any type. */
export function randomValue(random: SeededRandom, depth = 0): unknown {
  switch (random.below(depth < 3 ? 13 : 10)) {
    case 0:
      return null
    case 1:
      return random.chance(0.5)
    case 2:
      return random.between(-100, 100)
    case 3:
      return random.pick([0.1, -1e-7, 1e21, 5e15 + 0.5, 2 ** 60, -0, 123456.789])
    case 4:
      return random.pick([0n, 5n, -(2n ** 64n), 10n ** 30n])
    case 5:
      return Decimal.from(random.pick(['1.10', '3.14159265358979323846264338327950288', '-1e-130', '9e125']))
    case 6:
      return random.pick(WORDS)
    case 7:
      return random.bytes(random.pick([0, 1, 30]))
    case 8:
      return 'long '.repeat(random.below(60))
    case 9:
      return random.pick<unknown>([
        new Set(['a', '', 'b']),
        new Set([1, 2.5, -3]),
        new Set([1n, 2n]),
        new Set([Uint8Array.of(1), Uint8Array.of()]),
      ])
    case 10:
      return Array.from({ length: random.below(4) }, () => randomValue(random, depth + 1))
    default: {
      const names = ['x', 'y', 'constructor', 'a.b', '0', 'ü'].slice(0, random.below(6))
      return Object.fromEntries(names.map((name) => [name, randomValue(random, depth + 1)]))
    }
  }
}

/** What an item has besides its key. `group`, `level` and `score` are keys of indexes, `until` is the time to live. */
export function randomAttributes(random: SeededRandom, nowSeconds: number): AnyItem {
  const item: AnyItem = {}
  if (random.chance(0.6)) item['group'] = random.pick(['a', 'ab', 'b', '\0', 'ü'])
  if (random.chance(0.6)) item['level'] = random.pick([0, 1, 1n, 2.5, -3, 2n ** 60n])
  if (random.chance(0.5)) item['score'] = random.pick([1, 2, 10, -1, 0.5, Decimal.from('2.00000000000000000001')])
  if (random.chance(0.2)) item['until'] = randomExpiry(random, nowSeconds)
  if (random.chance(0.5)) item['count'] = random.pick<unknown>([0, 1, 41, 7n, 0.1, 2 ** 53 - 1])
  if (random.chance(0.5)) item['status'] = random.pick<unknown>([...WORDS, 5, null])
  if (random.chance(0.3)) item['tags'] = random.pick<unknown>([['open'], [], new Set(['open', 'x']), ['paid', 1]])
  if (random.chance(0.4)) item['more'] = randomValue(random)
  return item
}

function randomExpiry(random: SeededRandom, now: number): unknown {
  const soon = random.between(1, 30)
  return random.pick<unknown>([now + soon, now + soon, BigInt(now + soon), now + 0.5, now + 1e6, now, 0, 'never', null])
}

export function randomUpdate(random: SeededRandom, nowSeconds: number): ReferenceUpdate {
  const { group, level, score, until, status } = randomAttributes(random, nowSeconds)
  const set = Object.fromEntries(
    Object.entries({ group, level, score, until, status }).filter(([, value]) => value !== undefined),
  )
  const gone = ['group', 'level', 'score', 'until', 'status', 'more', 'nothing'].filter(
    (name) => !(name in set) && random.chance(0.15),
  )
  return {
    ...(random.chance(0.6) ? { set } : {}),
    ...(random.chance(0.5) ? { add: { count: random.pick([1, -1, 5n, 0.1, Decimal.from('0.2')]) } } : {}),
    ...(random.chance(0.3) ? { append: { list: [random.below(10), 'x'] } } : {}),
    ...(gone.length > 0 ? { remove: gone } : {}),
  }
}

export function randomSortCondition(random: SeededRandom, kind: KeyKind): SortCondition | undefined {
  const value = () => randomKeyPart(random, kind)
  const operator = random.pick(['none', 'eq', 'lt', 'lte', 'gt', 'gte', 'between', 'beginsWith'] as const)
  if (operator === 'none' || (operator === 'beginsWith' && kind === 'number')) return undefined
  if (operator === 'between') return { between: [value(), value()] }
  return { [operator]: value() }
}

export function randomFilter(random: SeededRandom, depth = 0): FilterSpec {
  const part = () => randomFilter(random, depth + 1)
  switch (random.below(depth < 2 ? 9 : 6)) {
    case 0:
    case 1: {
      const operator = random.pick(['eq', 'ne', 'lt', 'lte', 'gt', 'gte'] as const)
      if (random.chance(0.5)) return { kind: 'compare', name: 'status', operator, value: random.pick(WORDS) }
      return { kind: 'compare', name: random.pick(['count', 'level']), operator, value: random.pick([0, 1, 41, 2.5]) }
    }
    case 2:
      return { kind: 'between', name: random.pick(['count', 'score', 'status']), low: 0, high: random.pick([0, 2, 50]) }
    case 3:
      return {
        kind: 'in',
        name: random.pick(['status', 'count']),
        values: random.pick([['open', 'paid'], [1, 41, 'open'], [7]]),
      }
    case 4:
      return { kind: 'exists', name: random.pick(['status', 'more', 'group', 'until']), wanted: random.chance(0.5) }
    case 5:
      return {
        kind: random.pick(['beginsWith', 'contains']),
        name: random.pick(['status', 'tags', 'level']),
        value: random.pick(['open', 'o', '', 'a"']),
      }
    case 6:
      return { kind: 'and', parts: [part(), part()] }
    case 7:
      return { kind: 'or', parts: [part(), part()] }
    default:
      return { kind: 'not', part: part() }
  }
}
