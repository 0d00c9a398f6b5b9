/** What every operation works with. */
import type { Clock, MonotonicClock } from '../base/clock.js'
import type { ItemCodec } from '../model/item/item-codec.js'
import type { KeyEncoder } from '../model/key/key-bytes.js'
import type { Storage } from '../storage/storage.js'
import type { Catalog } from './catalog/catalog.js'
import type { Listeners } from './feed/listeners.js'
import type { ItemCache } from './item-cache.js'
import type { CursorMaker } from './operation/cursor-token.js'
import type { OperationMeters } from './operation-meter.js'
import type { ParallelScans } from './scan/parallel-scans.js'

export interface EngineContext {
  readonly storage: Storage
  readonly catalog: Catalog
  readonly clock: Clock
  /** For how long something takes. */
  readonly monotonicClock: MonotonicClock
  readonly listeners: Listeners
  readonly keys: KeyEncoder
  readonly codec: ItemCodec
  readonly cursors: CursorMaker
  /** Items of the database as it is now; a snapshot has none. */
  readonly items: ItemCache
  readonly meters: OperationMeters
  readonly scans: ParallelScans
  /** Items that whoever builds an index looks at in one turn. */
  readonly backfillSliceLength: number
}
