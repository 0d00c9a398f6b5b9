/**
 * What the golden databases hold. They are files from the time of their format, never written again: whatever becomes of
 * this package, it opens them and finds exactly this. Do not change anything here; a new format gets files of its own.
 */
import { type Database, Decimal, type Table, type TableDef, table, type } from '../../src/index.js'

export interface Sample {
  pk: string
  sk: number | bigint | Decimal
  group?: string
  until?: number
  value?: unknown
}

export interface Blob {
  id: Uint8Array
  text: string
}

type SampleIndexes = { byGroup: readonly ['group', 'sk'] }

export const Samples: TableDef<Sample, Sample, readonly ['pk', 'sk'], SampleIndexes> = table('samples', {
  schema: type<Sample>(),
  key: ['pk', 'sk'],
  indexes: { byGroup: ['group', 'sk'] },
  ttl: 'until',
})

export const Blobs: TableDef<Blob, Blob, readonly ['id'], Record<never, never>> = table('blobs', {
  schema: type<Blob>(),
  key: ['id'],
})

/** The time at which they are opened: some items have expired by then. */
export const GOLDEN_NOW = 1_800_000_000_000

/** Every type of value, and the numbers, texts and bytes at which encoders change their ways. */
export const VALUES: readonly unknown[] = [
  ...[
    null,
    true,
    false,
    '',
    'text',
    'ü',
    'ÿ',
    'Ā',
    '😀',
    'x'.repeat(127),
    'y'.repeat(128),
    'ü'.repeat(70),
    '\0',
    'CMP:1',
  ],
  ...[
    0,
    1,
    63,
    64,
    -1,
    127,
    128,
    2 ** 31,
    2 ** 53 - 1,
    -(2 ** 53 - 1),
    2 ** 53,
    0.1,
    -1.5,
    1e-7,
    1e21,
    1.7e100,
    5e-130,
  ],
  ...[0n, -1n, 2n ** 53n, 2n ** 53n + 1n, -(10n ** 37n), 12345678901234567890123456789012345678n],
  ...['0.1', '3.1415926535897932384626433832795028842', '-9.9e125', '1e-130', '100'].map((text) => Decimal.from(text)),
  ...[new Uint8Array(0), Uint8Array.of(0, 255), Uint8Array.from({ length: 300 }, (_, i) => i % 256)],
  ...[
    new Set(['b', 'a', '']),
    new Set([1, -2.5]),
    new Set([1n, 2n ** 70n]),
    new Set([Uint8Array.of(), Uint8Array.of(1)]),
  ],
  ...[[], [1, [2, [null]]], {}, { a: { b: { c: [new Set(['x'])] } }, constructor: 1, 'a.b': 2, '0': 3, ü: 4 }],
]

const KEYS = [
  -1e100,
  -2n,
  -0.5,
  0,
  Decimal.from('0.10000000000000000000000000000000000001'),
  1,
  2 ** 53,
  2n ** 53n + 1n,
]

/** Its time is too long ago to be meant, so it is there. */
const TOO_OLD = { pk: 'ttl', sk: 3, until: 0, group: 'even' }

