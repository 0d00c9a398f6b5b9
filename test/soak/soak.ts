/**
 * A mixed run: puts, updates, deletes, gets, queries, scans, index queries, batches, snapshots, checkpoints and reopening,
 * on a small set of keys, for as long as it is told to. What must not grow is sampled: heap, open files, files on the disk.
 * At the end everything is compared with what a plain map says, and verified.
 */
import { readdirSync, readlinkSync } from 'node:fs'
import { type Database, open, type Snapshot, table, type } from '../../src/index.js'
import { SeededRandom } from '../support/random.js'

interface Thing {
  pk: string
  sk: string
  n: number
  text: string
}

const Things = table('things', { schema: type<Thing>(), key: ['pk', 'sk'], indexes: { byN: ['n'] } })

/** What was seen at one moment, all files closed that can be. */
export interface Sample {
  readonly seconds: number
  readonly operations: number
  readonly heapMb: number
  readonly rssMb: number
  /** Files of the database that this process has open; 0 where the system does not tell. */
  readonly openFiles: number
  readonly files: number
}

export interface SoakOptions {
  readonly folder: string
  readonly seconds: number
  readonly seed: number
  readonly onSample?: (sample: Sample) => void
}

export interface SoakReport {
  readonly samples: readonly Sample[]
  readonly problems: readonly string[]
}

const SAMPLES = 20
const PARTITIONS = 40
const ROWS = 400

export async function soak({ folder, seconds, seed, onSample }: SoakOptions): Promise<SoakReport> {
  const random = new SeededRandom(seed)
  const expected = new Map<string, Thing>()
  const samples: Sample[] = []
  const problems: string[] = []
  const options = {
    fsync: 'never',
    cacheBytes: 4 << 20,
    memtableBytes: 1 << 20,
    partitionBytes: 1 << 20,
    threadFromBytes: 1 << 20,
  } as const
  let db: Database = await open(folder, options)
  let things = db.table(Things)
  let held: { snapshot: Snapshot; size: number } | undefined
  const startedAt = performance.now()
  let operations = 0
  const anyKey = () => ({ pk: `p${random.below(PARTITIONS)}`, sk: `s${random.below(ROWS)}` })
  const newThing = (): Thing => {
    const text = 'x'.repeat(random.pick([10, 100, 1000]))
    return { ...anyKey(), n: random.below(50), text: `${operations} ${text}` }
  }
  const put = (thing: Thing) => expected.set(`${thing.pk}/${thing.sk}`, thing)
  const complain = (what: string) => problems.length < 20 && problems.push(`after ${operations} operations: ${what}`)

  for (let sample = 1; sample <= SAMPLES; sample++) {
    while (performance.now() - startedAt < (sample * seconds * 1000) / SAMPLES) {
      operations += 1
      const choice = random.next()
      if (choice < 0.3) {
        const thing = newThing()
        put(thing)
        await things.put(thing)
      } else if (choice < 0.35) {
        await things.batch((writer) => {
          for (let i = 0; i < 50; i++) {
            const thing = newThing()
            put(thing)
            writer.put(thing)
          }
        })
      } else if (choice < 0.45) {
        const key = anyKey()
        const old = expected.get(`${key.pk}/${key.sk}`)
        if (old !== undefined) {
          put({ ...old, n: old.n + 1 })
          await things.update(key, { add: { n: 1 } })
        }
      } else if (choice < 0.6) {
        const key = anyKey()
        expected.delete(`${key.pk}/${key.sk}`)
        await things.delete(key)
      } else if (choice < 0.9) {
        const key = anyKey()
        const found = await things.get(key)
        if (found?.text !== expected.get(`${key.pk}/${key.sk}`)?.text) complain(`get of ${key.pk}/${key.sk} is wrong`)
      } else if (choice < 0.97) {
        const { pk } = anyKey()
        const found = await things.query({ pk }, { limit: 20 }).toArray()
        if (found.some((thing) => thing.pk !== pk)) complain('a query has another partition in it')
        // Left half way.
        for await (const _thing of things.scan()) if (random.chance(0.3)) break
      } else if (choice < 0.99) {
        const n = random.below(50)
        const found = await things.index('byN').query({ n }).count()
        const wanted = [...expected.values()].filter((thing) => thing.n === n).length
        if (found !== wanted) complain(`the index has ${found} of ${wanted}`)
      } else if (choice < 0.995) {
        if (held !== undefined && (await held.snapshot.table(Things).scan().count()) !== held.size) {
          complain('a snapshot has changed')
        }
        held?.snapshot.release()
        held = { snapshot: db.snapshot(), size: expected.size }
      } else if (choice < 0.998) await db.checkpoint()
      else if (random.chance(0.1)) {
        held?.snapshot.release()
        held = undefined
        await db.close()
        db = await open(folder, options)
        things = db.table(Things)
      }
    }
    globalThis.gc?.()
    const { heapUsed, rss } = process.memoryUsage()
    const seen = {
      seconds: Math.round((performance.now() - startedAt) / 1000),
      operations,
      heapMb: heapUsed / 2 ** 20,
      rssMb: rss / 2 ** 20,
      openFiles: openFilesIn(folder),
      files: readdirSync(folder, { recursive: true }).length,
    }
    samples.push(seen)
    onSample?.(seen)
  }
  held?.snapshot.release()
  const all = await things.scan().toArray()
  if (all.length !== expected.size) complain(`${all.length} items are there, not ${expected.size}`)
  for (const thing of all) {
    if (expected.get(`${thing.pk}/${thing.sk}`)?.text !== thing.text) complain(`${thing.pk}/${thing.sk} is wrong`)
  }
  for (const problem of (await db.verify()).problems) complain(problem.message)
  await db.close()
  if (openFilesIn(folder) > 0) complain('files are open after closing')
  return { samples, problems }
}

function openFilesIn(folder: string): number {
  if (process.platform !== 'linux') return 0
  const targets = readdirSync('/proc/self/fd').map((descriptor) => {
    try {
      return readlinkSync(`/proc/self/fd/${descriptor}`)
    } catch {
      // The one that the list itself was read through.
      return ''
    }
  })
  return targets.filter((target) => target.startsWith(folder)).length
}
