/**
 * In the process a read of what is in memory is waited for in microtasks alone. Whoever asked again and again until something
 * had happened never let it happen: no timer, no socket, no index that was being built came to its turn.
 */
import { expect, test, vi } from 'vitest'
import type { Database } from '../../src/index.js'
import { tableRequest } from '../support/table-service.js'
import { temporaryDatabase } from '../support/temporary-database.js'

type Ask = (operation: string, input: object) => Promise<unknown>
type Handler = (args: object) => Promise<unknown>
type Middleware = (next: Handler, context: object) => Handler

/** What a client with the plugin does with a command. */
function throughThePlugin(db: Database): Ask {
  const middleware = new Map<string, Middleware>()
  db.awsPlugin().applyToStack({
    add: (each: Middleware, { name }: { name: string }) => void middleware.set(name, each),
    applyToStack() {},
  })
  const next: Handler = () => Promise.reject(new Error('sent'))
  return (operation, input) => {
    const context = { commandName: `${operation}Command`, __smithy_context: { commandInstance: {} } }
    return middleware.get('dynafileMiddleware')!(next, context)({ input })
  }
}

/** What a client does that was made with the configuration. */
function throughTheHandler(db: Database): Ask {
  const { requestHandler } = db.awsConfig()
  return (operation, input) =>
    requestHandler.handle({
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': `DynamoDB_20120810.${operation}`,
        'x-amz-date': '20261121T120000Z',
        authorization:
          'AWS4-HMAC-SHA256 Credential=a/20261121/x/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
      },
      body: JSON.stringify(input),
    })
}

const WAYS = { 'the plugin': throughThePlugin, 'the handler': throughTheHandler }
/** A loop that nobody else interrupts can only be ended from within. */
const PATIENCE_MS = 2000

test.each(['the plugin', 'the handler'] as const)('a loop of reads through %s lets timers run', async (way) => {
  const { db } = await temporaryDatabase()
  const ask = WAYS[way](db)
  await ask('CreateTable', tableRequest('things'))
  let hasRun = false
  setTimeout(() => {
    hasRun = true
  }, 1)
  const beganAt = performance.now()
  while (!hasRun && performance.now() - beganAt < PATIENCE_MS) await ask('DescribeTable', { TableName: 'things' })
  expect(hasRun).toBe(true)
})

test.each(['the plugin', 'the handler'] as const)(
  'one of requests through %s that are refused does, too',
  async (way) => {
    const { db } = await temporaryDatabase()
    const ask = WAYS[way](db)
    await ask('ListTables', {})
    let hasRun = false
    setTimeout(() => {
      hasRun = true
    }, 1)
    const beganAt = performance.now()
    while (!hasRun && performance.now() - beganAt < PATIENCE_MS) await ask('DescribeTable', {}).catch(() => {})
    expect(hasRun).toBe(true)
  },
)

test('timers that a test has faked are not waited for', async () => {
  const { db } = await temporaryDatabase()
  const ask = throughThePlugin(db)
  await ask('CreateTable', tableRequest('things'))
  const readFor = async (timeMs: number) => {
    const { hrtime } = process
    for (const end = hrtime.bigint() + BigInt(timeMs * 1e6); hrtime.bigint() < end; ) {
      await ask('DescribeTable', { TableName: 'things' })
    }
  }
  try {
    vi.useFakeTimers({ toFake: ['setImmediate'] })
    await readFor(20)
    vi.useRealTimers()
    await readFor(20)
  } finally {
    vi.useRealTimers()
  }
})
