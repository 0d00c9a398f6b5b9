/** What the storage takes from the outside world. A simulation replaces all of it. */
import type { Checksum } from '../base/checksum.js'
import type { Clock, MonotonicClock } from '../base/clock.js'
import type { Random } from '../base/random.js'
import type { Scheduler } from '../base/scheduler.js'
import type { FileSystem } from './disk/file-system.js'

export interface Environment {
  readonly files: FileSystem
  readonly clock: Clock
  readonly monotonicClock: MonotonicClock
  readonly random: Random
  readonly scheduler: Scheduler
  readonly checksum: Checksum
  /** Whether other threads find the same files by their paths. */
  readonly hasThreads?: boolean
}
