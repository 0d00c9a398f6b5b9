/** Items whose names have become numbers are read wherever items are read, and after opening again. */
import { expect, test } from 'vitest'
import { table, type, watchFolder } from '../../src/index.js'
import { filesBelow, temporaryDatabase } from '../support/temporary-database.js'

interface Place {
  id: string
  nameOfTheCountry: string
  placeOnTheMap: { latitudeInDegrees: number; longitudeInDegrees: number }
  population?: number
}

const Places = table('places', { schema: type<Place>(), key: ['id'] })
const Indexed = table('places', {
  schema: type<Place>(),
  key: ['id'],
  indexes: { byCountry: ['nameOfTheCountry', 'id'] },
  ttl: 'population',
})

function place(n: number): Place {
  return {
    id: `place-${String(n).padStart(4, '0')}`,
    nameOfTheCountry: `country-${n % 3}`,
    placeOnTheMap: { latitudeInDegrees: n / 10, longitudeInDegrees: -1 - n },
    ...(n % 2 === 0 ? { population: 9e12 + n } : {}),
  }
}
const all = Array.from({ length: 300 }, (_, n) => place(n))

test('they are read by key, query, scan, filter, index, snapshot and listener, before opening again and after', async () => {
  const database = await temporaryDatabase()
  let places = database.db.table(Places)
  const told: unknown[] = []
  const listening = places.on('change', (change) => told.push(change))
  for (const item of all.slice(0, 100)) await places.put(item)
  listening[Symbol.dispose]()
  expect(told).toMatchObject(all.slice(0, 100).map((item) => ({ new: item })))
  await places.batch((batch) => {
    for (const item of all.slice(100)) batch.put(item)
  })
  const snapshot = database.db.snapshot()
  await places.update({ id: all[0]!.id }, { set: { nameOfTheCountry: 'elsewhere' } })
  expect(await snapshot.table(Places).get({ id: all[0]!.id })).toEqual(all[0])
  snapshot[Symbol.dispose]()
  await places.put(all[0]!)

  // The index is filled from items that are there.
  let db = database.db
  for (const round of ['before', 'after']) {
    const indexed = db.table(Indexed)
    const found = await indexed.scan().toArray()
    expect(found.sort((a, b) => (a.id < b.id ? -1 : 1))).toEqual(all)
    expect(await indexed.get({ id: all[7]!.id })).toEqual(all[7])
    expect(await indexed.query({ id: all[8]!.id }, { select: ['placeOnTheMap'] }).toArray()).toEqual([
      { placeOnTheMap: all[8]!.placeOnTheMap },
    ])
    expect(await indexed.scan({ filter: 'placeOnTheMap.longitudeInDegrees < -290' }).count()).toBe(10)
    expect(await indexed.index('byCountry').query({ nameOfTheCountry: 'country-1' }).toArray()).toEqual(
      all.filter((_, n) => n % 3 === 1),
    )
    if (round === 'before') await db.checkpoint()
    db = await database.reopen()
    places = db.table(Places)
  }
  // Names of a few first items, of the catalog, and no more.
  const files = Object.values(filesBelow(database.path)).join('')
  expect(files.split('latitudeInDegrees').length).toBeLessThan(40)
})

test('a batch that is all there is takes the names with it', async () => {
  const database = await temporaryDatabase()
  await database.db.table(Places).batch((batch) => {
    for (const item of all) batch.put(item)
  })
  const places = (await database.reopen()).table(Places)
  expect((await places.scan().toArray()).length).toBe(all.length)
  expect(await places.get({ id: all[299]!.id })).toEqual(all[299])
})

test('an item that is refused takes no names into the database, and those after it do', async () => {
  const database = await temporaryDatabase()
  const indexed = database.db.table(Indexed)
  await indexed.put({ ...all[1]!, nameOfTheCountry: 'x' })
  const before = filesBelow(database.path)
  for (let n = 0; n < 20; n++) {
    const odd = { ...all[1]!, nameOfTheCountry: 5, [`new-${n % 2}`]: n }
    await expect(indexed.put(odd as never)).rejects.toMatchObject({ code: 'KEY_TYPE' })
  }
  expect(filesBelow(database.path)).toEqual(before)
  const taken = { ...all[1]!, 'new-0': 0 }
  await indexed.put(taken)
  expect(await (await database.reopen()).table(Indexed).get({ id: taken.id })).toEqual(taken)
})

test('who watches from outside reads items of shapes that were new after he came', async () => {
  const { path, db } = await temporaryDatabase()
  const places = db.table(Places)
  for (const item of all.slice(1, 40)) await places.put(item)
  const found: unknown[] = []
  const watching = (async () => {
    for await (const change of watchFolder(path)) {
      found.push(change.new)
      if (found.length >= 60) break
    }
  })()
  await new Promise((resolve) => setTimeout(resolve, 150))
  for (let n = 0; n < 61; n++) await places.put({ ...all[n]!, population: n, [`new-${n % 3}`]: n } as Place)
  await watching
  expect(found).toEqual(all.slice(0, 60).map((item, n) => ({ ...item, population: n, [`new-${n % 3}`]: n })))
})