/** Writes everything: first what a checkpoint then moves to sorted files, afterwards what stays in the log only. */
export async function writeGolden(db: Database): Promise<void> {
  const samples = db.table(Samples)
  const blobs = db.table(Blobs)
  for (const [n, value] of VALUES.entries()) await samples.put({ pk: 'values', sk: n, value })
  for (const [n, sk] of KEYS.entries())
    await samples.put({ pk: 'keys', sk, value: n, group: n % 2 === 0 ? 'even' : 'odd' })
  for (const pk of ['a\0', 'a\0b', 'a', 'ü', '\uffff', '😀']) await samples.put({ pk, sk: 1, group: pk })
  for (let n = 0; n < 200; n++)
    await samples.put({ pk: `part-${n % 5}`, sk: n, group: `g${n % 3}`, value: 'filler '.repeat(9) })
  await samples.put({ pk: 'ttl', sk: 1, until: GOLDEN_NOW / 1000 + 1 })
  await samples.put({ pk: 'ttl', sk: 2, until: GOLDEN_NOW / 1000 })
  await samples.put(TOO_OLD)
  for (const [n, byte] of [0, 1, 127, 128, 255].entries())
    await blobs.put({ id: Uint8Array.of(byte, n), text: 'flushed' })
  await db.checkpoint()

  for (let n = 0; n < 200; n += 10) await samples.delete({ pk: `part-${n % 5}`, sk: n })
  for (let n = 1; n < 200; n += 10)
    await samples.update({ pk: `part-${n % 5}`, sk: n }, { set: { group: 'moved' }, remove: ['value'] })
  for (let n = 200; n < 220; n++) await samples.put({ pk: `part-${n % 5}`, sk: n, group: 'g0', value: n })
  await blobs.put({ id: Uint8Array.of(255, 4), text: 'from the log' })
  await blobs.delete({ id: Uint8Array.of(0, 0) })
}

/** The items that are visible, by table and index and in the order of a query, as far as there is one. */
export interface GoldenContents {
  readonly values: readonly unknown[]
  readonly keys: readonly unknown[]
  readonly part1: readonly unknown[]
  readonly moved: readonly unknown[]
  readonly even: readonly unknown[]
  readonly ttl: readonly unknown[]
  readonly blobs: readonly unknown[]
  readonly count: number
}

export function expectedContents(): GoldenContents {
  const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i)
  const part1 = numbers(0, 220)
    .filter((n) => n % 5 === 1)
    .map((sk): Sample => {
      if (sk >= 200) return { pk: 'part-1', sk, group: 'g0', value: sk }
      if (sk % 10 === 1) return { pk: 'part-1', sk, group: 'moved' }
      return { pk: 'part-1', sk, group: `g${sk % 3}`, value: 'filler '.repeat(9) }
    })
  const keys = KEYS.map((sk, n) => ({ pk: 'keys', sk, value: n, group: 'even' })).filter((_, n) => n % 2 === 0)
  return {
    values: VALUES.map((value, sk) => ({ pk: 'values', sk, value })),
    keys: KEYS.map((sk, n) => ({ pk: 'keys', sk, value: n, group: n % 2 === 0 ? 'even' : 'odd' })),
    part1,
    moved: numbers(0, 20).map((i) => ({ pk: 'part-1', sk: 10 * i + 1, group: 'moved' })),
    even: [...keys.slice(0, -1), TOO_OLD, ...keys.slice(-1)],
    ttl: [{ pk: 'ttl', sk: 1, until: GOLDEN_NOW / 1000 + 1 }, TOO_OLD],
    blobs: [
      { id: Uint8Array.of(1, 1), text: 'flushed' },
      { id: Uint8Array.of(127, 2), text: 'flushed' },
      { id: Uint8Array.of(128, 3), text: 'flushed' },
      { id: Uint8Array.of(255, 4), text: 'from the log' },
    ],
    count: VALUES.length + KEYS.length + 6 + 200 - 20 + 20 + 2,
  }
}

export async function foundContents(db: Database): Promise<GoldenContents> {
  const samples: Table<Sample, Sample, readonly ['pk', 'sk'], SampleIndexes> = db.table(Samples)
  const blobs = await db.table(Blobs).scan().toArray()
  return {
    values: await samples.query({ pk: 'values' }).toArray(),
    keys: await samples.query({ pk: 'keys' }).toArray(),
    part1: await samples.query({ pk: 'part-1' }).toArray(),
    moved: await samples.index('byGroup').query({ group: 'moved' }).toArray(),
    even: await samples.index('byGroup').query({ group: 'even' }).toArray(),
    ttl: await samples.query({ pk: 'ttl' }).toArray(),
    blobs: blobs.sort((a, b) => a.id[0]! - b.id[0]!),
    count: await samples.scan().count(),
  }
}
