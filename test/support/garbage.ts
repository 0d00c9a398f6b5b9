/** Makes the garbage collector run, and what it has found unreachable be told to whoever wanted to know. */
import { setImmediate } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** Collects until `isDone` says so, or it has been tried often enough. */
export async function collectGarbage(isDone: () => boolean = () => false): Promise<void> {
  for (let round = 0; round < 20 && !isDone(); round++) {
    collect()
    await setImmediate()
  }
}
