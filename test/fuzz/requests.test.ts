/** The quick tier of the fuzzer of requests. More: `npm run fuzz:requests -- --count 1000000`, or COUNT=… and SEED=… here. */
import { expect, test } from 'vitest'
import { fuzzRequests } from './request-fuzzer.js'

const COUNT = Number(process.env['COUNT'] ?? 20_000)
const SEED = Number(process.env['SEED'] ?? 1)

test(`${COUNT} requests are answered, from seed ${SEED}`, { timeout: 600_000 }, async () => {
  const { statuses, performed } = await fuzzRequests({ seed: SEED, count: COUNT })
  expect([...statuses.keys()].sort()).toEqual([200, 400])
  for (const operation of [
    'PutItem',
    'UpdateItem',
    'Query',
    'Scan',
    'BatchWriteItem',
    'TransactWriteItems',
    'ListTables',
  ]) {
    expect(performed).toContain(operation)
  }
})

test.each([
  ['a status', { statusCode: 500 }],
  ['a checksum', { headers: { 'x-amz-crc32': '1' } }],
  ['a body', { body: Buffer.from('{'), headers: { 'x-amz-crc32': '4218587590' } }],
])('the fuzzer notices %s that is wrong, and says how to see it again', async (_, wrong) => {
  const canary = (answer: { statusCode: number; headers: Record<string, string>; body: Uint8Array }) => ({
    ...answer,
    ...wrong,
  })
  await expect(fuzzRequests({ seed: SEED, count: 10, canary: canary as never })).rejects.toThrow(
    /^Seed \d+ fails \(--seed \d+ --count 1\)/,
  )
})
