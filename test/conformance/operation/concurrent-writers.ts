/** Many writers at once: nothing is lost, nothing is counted twice, and of those who compete exactly one wins. */
import { expect, test } from 'vitest'
import { ConditionalCheckFailedException, table, type } from '../../../src/index.js'
import { type Driver, has, rounds } from '../contract.js'

interface Line {
  page: string
  line: number
  text?: string
  n?: number
}
const Lines = table('lines', { schema: type<Line>(), key: ['page', 'line'], indexes: { byText: ['text'] } })

export function concurrentWriters(driver: Driver): void {
  test('50 writers in one partition lose nothing', async () => {
    const database = await driver.open()
    const lines = database.db.table(Lines)
    const each = rounds(driver, 20)
    const write = async (writer: number) => {
      for (let n = 0; n < each; n++) await lines.put({ page: 'one', line: writer * each + n, text: `by ${writer}` })
    }
    await Promise.all(Array.from({ length: 50 }, (_, writer) => write(writer)))
    const expected = Array.from({ length: 50 * each }, (_, line) => line)
    expect((await lines.query({ page: 'one' }).toArray()).map(({ line }) => line)).toEqual(expected)
    const again = (await database.reopen()).table(Lines)
    expect((await again.query({ page: 'one' }).toArray()).map(({ line }) => line)).toEqual(expected)
    expect(await again.index('byText').query({ text: 'by 7' }).count()).toBe(each)
  })

  test('200 additions at once are 200', async () => {
    const { db } = await driver.open()
    const lines = db.table(Lines)
    const add = () => lines.update({ page: 'one', line: 1 }, { add: { n: 1 } })
    const results = await Promise.all(Array.from({ length: 200 }, add))
    // Each saw a number of its own.
    expect(results.map(({ n }) => n).sort((a, b) => a! - b!)).toEqual(Array.from({ length: 200 }, (_, i) => i + 1))
    expect(await lines.get({ page: 'one', line: 1 })).toEqual({ page: 'one', line: 1, n: 200 })
  })

  test('of 50 who want to be the first exactly one is', async () => {
    const { db } = await driver.open()
    const lines = db.table(Lines)
    const attempts = Array.from({ length: 50 }, (_, n) =>
      lines.put({ page: 'one', line: 1, n }, { if: { page: { exists: false } } }),
    )
    const outcomes = await Promise.allSettled(attempts)
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected')
    expect(refused).toHaveLength(49)
    for (const { reason } of refused) expect(reason).toBeInstanceOf(ConditionalCheckFailedException)
    const winner = outcomes.findIndex(({ status }) => status === 'fulfilled')
    if (has(driver, 'order of calls')) expect(winner).toBe(0)
    expect(await lines.get({ page: 'one', line: 1 })).toEqual({ page: 'one', line: 1, n: winner })
  })

  test('an item under a version number is changed by one of those who read the same one', async () => {
    const { db } = await driver.open()
    const lines = db.table(Lines)
    await lines.put({ page: 'one', line: 1, n: 0 })
    let won = 0
    const change = async () => {
      for (let round = 0; round < 10; round++) {
        const { n } = (await lines.get({ page: 'one', line: 1 }))!
        const next: Line = { page: 'one', line: 1, n: n! + 1 }
        await lines.put(next, { if: { n: n! } }).then(
          () => (won += 1),
          (failure) => expect(failure).toBeInstanceOf(ConditionalCheckFailedException),
        )
      }
    }
    await Promise.all(Array.from({ length: 10 }, change))
    expect((await lines.get({ page: 'one', line: 1 }))?.n).toBe(won)
  })
}
