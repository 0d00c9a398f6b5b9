/**
 * The process that is killed: several writers at once, each write's number printed as soon as it is acknowledged. It
 * never ends by itself.
 *
 *   node writer.js <folder> <number of the first write> <options as JSON>
 */

import { type OpenOptions, open } from '../../src/index.js'
import { printNow } from '../support/print-now.js'
import { keyOfSlot, SLOTS, Things, thingOf, WRITERS } from './numbered-things.js'

const [folder, first, options] = process.argv.slice(2)
const db = await open(folder!, JSON.parse(options!) as OpenOptions)
const things = db.table(Things)

async function write(writer: number): Promise<void> {
  for (let n = Number(first) + writer; ; n += WRITERS) {
    const thing = thingOf(n)
    if (thing === undefined) await things.delete(keyOfSlot(n % SLOTS))
    else await things.put(thing)
    // At once and not through a stream: what was acknowledged must be known when the process is gone.
    printNow(n)
    if (n % 97 === 3) await db.checkpoint()
  }
}

await Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(writer)))
