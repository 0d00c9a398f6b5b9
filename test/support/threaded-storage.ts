/** A storage in a real folder, whose sorted files a thread writes: everything in it is the same from one run to the next. */
import { type Checksum, loadChecksum } from '../../src/base/checksum.js'
import type { Scheduler } from '../../src/base/scheduler.js'
import { systemScheduler } from '../../src/base/scheduler.js'
import { NodeFileSystem } from '../../src/storage/disk/node-file-system.js'
import { prepareFolder } from '../../src/storage/folder.js'
import { Storage } from '../../src/storage/storage.js'
import { DEFAULT_STORAGE_OPTIONS, type StorageOptions } from '../../src/storage/storage-options.js'
import { SeededRandom } from './random.js'

const checksum: Checksum = await loadChecksum()

/** Every partition is split, every delta merged after a few thousand entries. */
const SMALL: Partial<StorageOptions> = {
  durability: { kind: 'system' },
  partitionByteLimit: 600_000,
  smallBaseByteLength: 10_000,
  carryByteLimit: 1000,
  idleMs: Number.POSITIVE_INFINITY,
  sliceByteLength: 10_000,
  threadFromByteLength: 0,
}

export interface ThreadedStorage {
  readonly storage: Storage
  /** Whether the folder is still this storage's. */
  isHeld: boolean
}

export function openThreaded(
  root: string,
  options: Partial<StorageOptions> = {},
  scheduler: Scheduler = systemScheduler,
): ThreadedStorage {
  const files = new NodeFileSystem()
  const environment = {
    files,
    clock: { now: () => 1_800_000_000_000 },
    monotonicClock: { now: () => 0 },
    random: new SeededRandom(1),
    scheduler,
    checksum,
    hasThreads: true,
  }
  prepareFolder(files, root)
  const opened = { isHeld: true }
  const claim = { epoch: 1, isHeld: () => opened.isHeld }
  const storage = Storage.open(environment, root, claim, { ...DEFAULT_STORAGE_OPTIONS, ...SMALL, ...options })
  return Object.assign(opened, { storage })
}
