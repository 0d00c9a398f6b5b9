/** The engine on a file system in memory that counts and fails: `open` as it is, but for the disk. */
import { loadChecksum } from '../../src/base/checksum.js'
import { type Clock, systemClock, systemMonotonicClock } from '../../src/base/clock.js'
import { systemRandom } from '../../src/base/random.js'
import { systemScheduler } from '../../src/base/scheduler.js'
import { LocalBackend } from '../../src/engine/local-backend.js'
import { MemoryFileSystem } from '../../src/storage/disk/memory-file-system.js'
import { prepareFolder } from '../../src/storage/folder.js'
import { Storage } from '../../src/storage/storage.js'
import { DEFAULT_STORAGE_OPTIONS, type StorageOptions } from '../../src/storage/storage-options.js'
import { BackendTable, type Table } from '../../src/table.js'
import type { TableDef } from '../../src/table-definition.js'
import type { KeySpec } from '../../src/types.js'
import { ObservedFileSystem } from './observed-file-system.js'

const checksum = await loadChecksum()
const ROOT = '/db'

export class ObservedDatabase {
  readonly files: ObservedFileSystem = new ObservedFileSystem(new MemoryFileSystem())
  backend: LocalBackend
  readonly #options: StorageOptions
  readonly #clock: Clock
  #epoch = 0

  constructor(options: Partial<StorageOptions> = {}, clock: Clock = systemClock) {
    this.#clock = clock
    this.#options = { ...DEFAULT_STORAGE_OPTIONS, ...options }
    this.backend = this.#open()
  }

  table<In, T, K extends KeySpec, IX extends Record<string, KeySpec>>(
    def: TableDef<In, T, K, IX>,
  ): Table<In, T, K, IX> {
    this.backend.defineTable(def.definition)
    return new BackendTable(this.backend, def.name, def.schema)
  }

  async reopen(): Promise<void> {
    await this.backend.close()
    this.backend = this.#open()
  }

  #open(): LocalBackend {
    const { files } = this
    const environment = {
      files,
      clock: this.#clock,
      monotonicClock: systemMonotonicClock,
      random: systemRandom,
      scheduler: systemScheduler,
      checksum,
    }
    prepareFolder(files, ROOT)
    this.#epoch += 1
    const storage = Storage.open(environment, ROOT, { epoch: this.#epoch, isHeld: () => true }, this.#options)
    return new LocalBackend(storage, { ...environment, itemCacheByteLimit: 1 })
  }
}
