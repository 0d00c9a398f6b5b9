/**
 * One crash schedule: a seed decides what is written, how large everything is, what happens in which order, when the
 * power goes out or the process is killed, what of the unsynced survives, and whether it happens again while the
 * database comes back. Three rounds each. Afterwards it must hold that
 *
 *   - every acknowledged commit is there (with durability `synced`; otherwise every one that was flushed),
 *   - what is there is a prefix of what was committed: whole commits, in order, no holes,
 *   - nothing that a reader has seen is gone,
 *   - every tree agrees with every other: a commit writes to three of them,
 *   - every file is sound, and there is none that nothing names.
 */
import type { Checksum } from '../../src/base/checksum.js'
import { hashKey } from '../../src/base/key-hash.js'
import { DatabaseClosedError } from '../../src/errors.js'
import type { SyncPoint } from '../../src/storage/disk/file-system.js'
import type { Environment } from '../../src/storage/environment.js'
import { prepareFolder } from '../../src/storage/folder.js'
import { checkIntegrity } from '../../src/storage/integrity-check.js'
import type { PackedCommits } from '../../src/storage/log/packed-commits.js'
import type { StorageSnapshot } from '../../src/storage/snapshot.js'
import { Storage } from '../../src/storage/storage.js'
import { DEFAULT_STORAGE_OPTIONS, type StorageOptions } from '../../src/storage/storage-options.js'
import type { Write } from '../../src/storage/tree/write.js'
import type { ReadableTrees } from '../../src/storage/view.js'
import { inView, packed } from './packed.js'
import { SeededRandom } from './random.js'
import { CrashError, SimulatedDisk } from './simulated-disk.js'
import { SimulatedScheduler, settle } from './simulated-scheduler.js'

const ROOT = '/home/db'
const ITEMS = 1
const MIRROR = 2
const COUNTER = 3
const ASCENDING = 4

/** Small values, or such that blocks have proofs of their entries (storage/sorted-file/proof.ts). */
const VALUE_LENGTHS: readonly (readonly number[])[] = [
  [0, 3, 20, 90, 90, 1500],
  [150, 200, 250, 300, 600],
]

export interface ScheduleOptions {
  readonly checksum: Checksum
  readonly rounds?: number
  /** Leave out this sync: the schedules must notice. */
  readonly leftOut?: SyncPoint
}

export interface ScheduleReport {
  readonly commits: number
  readonly crashes: number
  readonly checkpoints: number
  readonly passed: ReadonlySet<SyncPoint>
}

/** @throws {Error} With what went wrong; the caller adds the seed. */
export async function runCrashSchedule(seed: number, options: ScheduleOptions): Promise<ScheduleReport> {
  return new CrashSchedule(seed, options).run()
}

class CrashSchedule {
  readonly #random: SeededRandom
  readonly #options: ScheduleOptions
  readonly #valueLengths: readonly number[]
  /** All commits ever issued, in order; what a crash took is cut off again. */
  readonly #history: (readonly Write[])[] = []
  /** How many of them have to be there after the next crash. */
  #certain = 0
  /** How many were acknowledged: all that a process can lose by being killed is what was not. */
  #acknowledged = 0
  #disk: SimulatedDisk
  #scheduler: SimulatedScheduler
  #time = 0
  /** Now and then something takes long: then the queue does things another way. */
  readonly #monotonicClock = { now: () => (this.#time += this.#random.pick([0, 0, 0.1, 0.1, 0.5, 3, 50])) }
  #epoch = 0
  #crashes = 0
  #checkpoints = 0
  readonly #passed = new Set<SyncPoint>()

  constructor(seed: number, options: ScheduleOptions) {
    this.#random = new SeededRandom(seed)
    this.#options = options
    this.#scheduler = new SimulatedScheduler(this.#random)
    this.#disk = new SimulatedDisk(this.#random, this.#scheduler)
    this.#disk.leftOut = options.leftOut
    this.#disk.takesParts = this.#random.chance(0.3)
    this.#valueLengths = this.#random.pick(VALUE_LENGTHS)
  }

