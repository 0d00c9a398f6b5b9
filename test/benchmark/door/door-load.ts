/** What asks a server, or the SDK, in a process of its own. */
import type { Tell } from '../workload/workload.js'
import type { SdkLoadOptions } from './sdk-load.js'
import type { WireLoadOptions } from './wire-load.js'

export type DoorLoad = ({ readonly load: 'wire' } & WireLoadOptions) | ({ readonly load: 'sdk' } & SdkLoadOptions)

/** What a child is asked to do. */
export interface DoorTask {
  readonly doorLoad: DoorLoad
}

/** The SDK is loaded where it is needed, and what measures servers does without. */
export async function runDoorLoad(load: DoorLoad, tell: Tell): Promise<void> {
  if (load.load === 'wire') await (await import('./wire-load.js')).loadOverWire(load, tell)
  else await (await import('./sdk-load.js')).loadThroughSdk(load, tell)
}
