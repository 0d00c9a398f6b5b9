/**
 * A definition with another `ttl` replaced the one that the table had, without a word: a second program with a slip in its
 * definition brought expired items back to sight, for both. It is refused now, as another key is, and so is `--ttl` of the
 * command line. Whoever means it switches the old one off first.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import { expect, test } from 'vitest'
import { run } from '../../src/cli/run.js'
import { type Database, open, table, type } from '../../src/index.js'
import { MovableClock, temporaryDatabase, temporaryFolder } from '../support/temporary-database.js'
import { wireRequest } from '../support/wire-fixture.js'

interface Thing {
  id: string
  gone?: number
  over?: number
}
const schema = type<Thing>()
const Plain = table('things', { schema, key: ['id'] })
const Gone = table('things', { schema, key: ['id'], ttl: 'gone' })
const Over = table('things', { schema, key: ['id'], ttl: 'over' })
const OverWithIndex = table('things', { schema, key: ['id'], ttl: 'over', indexes: { byOver: ['over'] } })

const REFUSAL = {
  name: 'ValidationException',
  code: 'TABLE_DEFINITION',
  message: expect.stringMatching(/^Table "things" has the time to live "gone", not "over": .* UpdateTimeToLive/),
}

const ttlOf = (db: Database) => db.tables()[0]!.ttl

/** With an item whose time is over. */
async function mortal() {
  const clock = new MovableClock()
  const database = await temporaryDatabase({ clock })
  await database.db.table(Gone).put({ id: 'a', gone: clock.seconds + 1 })
  clock.advance(5)
  return { database, clock }
}

test('another time to live is refused, and nothing of its definition is taken over', async () => {
  const { database } = await mortal()
  const refuses = async (db: Database) => {
    for (const definition of [Over, OverWithIndex]) {
      expect(() => db.table(definition)).toThrow(expect.objectContaining(REFUSAL))
      await expect(db.transact((tx) => tx.put(definition, { id: 'b' }))).rejects.toMatchObject(REFUSAL)
    }
    expect(db.tables()).toMatchObject([{ name: 'things', ttl: 'gone', indexes: [] }])
    expect(await db.table(Gone).scan().toArray()).toEqual([])
    expect(await db.table('things').get({ id: 'a' })).toBeUndefined()
  }
  await refuses(database.db)
  await refuses(await database.reopen())
  await database.db.checkpoint()
  await refuses(await database.reopen())
})

test('the same one, none, and one for a table that has none are fine', async () => {
  const { database, clock } = await mortal()
  for (const definition of [Gone, Plain, Gone]) {
    expect(await database.db.table(definition).get({ id: 'a' })).toBeUndefined()
    expect(ttlOf(await database.reopen())).toBe('gone')
  }
  const { db } = await temporaryDatabase({ clock })
  await db.table(Plain).put({ id: 'a', over: clock.seconds - 1 })
  expect(ttlOf(db)).toBeUndefined()
  expect(await db.table(Over).get({ id: 'a' })).toBeUndefined()
  expect(ttlOf(db)).toBe('over')
})

async function updateTimeToLive(db: Database, Enabled: boolean, AttributeName: string): Promise<number> {
  const TimeToLiveSpecification = { Enabled, AttributeName }
  const { method, headers, body } = wireRequest('UpdateTimeToLive', { TableName: 'things', TimeToLiveSpecification })
  return (await db.fetch(new Request('http://localhost/', { method, headers: headers as never, body }))).status
}

test('it is changed on purpose: switched off by UpdateTimeToLive, and defined anew', async () => {
  const { database } = await mortal()
  const { db } = database
  const snapshot = db.snapshot()
  expect(await updateTimeToLive(db, false, 'gone')).toBe(200)
  expect(await db.table(Over).get({ id: 'a' })).toMatchObject({ id: 'a' })
  expect(ttlOf(db)).toBe('over')
  expect(() => db.table(Gone)).toThrow('has the time to live "over", not "gone"')
  // A snapshot has the one of its moment, whatever its reader calls it.
  for (const definition of [Gone, Over]) {
    expect(await snapshot.table(definition).get({ id: 'a' })).toBeUndefined()
  }
  snapshot.release()
  // Or all of it through that door.
  expect(await updateTimeToLive(db, false, 'over')).toBe(200)
  expect(await updateTimeToLive(db, true, 'gone')).toBe(200)
  expect(await (await database.reopen()).table(Gone).get({ id: 'a' })).toBeUndefined()
})

test('the command line refuses another --ttl, and stores nothing', async () => {
  const root = temporaryFolder()
  const folder = join(root, 'data')
  const file = join(root, 'things.jsonl')
  writeFileSync(file, '{"id":"b"}\n{"id":"c"}\n')
  expect(await cli('put', folder, 'things', '{"id":"a","gone":1}', '--key', 'id', '--ttl', 'gone')).toMatchObject({
    code: 0,
  })
  for (const more of [[], ['--key', 'id']]) {
    for (const source of [
      ['put', folder, 'things', '{"id":"b"}'],
      ['import', folder, 'things', file],
    ]) {
      const { code, stderr } = await cli(...source, '--ttl', 'over', ...more)
      expect(code).toBe(2)
      expect(stderr).toMatch(/^dynafile: Table "things" has the time to live "gone", not "over": .*\n$/)
    }
  }
  const db = await open(folder)
  expect(ttlOf(db)).toBe('gone')
  expect(await db.table('things').scan().count()).toBe(1)
  await db.close()
  expect(await cli('import', folder, 'things', file, '--ttl', 'gone')).toMatchObject({ code: 0 })
  // As a script has it whose variable is empty.
  expect(await cli('import', folder, 'things', file, '--ttl', '')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('its ttl names ""'),
  })
  expect(await cli('import', folder, 'things', file)).toMatchObject({ code: 0 })
})

async function cli(...argv: string[]): Promise<{ code: number; stderr: string }> {
  const chunks: Buffer[] = []
  const stderr = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk)
      done()
    },
  })
  const stdout = new Writable({ write: (_chunk, _encoding, done) => done() })
  const code = await run(argv, { stdin: Readable.from([]), stdout, stderr })
  return { code, stderr: Buffer.concat(chunks).toString() }
}