  async run(): Promise<ScheduleReport> {
    const rounds = this.#options.rounds ?? 3
    for (let round = 0; round < rounds; round++) {
      const storage = this.#openDespiteCrashes()
      this.#check(storage)
      await this.#work(storage)
    }
    const storage = this.#openDespiteCrashes()
    this.#check(storage)
    await this.#close(storage)
    this.#note()
    return {
      commits: this.#history.length,
      crashes: this.#crashes,
      checkpoints: this.#checkpoints,
      passed: this.#passed,
    }
  }

  /** Opens the database; now and then the power goes out while it does, up to twice. */
  #openDespiteCrashes(): Storage {
    for (let crashes = 0; crashes < 2 && this.#random.chance(0.3); crashes++) {
      this.#disk.crashAfter(this.#random.between(1, 25))
      try {
        const storage = this.#open()
        // It got through: what it shows now must stay, even if the power goes out before anything else happens.
        this.#check(storage)
      } catch (failure) {
        if (!isCrash(failure)) throw failure
      }
      this.#crash()
    }
    return this.#open()
  }

  #open(): Storage {
    const environment: Environment = {
      files: this.#disk,
      clock: { now: () => 1_800_000_000_000 },
      random: this.#random,
      monotonicClock: this.#monotonicClock,
      scheduler: this.#scheduler,
      checksum: this.#options.checksum,
    }
    prepareFolder(this.#disk, ROOT)
    this.#epoch += 1
    return Storage.open(environment, ROOT, { epoch: this.#epoch, isHeld: () => true }, this.#storageOptions())
  }

  /** Compares everything there is with the history; what is there from now on has to stay. */
  #check(storage: Storage): void {
    const found = countIn(storage)
    const expected = Math.max(this.#certain, this.#acknowledged)
    if (found < expected) throw new Error(`${expected} commits were certain, ${found} are there`)
    if (found > this.#history.length) throw new Error(`${this.#history.length} commits were made, ${found} are there`)
    this.#history.length = found
    this.#certain = found
    this.#acknowledged = found
    compareWithHistory(storage, this.#history)
    const problems = [...checkIntegrity(storage)]
    if (problems.length > 0) throw new Error(`the integrity check found: ${problems.map(String).join('; ')}`)
    checkFiles(storage, this.#disk)
  }

  async #work(storage: Storage): Promise<void> {
    const random = this.#random
    // Now and then it goes on for long enough that files of files are merged.
    this.#disk.crashAfter(random.between(1, random.chance(0.15) ? 1000 : 160))
    let current = storage
    let readers = this.#watch(current)
    const steps = random.between(5, 50)
    for (let step = 0; step < steps && !this.#disk.isCrashed; step++) {
      const choice = random.next()
      try {
        if (choice < 0.45) for (let n = random.between(1, 4); n > 0; n--) this.#commit(current)
        else if (choice < 0.5) await this.#commitAlone(current)
        else if (choice < 0.55) this.#commitAll(current)
        else if (choice < 0.61) this.#startCheckpoint(current)
        else if (choice < 0.62) this.#guard(current.compact())
        else if (choice < 0.64) await this.#checkpointOften(current)
        else if (choice < 0.7) this.#startFlush(current)
        else if (choice < 0.74) {
          await this.#close(current)
          if (current.failure === undefined) this.#certain = this.#history.length
          current = this.#open()
          this.#check(current)
          readers = this.#watch(current)
          this.#snapshots.length = 0
        } else if (choice < 0.78) this.#takeSnapshot(current)
        else if (choice < 0.82) this.#checkSnapshot()
        else await this.#scheduler.runOne()
        if (random.chance(0.3)) await settle()
        readers()
      } catch (failure) {
        if (!isCrash(failure)) throw failure
      }
    }
    if (!this.#disk.isCrashed && random.chance(0.5)) await this.#scheduler.runUntil(() => this.#disk.isCrashed)
    await settle()
    if (!this.#disk.isCrashed) readers()
    while (!this.#disk.isCrashed && this.#snapshots.length > 0) this.#checkSnapshot()
    this.#snapshots.length = 0
    this.#crash()
  }

  #takeSnapshot(storage: Storage): void {
    const snapshot = storage.snapshot()
    this.#snapshots.push({ snapshot, count: countIn(snapshot) })
  }

  /** Whatever happened since, it shows what was there when it was taken. */
  #checkSnapshot(): void {
    const [held] = this.#snapshots.splice(this.#random.below(this.#snapshots.length), 1)
    if (held === undefined) return
    compareWithHistory(held.snapshot, this.#history.slice(0, held.count))
    held.snapshot.release()
  }

  /** Closes it, now and then twice at once; afterwards no file is open, whatever happened. */
  async #close(storage: Storage): Promise<void> {
    const again = this.#random.chance(0.3) ? [storage.close()] : []
    try {
      await this.#scheduler.outcome(Promise.all([storage.close(), ...again]))
    } finally {
      const { openFileCount, isCrashed } = this.#disk
      if (!isCrashed && openFileCount > 0) this.#failure ??= new Error(`${openFileCount} files are open after closing`)
    }
  }

  #commit(storage: Storage): void {
    if (this.#random.chance(0.25)) {
      this.#commitLent(storage)
      return
    }
    const writes = this.#randomWrites()
    const number = this.#history.push(writes)
    this.#guard(storage.commit(writes).then(() => this.#acknowledge(storage, number)))
  }

  /** It has one write, too, and what was lent is another's by the next commit. */
  #commitLent(storage: Storage): void {
    const { value, number } = this.#counted()
    const lent = Buffer.from(value)
    this.#guard(
      storage.commitLent(COUNTER, hashKey('n'), inView(lent), 0, 0).then(() => this.#acknowledge(storage, number)),
    )
    lent.fill(0xee)
    hashKey('another')
  }

  /** One after the other: such a writer is synced at once. */
  async #commitAlone(storage: Storage): Promise<void> {
    for (let n = this.#random.between(4, 8); n > 0 && !this.#disk.isCrashed; n--) {
      const { length } = this.#history
      this.#commit(storage)
      await this.#scheduler.runUntil(() => this.#disk.isCrashed || this.#acknowledged > length)
    }
  }

  #commitAll(storage: Storage): void {
    const transactions = Array.from({ length: this.#random.between(1, 6) }, () => {
      if (this.#random.chance(0.3)) return this.#packed()
      const writes = this.#randomWrites()
      this.#history.push(writes)
      return { writes, origin: 0 }
    })
    const number = this.#history.length
    this.#guard(storage.commitAll(transactions).then(() => this.#acknowledge(storage, number)))
  }

  /** Such commits have one write each: the counter's. */
  #packed(): PackedCommits {
    const entries = Array.from({ length: this.#random.between(1, 8) }, () => {
      return ['n', this.#counted().value] as const
    })
    return packed(COUNTER, entries)
  }

  /** The next value of the counter, and the number of the commit that writes it. */
  #counted(): { readonly value: Buffer; readonly number: number } {
    const value = Buffer.concat([Buffer.alloc(4), this.#random.bytes(this.#random.pick([0, 7, 300]))])
    const number = this.#history.push([{ tree: COUNTER, key: 'n', value }])
    value.writeUInt32LE(number)
    return { value, number }
  }

  #acknowledge(storage: Storage, number: number): void {
    this.#acknowledged = Math.max(this.#acknowledged, number)
    if (storage.durability === 'synced') this.#certain = Math.max(this.#certain, number)
  }

  #startCheckpoint(storage: Storage): void {
    const promise = storage.checkpoint().then(() => {
      this.#checkpoints += 1
    })
    this.#guard(promise)
  }

  /** So often that deltas pile up and are merged. */
  async #checkpointOften(storage: Storage): Promise<void> {
    for (let n = this.#random.between(3, 6); n > 0 && !this.#disk.isCrashed; n--) {
      this.#commit(storage)
      let isDone = false
      const checkpoint = storage.checkpoint().finally(() => {
        isDone = true
        this.#checkpoints += 1
      })
      this.#guard(checkpoint)
      await this.#scheduler.runUntil(() => this.#disk.isCrashed || isDone)
    }
  }

  #startFlush(storage: Storage): void {
    const number = this.#history.length
    this.#guard(
      storage.flush().then(() => {
        this.#certain = Math.max(this.#certain, number)
      }),
    )
  }

  /** Whatever a reader sees under durability `synced` must survive. */
  #watch(storage: Storage): () => void {
    return () => {
      const seen = countIn(storage)
      if (seen > this.#history.length) throw new Error(`a reader sees ${seen} of ${this.#history.length} commits`)
      if (storage.durability === 'synced') this.#certain = Math.max(this.#certain, seen)
      if (this.#random.chance(0.1)) compareWithHistory(storage, this.#history.slice(0, seen))
    }
  }

  /** A promise may fail because of the crash. */
  #guard(promise: Promise<unknown>): void {
    const disk = this.#disk
    promise.catch((failure) => {
      // A checkpoint that waited for another one may find the database closed.
      if (!disk.isCrashed && !(failure instanceof DatabaseClosedError)) this.#failure ??= failure as Error
    })
  }

  #failure: Error | undefined
  readonly #snapshots: { readonly snapshot: StorageSnapshot; readonly count: number }[] = []

  #crash(): void {
    if (this.#failure !== undefined) throw this.#failure
    this.#crashes += 1
    this.#note()
    const isKill = this.#random.chance(0.3)
    // The page cache survives a kill, and with it all that was acknowledged, but not the power cut after it.
    if (!isKill) this.#acknowledged = this.#certain
    this.#scheduler = new SimulatedScheduler(this.#random)
    this.#disk = isKill ? this.#disk.afterKill(this.#scheduler) : this.#disk.afterPowerCut(this.#scheduler)
    this.#disk.leftOut = this.#options.leftOut
    this.#disk.takesParts = this.#random.chance(0.3)
  }

  #note(): void {
    for (const point of this.#disk.passed) this.#passed.add(point)
  }

  #storageOptions(): StorageOptions {
    const random = this.#random
    return {
      ...DEFAULT_STORAGE_OPTIONS,
      durability: random.pick([
        { kind: 'synced' },
        { kind: 'synced' },
        { kind: 'synced' },
        { kind: 'interval', intervalMs: 5 },
        { kind: 'system' },
      ]),
      compression: random.pick(['none', 'none', 'none', 'deflate']),
      cacheByteLimit: random.pick([0, 2000, 4_000_000]),
      blockByteLength: random.pick([40, 200, 1000, 4000]),
      partitionByteLimit: random.pick([150, 600, 5000]),
      smallBaseByteLength: random.pick([0, 100, 5000]),
      deltaLimit: random.pick([1, 2, 4]),
      carryByteLimit: random.pick([0, 200, 2000]),
      idleMs: random.pick([10, Number.POSITIVE_INFINITY]),
      openFileLimit: random.pick([1, 3, 100]),
      memtableByteLimit: random.pick([1500, 6000, 100_000]),
      memtableEntryLimit: random.pick([10, 50, 1000]),
      logByteLimit: random.pick([1000, 4000, 20_000]),
      segmentByteLimit: random.pick([300, 1000, 5000, 40_000]),
      sliceByteLength: random.pick([50, 500]),
    }
  }

  /** Some changes to the items, the same to their mirror, and the number of the commit. */
  #randomWrites(): Write[] {
    const random = this.#random
    const writes: Write[] = []
    for (let n = random.between(1, 4); n > 0; n--) {
      const key = `key-${random.below(40)}`
      const value = random.chance(0.25) ? undefined : random.bytes(random.pick(this.#valueLengths))
      writes.push({ tree: ITEMS, key, value }, { tree: MIRROR, key: mirrored(key), value })
    }
    const number = Buffer.alloc(4)
    number.writeUInt32LE(this.#history.length + 1)
    writes.push({ tree: COUNTER, key: 'n', value: number })
    // A load in ascending order, with a straggler now and then.
    const at = Math.max(0, this.#history.length - (random.chance(0.1) ? random.below(20) : 0))
    writes.push({ tree: ASCENDING, key: String(at).padStart(6, '0'), value: random.bytes(random.pick([5, 40])) })
    return writes
  }
}

function countIn(storage: ReadableTrees): number {
  const value = storage.get(COUNTER, 'n')
  return value === undefined ? 0 : Buffer.from(value).readUInt32LE()
}

function compareWithHistory(storage: ReadableTrees, history: readonly (readonly Write[])[]): void {
  // What was deleted stays in it, as undefined: it is asked for, too.
  const expected = new Map<number, Map<string, Uint8Array | undefined>>([
    [ITEMS, new Map()],
    [MIRROR, new Map()],
    [COUNTER, new Map()],
    [ASCENDING, new Map()],
  ])
  for (const { tree, key, value } of history.flat()) expected.get(tree)!.set(key, value)
  for (const [tree, entries] of expected) {
    // Before the ranges have read every block: an item whose block is in no cache is read alone.
    for (const [key, value] of entries) {
      const found = storage.get(tree, key)
      if (!isSame(found, value))
        throw new Error(`get has ${found?.length} bytes of ${tree}/${key}, not ${value?.length}`)
    }
    const keys = [...entries.keys()].filter((key) => entries.get(key) !== undefined).sort()
    for (const direction of ['ascending', 'descending'] as const) {
      const found: string[] = []
      const cursor = storage.range(tree, { lower: '', upper: undefined }, direction)
      while (cursor.next()) {
        const key = cursor.key()
        found.push(key)
        if (!isSame(cursor.value(), entries.get(key))) throw new Error(`tree ${tree} has the wrong value under ${key}`)
      }
      const wanted = direction === 'ascending' ? keys : keys.toReversed()
      if (found.join() !== wanted.join()) throw new Error(`tree ${tree} has keys ${found}, not ${wanted}`)
    }
  }
}

function isSame(found: Uint8Array | undefined, expected: Uint8Array | undefined): boolean {
  if (found === undefined || expected === undefined) return found === expected
  return Buffer.compare(found, expected) === 0
}

/** Right after opening, exactly the files that the manifest names are there. */
function checkFiles(storage: Storage, disk: SimulatedDisk): void {
  const named = new Set<string>()
  for (const { files } of storage.partitions.all()) for (const { path } of files) named.add(path)
  for (const tree of disk.list(`${ROOT}/t`)) {
    for (const partition of disk.list(`${ROOT}/t/${tree}`)) {
      for (const name of disk.list(`${ROOT}/t/${tree}/${partition}`)) {
        const path = `${ROOT}/t/${tree}/${partition}/${name}`
        if (!named.delete(path)) throw new Error(`nothing names ${path}`)
      }
    }
  }
  if (named.size > 0) throw new Error(`the manifest names ${[...named].join()}, which is missing`)
}

function mirrored(key: string): string {
  return [...key].toReversed().join('')
}

/** Whether a failure is the crash itself, or what the engine made of it. */
function isCrash(failure: unknown): boolean {
  for (let cause = failure; cause instanceof Error; cause = cause.cause) if (cause instanceof CrashError) return true
  return false
}
