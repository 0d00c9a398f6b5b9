/**
 * A disk that fills up, is emptied a little and fills up again, and a power cut or a kill in the middle of that: what was
 * acknowledged is there, in its order, and nothing is there that was refused as not written.
 */
import { expect, test } from 'vitest'
import { DiskFullError } from '../../src/errors.js'
import { settle } from '../support/simulated-scheduler.js'
import { contents, type Machine, machine, openStorage, restarted } from '../support/storage-fixture.js'

const ROUNDS = Number(process.env['ROUNDS'] ?? 120)

async function outcome(where: Machine, promise: Promise<unknown>): Promise<'done' | 'lost' | Error> {
  let result: 'done' | Error | undefined
  promise.then(
    () => (result = 'done'),
    (failure: Error) => (result = failure),
  )
  for (let turn = 0; result === undefined && turn < (where.disk.isCrashed ? 20 : 2000); turn++) {
    await (where.scheduler.isIdle ? settle() : where.scheduler.runOne())
  }
  return result ?? 'lost'
}

test('what was acknowledged is there', { timeout: 600_000 }, async () => {
  const seen = { refused: 0, drops: 0, stopped: 0, again: 0 }
  for (let seed = 1; seed <= ROUNDS; seed++) {
    const where = machine(seed)
    const { random } = where
    const options = {
      segmentByteLimit: random.pick([3000, 20_000, 200_000]),
      logByteLimit: random.pick([5000, 50_000]),
      memtableEntryLimit: random.pick([20, 5000]),
      durability: { kind: 'synced' } as const,
    }
    const possible = new Map<string, Set<string | undefined>>()
    let trees = [1, 2]
    for (let life = 0; life < 3; life++) {
      const storage = openStorage(where, options)
      for (const tree of trees) {
        const found = contents(storage, tree)
        for (const [at, values] of possible) {
          if (!at.startsWith(`${tree}/`)) continue
          const value = found[at.slice(at.indexOf('/') + 1)]
          expect(values.has(value), `seed ${seed}, life ${life}: ${at} is ${value?.slice(0, 10)}`).toBe(true)
          possible.set(at, new Set([value]))
        }
      }
      where.disk.byteCapacity = where.disk.usedByteLength + random.between(2000, 30_000)
      where.disk.crashAfter(random.between(20, 600))
      let wasRefused = false
      for (let step = 0; step < 150 && !where.disk.isCrashed && storage.failure === undefined; step++) {
        const choice = random.next()
        if (choice < 0.04) where.disk.byteCapacity += random.between(100, 8000)
        else if (choice < 0.06)
          await outcome(
            where,
            storage.checkpoint().catch(() => {}),
          )
        else if (choice < 0.08 && trees.length > 1) {
          const [dropped, ...rest] = trees
          try {
            storage.checkFreeing(100)
          } catch {
            continue
          }
          const note = storage.commitFreeing([{ tree: 0, key: `dropped ${dropped}`, value: Buffer.from('x') }])
          if ((await outcome(where, note)) !== 'done') break
          trees = [...rest, Math.max(...trees) + 1]
          for (const at of [...possible.keys()]) if (at.startsWith(`${dropped}/`)) possible.delete(at)
          void storage.dropTree(dropped!).catch(() => {})
          seen.drops += 1
        } else {
          const at = `${random.pick(trees)}/key ${random.below(60)}`
          const value = `${step} ${'x'.repeat(random.between(1, 600))}`
          const before = possible.get(at) ?? new Set([undefined])
          possible.set(at, new Set([...before, value]))
          const [tree, key] = [Number(at.slice(0, at.indexOf('/'))), at.slice(at.indexOf('/') + 1)]
          let result: Awaited<ReturnType<typeof outcome>>
          try {
            result = await outcome(where, storage.commit([{ tree, key, value: Buffer.from(value) }]))
          } catch (failure) {
            result = failure as Error
          }
          if (result === 'done') {
            possible.set(at, new Set([value]))
            if (wasRefused) seen.again += 1
            wasRefused = false
          } else if (result instanceof DiskFullError && result.outcome === 'not written') {
            possible.set(at, before)
            wasRefused = true
            seen.refused += 1
            if (!where.scheduler.isIdle) await where.scheduler.runOne()
          } else if (!(result instanceof Error)) break
        }
      }
      if (storage.failure !== undefined && !where.disk.isCrashed) seen.stopped += 1
      Object.assign(where, restarted(where, random.chance(0.3) ? 'kill' : 'power cut'))
    }
  }
  for (const count of [seen.refused, seen.drops, seen.again]) expect(count).toBeGreaterThan(ROUNDS / 20)
})
