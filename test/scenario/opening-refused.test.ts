/** What can't be opened is refused with an error of its own that says why, and is left as it was. */
import { execFile } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import {
  DatabaseLockedError,
  NewerFormatError,
  NotADatabaseError,
  type OpenOptions,
  open,
  table,
  type,
} from '../../src/index.js'
import { hasCompression } from '../../src/storage/codec/block-codec.js'
import { filesBelow, temporaryDatabase, temporaryFolder } from '../support/temporary-database.js'

const Things = table('things', { schema: type<{ id: string }>(), key: ['id'] })
const Texts = table('texts', { schema: type<{ id: string; text: string }>(), key: ['id'] })

test('a second opening in this process is refused, naming it', async () => {
  const database = await temporaryDatabase()
  const link = `${database.path}-link`
  fs.symlinkSync(database.path, link)
  for (const name of [database.path, `${database.path}/../db`, link]) {
    const failure = await open(name).catch((thrown: unknown) => thrown)
    expect(failure).toBeInstanceOf(DatabaseLockedError)
    expect(failure).toMatchObject({ code: 'DATABASE_LOCKED', pid: process.pid })
    expect(String(failure)).toContain(`this process (pid ${process.pid})`)
  }
  await database.db.table(Things).put({ id: 'still works' })
})

test('another process is refused, and told who has it', async () => {
  const database = await temporaryDatabase()
  const source = fileURLToPath(new URL('../../src/index.ts', import.meta.url))
  const script = `
    import { open } from ${JSON.stringify(source)}
    try { await open(${JSON.stringify(database.path)}); console.log('it opened') }
    catch ({ code, pid, message }) { console.log(JSON.stringify({ code, pid, message })) }`
  const run = promisify(execFile)
  const { stdout } = await run(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script])
  const answer = JSON.parse(stdout) as { message: string }
  expect(answer).toMatchObject({ code: 'DATABASE_LOCKED', pid: process.pid })
  expect(answer.message).toContain(`process ${process.pid} on `)
})

test('of many openings at the same moment one succeeds', async () => {
  const folder = path.join(temporaryFolder(), 'db')
  const outcomes = await Promise.allSettled(Array.from({ length: 10 }, () => open(folder)))
  const opened = outcomes.filter((outcome) => outcome.status === 'fulfilled')
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(DatabaseLockedError)
  }
  expect(opened).toHaveLength(1)
  await opened[0]!.value.close()
})

test('a folder that is not ours is refused and left untouched', async () => {
  for (const name of ['notes.txt', 'FORMAT', 'data.mdb', '.git']) {
    const folder = temporaryFolder()
    fs.writeFileSync(path.join(folder, name), 'precious')
    const failure = await open(folder).catch((thrown: unknown) => thrown)
    expect(failure, name).toBeInstanceOf(NotADatabaseError)
    expect(failure).toMatchObject({ code: 'NOT_A_DATABASE', path: folder })
    expect(filesBelow(folder)).toEqual({ [name]: 'precious' })
    expect(fs.readdirSync(folder)).toEqual([name])
  }
})

test('a database whose FORMAT is gone is refused, not taken for an empty folder', async () => {
  const database = await temporaryDatabase()
  await database.db.table(Things).put({ id: 'a' })
  await database.db.close()
  const format = path.join(database.path, 'FORMAT')
  const bytes = fs.readFileSync(format)
  fs.rmSync(format)
  await expect(open(database.path)).rejects.toMatchObject({ code: 'NOT_A_DATABASE' })
  fs.writeFileSync(format, bytes)
})

test('a newer format is refused and left untouched; a newer minor one is read', async () => {
  const database = await temporaryDatabase()
  await database.db.table(Things).put({ id: 'a' })
  await database.db.close()
  const format = path.join(database.path, 'FORMAT')
  const original = fs.readFileSync(format)
  const newer = Buffer.from(original)
  newer.writeUInt16LE(2, 8)
  fs.writeFileSync(format, newer)
  const files = filesBelow(database.path)
  const failure = await open(database.path).catch((thrown: unknown) => thrown)
  expect(failure).toBeInstanceOf(NewerFormatError)
  expect(String(failure)).toMatch(/its format is 2, this version reads up to 1/)
  expect(filesBelow(database.path)).toEqual(files)

  const damaged = Buffer.from(original)
  damaged[20]! ^= 1
  fs.writeFileSync(format, damaged)
  await expect(open(database.path)).rejects.toMatchObject({ code: 'CORRUPTION', file: format })
  fs.writeFileSync(format, original)
})

