/** A storage on a simulated disk, with one call; every option has a default, so one that a test sets means something. */
import { type Checksum, loadChecksum } from '../../src/base/checksum.js'
import type { Environment } from '../../src/storage/environment.js'
import { prepareFolder } from '../../src/storage/folder.js'
import { Storage } from '../../src/storage/storage.js'
import { DEFAULT_STORAGE_OPTIONS, type StorageOptions } from '../../src/storage/storage-options.js'
import type { ReadableTrees } from '../../src/storage/view.js'
import { SeededRandom } from './random.js'
import { SimulatedDisk } from './simulated-disk.js'
import { SimulatedScheduler } from './simulated-scheduler.js'

export const checksum: Checksum = await loadChecksum()

export const ROOT = '/db'

export interface Machine {
  readonly random: SeededRandom
  readonly scheduler: SimulatedScheduler
  readonly disk: SimulatedDisk
}

export function machine(seed = 1): Machine {
  const random = new SeededRandom(seed)
  const scheduler = new SimulatedScheduler(random)
  return { random, scheduler, disk: new SimulatedDisk(random, scheduler) }
}

/** The same machine after a power cut or after the process was killed. */
export function restarted({ random, disk }: Machine, how: 'power cut' | 'kill' = 'power cut'): Machine {
  const scheduler = new SimulatedScheduler(random)
  return { random, scheduler, disk: how === 'kill' ? disk.afterKill(scheduler) : disk.afterPowerCut(scheduler) }
}

let epoch = 0

export function openStorage(
  { disk, random, scheduler }: Machine,
  options: Partial<StorageOptions> = {},
  monotonicClock: Environment['monotonicClock'] = { now: () => 0 },
): Storage {
  const environment = {
    files: disk,
    clock: { now: () => 1_800_000_000_000 },
    monotonicClock,
    random,
    scheduler,
    checksum,
  }
  prepareFolder(disk, ROOT)
  epoch += 1
  const small = { blockByteLength: 200, partitionByteLimit: 1000, segmentByteLimit: 2000 }
  const all = { ...DEFAULT_STORAGE_OPTIONS, ...small, ...options }
  return Storage.open(environment, ROOT, { epoch, isHeld: () => true }, all)
}

/** Everything in a tree, in order. */
export function contents(storage: ReadableTrees, tree = 1): Record<string, string> {
  const found: Record<string, string> = {}
  const cursor = storage.range(tree, { lower: '', upper: undefined })
  while (cursor.next()) found[cursor.key()] = Buffer.from(cursor.value()).toString()
  return found
}

export function put(key: string, value: string, tree = 1): { tree: number; key: string; value: Uint8Array } {
  return { tree, key, value: Buffer.from(value) }
}

/** Every file of the database, by its path. */
export function filesOf(disk: SimulatedDisk, directory: string = ROOT): string[] {
  return disk.list(directory).flatMap((name) => {
    const path = `${directory}/${name}`
    return disk.kind(path) === 'directory' ? filesOf(disk, path) : [path]
  })
}

/** Whether it takes writes now. */
export function isWritable(storage: Storage): boolean {
  try {
    storage.checkWritable()
    return true
  } catch {
    return false
  }
}
