/**
 * What the golden database of indexes holds: one of every kind, all of them with entries in sorted files and in the log,
 * one that was interrupted while it was built, and one that was dropped and is not empty. Never written again: do not
 * change anything here; a new format gets files of its own.
 */
import { type Database, type IndexSpec, type TableDef, table, type } from '../../src/index.js'

export interface Thing {
  pk: string
  sk: number
  group?: string
  place?: string
  tags?: string[]
  mail?: string
  codes?: Set<number>
}

const key = ['pk', 'sk'] as const
const schema = type<Thing>()

/** What it was made with first: an index that is dropped later. */
export const Before: TableDef<Thing, Thing, typeof key, { byOld: readonly ['group'] }> = table('things', {
  schema,
  key,
  indexes: { byOld: ['group'] },
})

interface ThingIndexes extends Record<string, IndexSpec> {
  byGroup: readonly ['group', 'sk']
  byPlace: readonly [readonly ['group', 'place'], readonly ['sk', 'pk']]
  bySort: { readonly key: readonly ['pk', 'group']; readonly local: true; readonly projection: 'KEYS_ONLY' }
  byTag: { readonly key: readonly ['tags', 'sk']; readonly multi: 'tags'; readonly projection: readonly ['place'] }
  byMail: { readonly key: readonly ['mail']; readonly unique: true }
  byCode: { readonly key: readonly [readonly ['group', 'codes']]; readonly multi: 'codes'; readonly unique: true }
}

export const Things: TableDef<Thing, Thing, typeof key, ThingIndexes> = table('things', {
  schema,
  key,
  indexes: {
    byGroup: ['group', 'sk'],
    byPlace: [
      ['group', 'place'],
      ['sk', 'pk'],
    ],
    bySort: { key: ['pk', 'group'], local: true, projection: 'KEYS_ONLY' },
    byTag: { key: ['tags', 'sk'], multi: 'tags', projection: ['place'] },
    byMail: { key: ['mail'], unique: true },
    byCode: { key: [['group', 'codes']], multi: 'codes', unique: true },
  },
})

const COUNT = 60

export function goldenThing(n: number): Thing {
  return {
    ...{ pk: `p${n % 3}`, sk: n, group: `g${n % 2}`, tags: [`t${n % 4}`, `u${n % 5}`], mail: `mail-${n}` },
    ...(n % 3 === 0 ? {} : { place: `place-${n % 7}` }),
    ...(n % 4 === 0 ? { codes: new Set([n, n + 1]) } : {}),
  }
}

export async function writeGoldenIndexes(db: Database): Promise<void> {
  const before = db.table(Before)
  for (let n = 0; n < 40; n++) await before.put(goldenThing(n))
  const things = db.table(Things)
  for (const name of ['byGroup', 'byPlace', 'bySort', 'byTag', 'byMail', 'byCode'] as const)
    await things.index(name).ready()
  await db.checkpoint()
  for (let n = 40; n < COUNT; n++) await things.put(goldenThing(n))
}

export interface GoldenEntries {
  readonly byGroup: readonly number[]
  readonly byPlace: readonly number[]
  readonly bySort: readonly unknown[]
  readonly byTag: readonly number[]
  readonly byMail: readonly number[]
  readonly byCode: readonly number[]
  readonly counts: readonly string[]
}

export function expectedEntries(): GoldenEntries {
  const all = Array.from({ length: COUNT }, (_, n) => goldenThing(n))
  const numbers = (found: readonly Thing[]) => found.map(({ sk }) => sk)
  return {
    byGroup: numbers(all.filter(({ group }) => group === 'g1')),
    byPlace: numbers(all.filter(({ group, place }) => group === 'g1' && place === 'place-1')),
    bySort: all
      .filter(({ pk, group }) => pk === 'p1' && group === 'g0')
      .map(({ pk, sk, group }) => ({ pk, sk, group })),
    byTag: numbers(all.filter(({ tags }) => tags!.includes('t1') && tags!.includes('u1'))),
    byMail: [33],
    byCode: [8],
    counts: ['t0 15', 't1 15', 't2 15', 't3 15', 'u0 12', 'u1 12', 'u2 12', 'u3 12', 'u4 12'],
  }
}

export async function foundEntries(db: Database): Promise<GoldenEntries> {
  const things = db.table(Things)
  const numbers = (found: readonly { sk: number }[]) => found.map(({ sk }) => sk)
  const place = { group: 'g1', place: 'place-1' }
  const counts = await things.index('byTag').counts().toArray()
  return {
    byGroup: numbers(await things.index('byGroup').query({ group: 'g1' }).toArray()),
    byPlace: numbers(await things.index('byPlace').query(place).toArray()),
    bySort: await things.index('bySort').query({ pk: 'p1', group: 'g0' }).toArray(),
    byTag: numbers(
      await things
        .index('byTag')
        .query({ tags: { all: ['t1', 'u1'] } })
        .toArray(),
    ),
    byMail: numbers(await things.index('byMail').query({ mail: 'mail-33' }).toArray()),
    byCode: numbers(await things.index('byCode').query({ group: 'g0', codes: 9 }).toArray()),
    counts: counts.map(({ key: { tags }, count }) => `${tags} ${count}`).sort(),
  }
}