test('a file in place of a folder, or of one above it, is refused', async () => {
  const file = path.join(temporaryFolder(), 'file')
  fs.writeFileSync(file, 'precious')
  for (const name of [file, path.join(file, 'below')]) {
    await expect(open(name)).rejects.toMatchObject({ code: 'NOT_A_DATABASE' })
  }
  expect(fs.readFileSync(file, 'utf8')).toBe('precious')
})

test('paths and options that make no sense are refused before anything is made', async () => {
  const folder = path.join(temporaryFolder(), 'db')
  for (const name of ['', 'a\0b', 'redis://localhost', 5, undefined]) {
    await expect(open(name as string)).rejects.toMatchObject({ code: 'OPTION' })
  }
  const wrong: Record<string, unknown>[] = [
    { fsync: 'sometimes' },
    { compression: 'zip' },
    ...['cacheBytes', 'memtableBytes', 'partitionBytes'].flatMap((name) =>
      [Number.NaN, Number.POSITIVE_INFINITY, '64', -1, 0.5, 2 ** 60, null, 64n, {}].map((value) => ({ [name]: value })),
    ),
    { memtableBytes: 0 },
    { memtableBytes: 255 },
    { partitionBytes: 255 },
    ...[Number.NaN, Number.NEGATIVE_INFINITY, '64', -1, 0.5, 2 ** 60, null].map((threadFromBytes) => ({
      threadFromBytes,
    })),
    ...['5', 0, -1, Number.NaN, 2 ** 31].map((fsyncIntervalMs) => ({ fsync: 'batch', fsyncIntervalMs })),
    ...[5, null, {}, { now: 5 }, { now: () => Number.NaN }, { now: () => '5' }].map((clock) => ({ clock })),
  ]
  for (const options of wrong) {
    const message = expect.stringContaining(`"${Object.keys(options).at(-1)}"`)
    await expect(open(folder, options as OpenOptions)).rejects.toMatchObject({ code: 'OPTION', message })
  }
  await expect(open(folder, { memtableBytes: 2 ** 45 })).rejects.toThrow(/half of the memory that this process may use/)
  await expect(open(folder, { cacheBytes: 2 ** 45 })).rejects.toThrow(/\(the memory that this process may use\)/)
  expect(fs.existsSync(folder)).toBe(false)
})

test('the smallest sizes there are work, and so does no cache at all', async () => {
  const { db, reopen } = await temporaryDatabase({ cacheBytes: 0, memtableBytes: 256, partitionBytes: 256 })
  for (let n = 0; n < 30; n++) await db.table(Texts).put({ id: `i${n}`, text: 'x' })
  await db.table(Texts).put({ id: 'large', text: 'x'.repeat(100_000) })
  const things = (await reopen()).table(Texts)
  for (let round = 0; round < 3; round++) {
    expect(await things.get({ id: 'i7' })).toEqual({ id: 'i7', text: 'x' })
    expect(await things.get({ id: 'large' })).toHaveProperty('text.length', 100_000)
    expect(await things.scan().count()).toBe(31)
  }
})

test.skipIf(hasCompression('zstd'))('zstd is refused where the runtime has none', async () => {
  const folder = path.join(temporaryFolder(), 'db')
  await expect(open(folder, { compression: 'zstd' })).rejects.toMatchObject({
    code: 'OPTION',
    message: `Cannot open: "compression" can't be zstd on ${process.version}: it needs Node 22.15 or newer`,
  })
  expect(fs.existsSync(folder)).toBe(false)
})

test('tables that contradict the one that is there, or are not there, are refused', async () => {
  const { db } = await temporaryDatabase()
  db.table(Things)
  const other = table('things', { schema: type<{ name: string }>(), key: ['name'] })
  expect(() => db.table(other)).toThrow(expect.objectContaining({ code: 'TABLE_DEFINITION' }))
  expect(() => db.table('nothing')).toThrow(expect.objectContaining({ code: 'TABLE_NOT_FOUND' }))
  expect(() => table('x', { schema: type<{ id: string }>(), key: ['id'] })).toThrow(
    expect.objectContaining({ code: 'TABLE_NAME' }),
  )
})
