/**
 * What the golden database of covering indexes holds: copies in sorted files and in the log, some of them of items whose
 * names have a number, and an index that was interrupted while it was built. Never written again: do not change anything
 * here; a new format gets files of its own.
 */
import { type Database, type IndexSpec, type TableDef, table, type } from '../../src/index.js'

export interface Reading {
  device: string
  at: number
  kind?: string
  value: number
  note?: string
}

const key = ['device', 'at'] as const
const schema = type<Reading>()

interface ReadingIndexes extends Record<string, IndexSpec> {
  readonly byKind: { readonly key: readonly ['kind', 'at']; readonly covering: true }
  readonly ofDevice: {
    readonly key: readonly ['device', 'value']
    readonly local: true
    readonly covering: true
    readonly projection: readonly ['note']
  }
}

export const Readings: TableDef<Reading, Reading, typeof key, ReadingIndexes> = table('readings', {
  schema,
  key,
  indexes: {
    byKind: { key: ['kind', 'at'], covering: true },
    ofDevice: { key: ['device', 'value'], local: true, covering: true, projection: ['note'] },
  },
})

export const WithLate: TableDef<
  Reading,
  Reading,
  typeof key,
  { readonly byLate: { readonly key: readonly ['value']; readonly covering: true } }
> = table('readings', { schema, key, indexes: { byLate: { key: ['value'], covering: true } } })

const COUNT = 60

export function goldenReading(n: number): Reading {
  return {
    ...{ device: `device-${n % 3}`, at: n, value: n % 5 },
    ...(n % 4 === 0 ? {} : { kind: `kind-${n % 2}` }),
    // Of some it was changed later, and their keys in the indexes were not.
    ...(n % 7 === 0 ? { note: `note ${n}, changed` } : { note: `note ${n}` }),
  }
}

export async function writeGoldenCovering(db: Database): Promise<void> {
  const readings = db.table(Readings)
  const put = (n: number) => readings.put({ ...goldenReading(n), note: `note ${n}` })
  for (let n = 0; n < 40; n++) await put(n)
  await db.checkpoint()
  for (let n = 40; n < COUNT; n++) await put(n)
  for (let n = 0; n < COUNT; n += 7) {
    await readings.update({ device: `device-${n % 3}`, at: n }, { set: { note: `note ${n}, changed` } })
  }
}

export interface GoldenCopies {
  readonly byKind: readonly Reading[]
  readonly ofDevice: readonly unknown[]
}

export function expectedCopies(): GoldenCopies {
  const all = Array.from({ length: COUNT }, (_, n) => goldenReading(n))
  return {
    byKind: all.filter(({ kind }) => kind === 'kind-1'),
    ofDevice: all
      .filter(({ device, value }) => device === 'device-1' && value === 3)
      .map(({ device, at, value, note }) => ({ device, at, value, note })),
  }
}

export async function foundCopies(db: Database): Promise<GoldenCopies> {
  const readings = db.table(Readings)
  return {
    byKind: await readings.index('byKind').query({ kind: 'kind-1' }).toArray(),
    ofDevice: await readings.index('ofDevice').query({ device: 'device-1', value: 3 }).toArray(),
  }
}
