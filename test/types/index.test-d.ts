/**
 * What the types of indexes let through and what not: nothing here runs, `tsc --noEmit` is the test. Each
 * `@ts-expect-error` is a mistake that the compiler has to find.
 */
import { type Database, type KeyCount, type Results, table, type } from '../../src/index.js'
import { expectType } from './expect-type.js'

interface Note {
  owner: string
  id: number
  tournament?: string
  region?: string
  round?: number
  bracket?: string
  email?: string
  score?: number
  tags?: Set<'red' | 'blue'>
  labels?: string[]
  numbers?: number[]
  lines?: { text: string }[]
  done?: boolean
}

const schema = type<Note>()
const key = ['owner', 'id'] as const
const Notes = table('notes', {
  schema,
  key,
  indexes: {
    byScore: ['score'],
    byPlace: [
      ['tournament', 'region'],
      ['round', 'bracket', 'id'],
    ],
    byEmail: { key: ['email'], unique: true },
    byTag: { key: ['tags', 'score'], multi: 'tags' },
    byOwnLabel: { key: [['owner', 'labels']], multi: 'labels', unique: true },
    own: { key: ['owner', 'score'], local: true, projection: 'KEYS_ONLY' },
    scores: { key: ['region', 'score'], projection: 'KEYS_ONLY' },
    emails: { key: ['region'], projection: ['email', 'score'] },
    copies: { key: ['score', 'round'], covering: true },
    someCopies: { key: ['region'], covering: true, projection: ['email'] },
    flags: { key: ['round'], covering: false, unique: true },
  },
})

export async function allowed(db: Database): Promise<void> {
  const notes = db.table(Notes)
  notes.index('byScore').query({ score: 5 })
  const place = { tournament: 't', region: 'r' }
  const byPlace = notes.index('byPlace')
  byPlace.query(place)
  byPlace.query({ ...place, round: { gt: 1 } })
  byPlace.query({ ...place, round: 1, bracket: { beginsWith: 'a' } })
  byPlace.query({ ...place, round: { eq: 1 }, bracket: 'a', id: { between: [1, 2] } }, { reverse: true })

  notes.index('byTag').query({ tags: 'red' })
  notes.index('byTag').query({ tags: { any: ['red', 'blue'] }, score: { lt: 5 } })
  notes.index('byOwnLabel').query({ owner: 'ada', labels: { all: ['x'] } })
  expectType<KeyCount<{ tags: 'red' | 'blue' }>[]>()(await notes.index('byTag').counts().toArray())
  expectType<KeyCount<{ tournament: string; region: string }>[]>()(await byPlace.counts().toArray())
  await notes.index('byEmail').ready()

  // What a read shows is what is projected; a local index reads the rest from the table.
  expectType<Results<Pick<Note, keyof Note>>>()(notes.index('byScore').query({ score: 1 }))
  const scores = await notes
    .index('scores')
    .query({ region: 'r' }, { filter: { score: { gt: 1 } } })
    .toArray()
  expectType<Pick<Note, 'owner' | 'id' | 'region' | 'score'>[]>()(scores)
  expectType<Pick<Note, 'owner' | 'id' | 'region' | 'email' | 'score'> | undefined>()(
    await notes.index('emails').scan().first(),
  )
  expectType<Pick<Note, 'owner' | 'id' | 'score'> | undefined>()(await notes.index('own').scan().first())
  // A copy is of the whole item.
  expectType<Results<Pick<Note, keyof Note>>>()(notes.index('copies').query({ score: 1, round: { gt: 2 } }))
  expectType<Pick<Note, 'owner' | 'id' | 'region' | 'email'> | undefined>()(
    await notes.index('someCopies').query({ region: 'r' }).first(),
  )
  expectType<Pick<Note, 'email' | 'tags'>[]>()(
    await notes
      .index('own')
      .query({ owner: 'a' }, { select: ['email', 'tags'] })
      .toArray(),
  )
  expectType<Pick<Note, 'email'>[]>()(
    await notes
      .index('emails')
      .query({ region: 'r' }, { select: ['email'], limit: 1 })
      .toArray(),
  )

  // By its name alone nothing is known, and everything compiles.
  const unknown = db.table('whatever').index('anything')
  unknown.query({ any: { all: [1] } }, { filter: 'x > 1', select: ['y'] })
  for await (const { key: values } of unknown.counts()) values['any']
  await db.dropIndex('notes', 'byScore')
}

