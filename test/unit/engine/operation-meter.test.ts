/** Every operation is counted; those that are timed give percentiles that are right to a hundredth. */
import { expect, test } from 'vitest'
import { OperationMeter } from '../../../src/engine/operation-meter.js'

test('one in sixteen is timed, beginning with the first, and once there are many, one in sixty-four', () => {
  const meter = new OperationMeter({ now: () => 0 }, 16)
  expect(meter.stats).toEqual({ count: 0, p50Us: undefined, p95Us: undefined, p99Us: undefined, maxUs: undefined })
  const timed: number[] = []
  for (let n = 0; n < 20_000; n++) {
    if (!meter.countsTimed()) continue
    timed.push(n)
    meter.time(() => {})
  }
  expect(timed.slice(0, 3)).toEqual([0, 16, 32])
  expect(timed.slice(1000, 1004)).toEqual([16_000, 16_064, 16_128, 16_192])
  expect(meter.stats.count).toBe(20_000)
})

test('percentiles are right to a hundredth, from less than a microsecond to seconds', () => {
  for (const unitMs of [0.0001, 0.01, 1, 10]) {
    let now = 0
    const meter = new OperationMeter({ now: () => now })
    for (let n = 1; n <= 1000; n++) {
      meter.countsTimed()
      meter.time(() => {
        now += n * unitMs
      })
    }
    const { count, p50Us, p95Us, p99Us, maxUs } = meter.stats
    expect(count).toBe(1000)
    for (const [found, expected] of [
      [p50Us, 500],
      [p95Us, 950],
      [p99Us, 990],
      [maxUs, 1000],
    ] as const) {
      const expectedUs = expected * unitMs * 1000
      expect(Math.abs(found! - expectedUs) / expectedUs).toBeLessThan(0.011)
    }
  }
})

test('what takes longer than a minute, or no time at all, is counted too', async () => {
  let now = 0
  const meter = new OperationMeter({ now: () => now })
  await meter.count(async () => {
    now += 10_000_000
  })
  await meter.count(async () => {})
  expect(meter.stats).toMatchObject({ count: 2 })
  expect(meter.stats.maxUs).toBeGreaterThan(59_000_000)
})

test('an operation that fails at once is counted; one that fails later is timed as well', async () => {
  const meter = new OperationMeter({ now: () => 1 })
  const failAtOnce = () => {
    throw new Error('at once')
  }
  expect(() => meter.count(failAtOnce)).toThrow('at once')
  expect(meter.stats).toMatchObject({ count: 1, p50Us: undefined })
  await expect(meter.count(() => Promise.reject(new Error('later')))).rejects.toThrow('later')
  expect(meter.stats).toMatchObject({ count: 2, p50Us: 0.001 })
})
