/**
 * The folder is taken by force before any operation of its holder, while it opens or later: another process opens it at that
 * moment, and both go on. Whatever the first one does then, all that either was told is stored is there, and the second one is
 * never disturbed.
 *
 *   ROUNDS=5000 npx vitest run --config test/vitest.config.ts crash/lost-folder     longer
 *   SEED=4711 npx vitest run --config test/vitest.config.ts crash/lost-folder       one run again
 */
import { expect, test } from 'vitest'
import { FencedError } from '../../src/errors.js'
import type { FileSystem, OpenFile } from '../../src/storage/disk/file-system.js'
import { prepareFolder } from '../../src/storage/folder.js'
import { Storage } from '../../src/storage/storage.js'
import { DEFAULT_STORAGE_OPTIONS, type StorageOptions } from '../../src/storage/storage-options.js'
import { changedFile, changedFileSystem } from '../support/delegating-file-system.js'
import { checksum, contents, type Machine, machine, put, ROOT, restarted } from '../support/storage-fixture.js'

const ROUNDS = Number(process.env['ROUNDS'] ?? 250)
const SEED = process.env['SEED']
const STEPS = 80

/** The same files; `before` is called before each operation that changes something. */
function watched(files: FileSystem, before: () => void): FileSystem {
  const after = <Given extends unknown[], R>(run: (...given: Given) => R) => {
    return (...given: Given): R => {
      before()
      return run(...given)
    }
  }
  const watchedFile = (file: OpenFile) =>
    changedFile(file, {
      write: after((bytes, position) => file.write(bytes, position)),
      truncate: after((byteLength) => file.truncate(byteLength)),
      sync: after((point) => file.sync(point)),
      syncLater: after((point) => file.syncLater(point)),
    })
  const open = after((path: string, mode: 'read' | 'write' | 'create') => watchedFile(files.open(path, mode)))
  return changedFileSystem(files, {
    open: (path, mode) => (mode === 'read' ? files.open(path, mode) : open(path, mode)),
    createFile: after((path, bytes, point, beforeNamed) =>
      files.createFile(path, bytes, point, beforeNamed && after(beforeNamed)),
    ),
    makeDirectory: after((path) => files.makeDirectory(path)),
    rename: after((from, to) => files.rename(from, to)),
    link: after((path, name) => files.link(path, name)),
    remove: after((path) => files.remove(path)),
    removeLater: after((path) => files.removeLater(path)),
    removeDirectory: after((path) => files.removeDirectory(path)),
    syncDirectory: after((path, point) => files.syncDirectory(path, point)),
    syncDirectoryLater: after((path, point) => files.syncDirectoryLater(path, point)),
  })
}

class Run {
  readonly #where: Machine
  readonly #options: StorageOptions
  readonly #expected: Record<string, string> = {}
  readonly #failures: unknown[] = []
  #epoch = 0
  #time = 0
  #keys = 0

  constructor(seed: number) {
    this.#where = machine(seed)
    const { random } = this.#where
    this.#options = {
      ...DEFAULT_STORAGE_OPTIONS,
      blockByteLength: 200,
      partitionByteLimit: 1000,
      memtableByteLimit: 3000,
      segmentByteLimit: random.pick([500, 1500]),
      logByteLimit: random.pick([2000, 100_000]),
    }
  }

  /** @returns Whether the folder was taken before the first one was done. */
  async run(): Promise<boolean> {
    const { random, scheduler, disk } = this.#where
    const before = this.#open(disk, () => true)
    for (let n = random.below(15); n > 0; n--) this.#commit(before, 'before')
    await scheduler.runUntil(() => false)
    if (random.chance(0.5)) await scheduler.outcome(before.close())

    let second: Storage | undefined
    let operations = random.chance(0.5) ? random.below(25) : random.below(150)
    const take = () => {
      if (operations-- === 0) second = this.#open(disk, () => true)
    }
    const first = this.#tryToOpen(watched(disk, take), () => second === undefined)
    for (let step = 0; step < STEPS; step++) {
      if (first !== undefined && random.chance(0.5)) this.#commit(first, 'first')
      if (first !== undefined && random.chance(0.05)) first.checkpoint().catch(() => {})
      if (second !== undefined && random.chance(0.5)) this.#commit(second, 'second')
      if (second !== undefined && random.chance(0.03))
        second.checkpoint().catch((failure) => this.#failures.push(failure))
      for (let count = random.below(4); count > 0; count--) await scheduler.runOne()
    }
    if (random.chance(0.5)) first?.close().catch(() => {})
    await scheduler.runUntil(() => false)

    expect(this.#failures).toEqual([])
    const after = restarted(this.#where, 'kill')
    Object.assign(this.#where, after)
    expect(contents(this.#open(after.disk, () => true))).toMatchObject(this.#expected)
    return second !== undefined
  }

  #tryToOpen(files: FileSystem, isHeld: () => boolean): Storage | undefined {
    try {
      return this.#open(files, isHeld)
    } catch (failure) {
      if (failure instanceof FencedError) return undefined
      throw failure
    }
  }

  #open(files: FileSystem, isHeld: () => boolean): Storage {
    const { random, scheduler } = this.#where
    prepareFolder(files, ROOT)
    this.#epoch += 1
    const monotonicClock = { now: () => (this.#time += random.pick([0, 0.1, 3, 50])) }
    const environment = { files, random, scheduler, checksum, clock: { now: () => 1_800_000_000_000 }, monotonicClock }
    return Storage.open(environment, ROOT, { epoch: this.#epoch, isHeld }, this.#options)
  }

  #commit(storage: Storage, by: 'before' | 'first' | 'second'): void {
    const key = `${by} ${this.#keys++}`
    const value = 'x'.repeat(this.#where.random.between(1, 200))
    try {
      const stored = storage.commit([put(key, value)]).then(() => {
        this.#expected[key] = value
      })
      stored.catch((failure) => by === 'first' || this.#failures.push(failure))
    } catch (failure) {
      if (by !== 'first') throw failure
    }
  }
}

test('nothing that was acknowledged is lost', { timeout: 3_600_000 }, async () => {
  const first = SEED === undefined ? 1 : Number(SEED)
  let taken = 0
  for (let seed = first; seed < first + (SEED === undefined ? ROUNDS : 1); seed++) {
    try {
      if (await new Run(seed).run()) taken += 1
    } catch (cause) {
      const again = `SEED=${seed} npx vitest run --config test/vitest.config.ts crash/lost-folder`
      throw new Error(`run ${seed} failed; repeat it: ${again}\n${(cause as Error).message}`, { cause })
    }
  }
  expect(taken).toBeGreaterThan(SEED === undefined ? ROUNDS / 2 : -1)
})
