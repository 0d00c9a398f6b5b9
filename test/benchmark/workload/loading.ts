/**
 * What loading does to the process: how long the event loop is away, and how much memory is taken, with a cache of 64 MB.
 * It is a program of its own, because to watch the event loop costs time.
 */

import { quantile } from '../statistics.js'
import type { StoreModule, StoreOptions } from '../store/store.js'
import { inFolder } from './folder.js'
import { batches, Keys } from './keys.js'
import { anonymousMb, residentMb } from './memory.js'
import { PauseProbe } from './pause-probe.js'
import type { Tell, WorkloadOptions } from './workload.js'

const CACHE_MB = 64
const GETS = 100_000

export async function measureLoading({ store: name, items }: WorkloadOptions, tell: Tell): Promise<void> {
  const { openStore } = (await import(`../store/${name}.ts`)) as StoreModule
  tell('memory start', [residentMb()])
  const keys = new Keys(items)
  await inFolder(async (directory) => {
    const options: StoreOptions = {
      ...{ directory, mode: 'relaxed', writers: 1, index: undefined, cacheMb: CACHE_MB, isCompressed: false },
    }
    const store = await openStore(options)
    const probe = new PauseProbe()
    const pauses: number[] = []
    let peak = 0
    for (const batch of batches(keys.items, 1000)) {
      pauses.push(await probe.during(() => store.load(batch)))
      peak = Math.max(peak, residentMb())
    }
    tell('pause', [Math.max(...pauses)])
    tell('pause p99', [quantile(pauses, 0.99)])
    tell('memory peak', [peak])
    tell('pause settling', [await probe.during(() => store.settle())])
    probe.stop()
    await store.close()

    const again = await openStore(options)
    for (let i = 0; i < GETS; i++) await again.get(...keys.anyKey())
    tell('memory', [residentMb()])
    const anonymous = anonymousMb()
    if (anonymous !== undefined) tell('memory anonymous', [anonymous])
    await again.close()
  })
}