export function mistakes(db: Database): void {
  const notes = db.table(Notes)
  const byPlace = notes.index('byPlace')
  // @ts-expect-error one of the partition key's attributes is missing
  byPlace.query({ tournament: 't' })
  // @ts-expect-error of the sort key an attribute is left out
  byPlace.query({ tournament: 't', region: 'r', bracket: 'a' })
  // @ts-expect-error only the last attribute has a condition
  byPlace.query({ tournament: 't', region: 'r', round: { gt: 1 }, bracket: 'a' })
  // @ts-expect-error a value of another type
  byPlace.query({ tournament: 't', region: 5 })
  // @ts-expect-error an attribute that is not of the key
  byPlace.query({ tournament: 't', region: 'r', score: 5 })
  // @ts-expect-error no condition on a partition key
  byPlace.query({ tournament: { beginsWith: 't' }, region: 'r' })
  // @ts-expect-error a value that no element has
  notes.index('byTag').query({ tags: 'green' })
  // @ts-expect-error one element, not the set of them
  notes.index('byTag').query({ tags: new Set(['red']) })
  // @ts-expect-error any or all, nothing else
  notes.index('byTag').query({ tags: { some: ['red'] } })
  // @ts-expect-error the other attribute of the partition key has one value
  notes.index('byOwnLabel').query({ owner: { any: ['a'] }, labels: 'x' })
  // @ts-expect-error a global index does not read the rest from the table
  notes.index('scores').query({ region: 'r' }, { select: ['email'] })
  // @ts-expect-error nor does a filter
  notes.index('scores').query({ region: 'r' }, { filter: { email: 'x' } })
  // @ts-expect-error there is no such attribute
  notes.index('own').query({ owner: 'a' }, { select: ['emial'] })

  // @ts-expect-error a list can't be a key by itself
  table('one', { schema, key, indexes: { byLabel: ['labels'] } })
  // @ts-expect-error a list can't be a key by itself, in whatever form
  table('one', { schema, key, indexes: { byLabel: { key: ['labels'], unique: true } } })
  // @ts-expect-error what has many values is in the key
  table('one', { schema, key, indexes: { byLabel: { key: ['email'], multi: 'email' } } })
  // @ts-expect-error elements that are maps are no keys
  table('one', { schema, key, indexes: { byLine: { key: ['lines'], multi: 'lines' } } })
  // @ts-expect-error a misspelled option
  table('one', { schema, key, indexes: { byEmail: { key: ['email'], uniqe: true } } })
  // @ts-expect-error an option that there is not, beside an index that is right
  table('one', { schema, key, indexes: { byEmail: ['email'], byMail: { key: ['email'], sparse: true } } })
  // @ts-expect-error five attributes are too many
  table('one', { schema, key, indexes: { by: [['tournament', 'region', 'bracket', 'email', 'round']] } })
  // @ts-expect-error a boolean is no key
  table('one', { schema, key, indexes: { byDone: { key: ['done'] } } })
  // @ts-expect-error an attribute that is not there
  table('one', { schema, key, indexes: { byMail: { key: ['mail'], unique: true } } })
  // @ts-expect-error an attribute that is not there can't be projected
  table('one', { schema, key, indexes: { byMail: { key: ['email'], projection: ['mail'] } } })
  // @ts-expect-error a local index has one value for each item
  table('one', { schema, key, indexes: { byLabel: { key: ['labels', 'id'], multi: 'labels', local: true } } })
  // @ts-expect-error it is or it is not
  table('one', { schema, key, indexes: { byScore: { key: ['score'], covering: 'yes' } } })
  // @ts-expect-error an index of many values has no copies
  table('one', { schema, key, indexes: { byLabel: { key: ['labels'], multi: 'labels', covering: true } } })
  // @ts-expect-error nor has a unique one
  table('one', { schema, key, indexes: { byEmail: { key: ['email'], unique: true, covering: true } } })
  // @ts-expect-error nothing is dropped through a snapshot
  db.snapshot().dropIndex
}
