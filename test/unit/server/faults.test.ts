import { describe, expect, it } from 'vitest'
import { systemScheduler } from '../../../src/base/scheduler.js'
import { type FaultOptions, FaultyPerformer } from '../../../src/server/faults.js'
import type { Members, Performer } from '../../../src/server/performer.js'

/** Remembers what it was asked, and has processed all of it. */
class Recorder implements Performer {
  readonly asked: [operation: string, input: Members][] = []
  answer: Members = {}

  async perform(operation: string, input: Members): Promise<Members> {
    this.asked.push([operation, input])
    return this.answer
  }
}

function faulty(options: FaultOptions): { recorder: Recorder; performer: Performer } {
  const recorder = new Recorder()
  return { recorder, performer: new FaultyPerformer(recorder, options, systemScheduler) }
}

async function outcomes(performer: Performer, operation: string, input: Members, count: number): Promise<string[]> {
  const names: string[] = []
  for (let i = 0; i < count; i++) {
    names.push(
      await performer.perform(operation, input).then(
        () => 'done',
        (error: Error) => error.name,
      ),
    )
  }
  return names
}

const put = (id: string) => ({ PutRequest: { Item: { id: { S: id } } } })
const puts = Array.from({ length: 20 }, (_, i) => put(`item-${i}`))

describe('faults on purpose', () => {
  it('leaves everything alone when none are asked for', async () => {
    const { recorder, performer } = faulty({})
    const batch = { RequestItems: { t: puts } }
    expect(await outcomes(performer, 'PutItem', {}, 50)).toEqual(Array(50).fill('done'))
    await performer.perform('BatchWriteItem', batch)
    expect(recorder.asked.at(-1)).toEqual(['BatchWriteItem', batch])
  })

  it('throttles about the share that is asked for, and the same requests for the same seed', async () => {
    const first = await outcomes(faulty({ throttle: 0.3, seed: 5 }).performer, 'GetItem', {}, 200)
    const again = await outcomes(faulty({ throttle: 0.3, seed: 5 }).performer, 'GetItem', {}, 200)
    const other = await outcomes(faulty({ throttle: 0.3, seed: 6 }).performer, 'GetItem', {}, 200)
    expect(again).toEqual(first)
    expect(other).not.toEqual(first)
    const throttled = first.filter((name) => name === 'ProvisionedThroughputExceededException').length
    expect(throttled).toBeGreaterThan(30)
    expect(throttled).toBeLessThan(90)
  })

  it('does nothing for a request that it refuses', async () => {
    const { recorder, performer } = faulty({ throttle: 1 })
    await expect(performer.perform('PutItem', {})).rejects.toThrow('The level of configured provisioned throughput')
    expect(recorder.asked).toEqual([])
  })

  it('never throttles what is done with tables', async () => {
    expect(await outcomes(faulty({ throttle: 1, conflict: 1 }).performer, 'CreateTable', {}, 5)).toEqual(
      Array(5).fill('done'),
    )
  })

  it('gives back a part of a batch of writes, and processes exactly the others', async () => {
    const { recorder, performer } = faulty({ unprocessed: 0.5 })
    recorder.answer = { UnprocessedItems: { t: [put('of the engine')] } }
    const { UnprocessedItems } = await performer.perform('BatchWriteItem', { RequestItems: { t: puts, u: [put('x')] } })
    const asked = recorder.asked[0]![1]['RequestItems'] as Record<string, unknown[]>
    const left = UnprocessedItems as Record<string, unknown[]>
    expect(left['t']![0]).toEqual(put('of the engine'))
    const all = [...(asked['t'] ?? []), ...left['t']!.slice(1)]
    expect(new Set(all)).toEqual(new Set(puts))
    expect(left['t']!.length).toBeGreaterThan(3)
    expect([...(asked['u'] ?? []), ...(left['u'] ?? [])]).toEqual([put('x')])
  })

  it('always processes one member, so that trying again comes to an end', async () => {
    const { recorder, performer } = faulty({ unprocessed: 1 })
    await performer.perform('BatchWriteItem', { RequestItems: { t: puts } })
    expect(recorder.asked[0]![1]).toEqual({ RequestItems: { t: [puts[0]] } })
  })

  it('gives back keys with what was asked of them', async () => {
    const { recorder, performer } = faulty({ unprocessed: 1 })
    const request = { Keys: [{ id: { S: 'a' } }, { id: { S: 'b' } }], ProjectionExpression: 'x' }
    const answer = await performer.perform('BatchGetItem', { RequestItems: { t: request } })
    expect(recorder.asked[0]![1]).toEqual({ RequestItems: { t: { ...request, Keys: [{ id: { S: 'a' } }] } } })
    expect(answer).toEqual({ UnprocessedKeys: { t: { ...request, Keys: [{ id: { S: 'b' } }] } } })
  })

  it('takes a table called __proto__ for a table', async () => {
    const { performer } = faulty({ unprocessed: 1 })
    const RequestItems = Object.fromEntries([['__proto__', puts]])
    const { UnprocessedItems } = await performer.perform('BatchWriteItem', { RequestItems })
    expect(Object.keys(UnprocessedItems as object)).toEqual(['__proto__'])
    expect(({} as Record<string, unknown>)['PutRequest']).toBeUndefined()
  })

  it('cancels a transaction for one of its actions, and refuses single writes', async () => {
    const { performer } = faulty({ conflict: 1 })
    const actions = [{ Put: {} }, { Delete: {} }, { Update: {} }]
    const error = await performer.perform('TransactWriteItems', { TransactItems: actions }).catch((e: unknown) => e)
    expect(error).toMatchObject({ name: 'TransactionCanceledException' })
    const { CancellationReasons } = (error as { members: Members }).members
    const codes = (CancellationReasons as { Code: string }[]).map(({ Code }) => Code)
    expect(codes.toSorted()).toEqual(['None', 'None', 'TransactionConflict'])
    await expect(performer.perform('UpdateItem', {})).rejects.toMatchObject({ name: 'TransactionConflictException' })
    expect(await performer.perform('GetItem', {})).toEqual({})
  })

  it('takes its time, within the bounds', async () => {
    const waited: number[] = []
    const scheduler = { ...systemScheduler, delay: async (ms: number) => void waited.push(ms) }
    const performer = new FaultyPerformer(new Recorder(), { latencyMs: [20, 40] }, scheduler)
    for (let i = 0; i < 100; i++) await performer.perform('GetItem', {})
    expect(Math.min(...waited)).toBeGreaterThanOrEqual(20)
    expect(Math.max(...waited)).toBeLessThanOrEqual(40)
    expect(new Set(waited).size).toBeGreaterThan(50)
  })
})
