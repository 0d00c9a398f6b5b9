/** The middleware for SDK clients, on a stack of the test's own: what differs between versions of the SDK. */
import { setImmediate } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { AwsError } from '../../../src/server/aws-error.js'
import { Dispatcher } from '../../../src/server/dispatcher.js'
import { awsPlugin } from '../../../src/server/sdk-plugin.js'
import { WireProtocol } from '../../../src/server/wire-protocol.js'
import { RecordingPerformer, wireRequest } from '../../support/wire-fixture.js'

type Handler = (args: { input: unknown }) => Promise<{ output: unknown }>
type Middleware = (next: Handler, context: object) => Handler

/** As much of the SDK's stack as the plugin sees. */
class FakeStack {
  readonly entries: { readonly middleware: Middleware; readonly options: { readonly name: string } }[] = []
  add(middleware: Middleware, options: { readonly name: string }): void {
    this.entries.push({ middleware, options })
  }
  addRelativeTo(middleware: Middleware, options: { readonly name: string }): void {
    this.add(middleware, options)
  }
  applyToStack(other: FakeStack): void {
    for (const { middleware, options } of this.entries) other.add(middleware, options)
  }
}

const unreachable: Handler = () => Promise.reject(new Error('sent'))

function call(
  performer: RecordingPerformer,
  commandName: string,
  input: unknown,
  context: object = {},
  othersDue?: () => Promise<void> | undefined,
) {
  const stack = new FakeStack()
  const dispatcher = new Dispatcher(performer)
  awsPlugin(async () => ({ dispatcher, protocol: new WireProtocol(dispatcher) }), othersDue).applyToStack(stack)
  const whole = { commandName, __smithy_context: { commandInstance: {} }, ...context }
  return entry(stack, 'dynafileMiddleware')(unreachable, whole)({ input })
}

function entry(stack: FakeStack, name: string): Middleware {
  return stack.entries.find(({ options }) => options.name === name)!.middleware
}

test('a command is performed, and sent nowhere', async () => {
  const performer = new RecordingPerformer(() => ({ Item: { a: { B: new Uint8Array([1]) } } }))
  const input = { TableName: 't', Key: { a: { B: new Uint8Array([2]) } } }
  const { output } = await call(performer, 'GetItemCommand', input)
  expect(performer.performed[0]).toEqual({ operation: 'GetItem', input })
  expect(output).toEqual({
    Item: { a: { B: new Uint8Array([1]) } },
    $metadata: { httpStatusCode: 200, requestId: expect.stringMatching(/^\w{52}$/), attempts: 1, totalRetryDelay: 0 },
  })
})

test('what the SDK does not send, the plugin does not see', async () => {
  const performer = new RecordingPerformer(() => ({}))
  const Item = { a: { S: 'x' }, b: undefined, c: { M: { d: undefined } } }
  await call(performer, 'PutItemCommand', { TableName: 't', Item })
  expect(performer.performed[0]!.input).toStrictEqual({ TableName: 't', Item: { a: { S: 'x' }, c: { M: {} } } })
})

test('without a reader of answers, they are read as they are, and errors are plain ones', async () => {
  const described = await call(new RecordingPerformer(() => ({ Table: {} })), 'DescribeTableCommand', {
    TableName: 'abc',
  })
  expect(described.output).toMatchObject({ Table: {}, $metadata: { httpStatusCode: 200 } })
  const failing = new RecordingPerformer(() => {
    throw new AwsError('ConditionalCheckFailedException', 'False', { Item: { a: { S: 'x' } } })
  })
  const failure = await call(failing, 'PutItemCommand', { TableName: 't', Item: {} }).catch((cause: unknown) => cause)
  expect(failure).toBeInstanceOf(Error)
  expect(failure).toMatchObject({
    ...{ name: 'ConditionalCheckFailedException', message: 'False', $fault: 'client', Item: { a: { S: 'x' } } },
    $metadata: { httpStatusCode: 400, requestId: expect.any(String) },
  })
})

test('a reader that a command carries reads what would have come over the network', async () => {
  const own = new FakeStack()
  const seen: unknown[] = []
  const read: Middleware = (next) => async (args) => {
    const { response } = (await next(args)) as unknown as { response: { statusCode: number; body: Uint8Array } }
    seen.push([response.statusCode, JSON.parse(Buffer.from(response.body).toString())])
    return { output: { read: true, $metadata: {} } }
  }
  own.add(read, { name: 'deserializerMiddleware' })
  const context = { __smithy_context: { commandInstance: { middlewareStack: own } } }
  const { output } = await call(new RecordingPerformer(() => ({ TableNames: [] })), 'ListTablesCommand', {}, context)
  expect(output).toEqual({ read: true, $metadata: { attempts: 1, totalRetryDelay: 0 } })
  await call(new RecordingPerformer(), 'NonsenseCommand', {}, context)
  expect(seen).toEqual([
    [200, { TableNames: [] }],
    [400, { __type: 'com.amazon.coral.service#UnknownOperationException' }],
  ])
})

test('the middleware of a document client translates both ways', async () => {
  const own = new FakeStack()
  own.add((next) => (args) => next({ ...args, input: { TableName: 't', Item: { marshalled: { S: 'x' } } } }), {
    name: 'DocumentMarshall',
  })
  own.add((next) => async (args) => ({ ...(await next(args)), output: 'unmarshalled' }), { name: 'DocumentUnmarshall' })
  const performer = new RecordingPerformer()
  const context = { __smithy_context: { commandInstance: { middlewareStack: own } } }
  expect((await call(performer, 'PutItemCommand', { TableName: 't', Item: { plain: 'x' } }, context)).output).toBe(
    'unmarshalled',
  )
  expect(performer.performed[0]!.input).toEqual({ TableName: 't', Item: { marshalled: { S: 'x' } } })
})

test('a command that was given up is not performed', async () => {
  const performer = new RecordingPerformer()
  const context = { __smithy_context: { commandInstance: {}, abortSignal: AbortSignal.abort() } }
  await expect(call(performer, 'ListTablesCommand', {}, context)).rejects.toMatchObject({ name: 'AbortError' })
  expect(performer.performed).toEqual([])
})

test('a command that is given up while it is performed ends, and nobody waits for it', async () => {
  let finish = () => {}
  const performer = new RecordingPerformer(() => new Promise((resolve) => (finish = () => resolve({}))))
  const controller = new AbortController()
  const context = { __smithy_context: { commandInstance: {}, abortSignal: controller.signal } }
  const called = call(performer, 'PutItemCommand', { TableName: 't', Item: {} }, context)
  await expect.poll(() => performer.performed.length).toBe(1)
  controller.abort()
  await expect(called).rejects.toMatchObject({ name: 'AbortError' })
  finish()
})

test('the signal of an old controller, which has no listeners, is heard', async () => {
  const performer = new RecordingPerformer(() => new Promise(() => {}))
  const abortSignal = { aborted: false, onabort: null as null | (() => void) }
  const context = { __smithy_context: { commandInstance: {}, abortSignal } }
  const called = call(performer, 'ListTablesCommand', {}, context)
  await expect.poll(() => performer.performed.length).toBe(1)
  abortSignal.onabort?.()
  await expect(called).rejects.toMatchObject({ name: 'AbortError' })
})

test('with a signal that is never used, all is as without it', async () => {
  const abortSignal = new AbortController().signal
  const context = { __smithy_context: { commandInstance: {}, abortSignal } }
  const answering = new RecordingPerformer(() => ({ TableNames: [] }))
  expect((await call(answering, 'ListTablesCommand', {}, context)).output).toMatchObject({ TableNames: [] })
  const failing = new RecordingPerformer(() => {
    throw new AwsError('ResourceNotFoundException', 'Gone')
  })
  await expect(call(failing, 'PutItemCommand', { TableName: 't', Item: {} }, context)).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  })
})

describe('while others have their turn', () => {
  async function waiting(input: unknown, context: object = {}) {
    const performer = new RecordingPerformer()
    let begin = () => {}
    const others = new Promise<void>((resolve) => (begin = resolve))
    const called = call(performer, 'PutItemCommand', input, context, () => others)
    await setImmediate()
    expect(performer.performed).toEqual([])
    return { performer, called, begin }
  }

  test('a command stays what it was when it came', async () => {
    const input = { TableName: 't', Item: { a: { B: Uint8Array.of(1) }, b: { L: [{ S: 'x' }] } } }
    const { performer, called, begin } = await waiting(input)
    input.Item.a.B.fill(9)
    input.Item.b.L.pop()
    input.TableName = 'u'
    begin()
    await called
    const Item = { a: { B: Uint8Array.of(1) }, b: { L: [{ S: 'x' }] } }
    expect(performer.performed).toEqual([{ operation: 'PutItem', input: { TableName: 't', Item } }])
  })

  test('one that is given up is not performed', async () => {
    const controller = new AbortController()
    const context = { __smithy_context: { commandInstance: {}, abortSignal: controller.signal } }
    const { performer, called, begin } = await waiting({ TableName: 't', Item: {} }, context)
    controller.abort()
    await expect(called).rejects.toMatchObject({ name: 'AbortError' })
    begin()
    await setImmediate()
    expect(performer.performed).toEqual([])
  })
})

test('where nobody says which command it is, what would be sent is answered', async () => {
  const performer = new RecordingPerformer(() => ({ TableNames: [] }))
  const stack = new FakeStack()
  const dispatcher = new Dispatcher(performer)
  awsPlugin(async () => ({ dispatcher, protocol: new WireProtocol(dispatcher) })).applyToStack(stack)
  const { headers } = wireRequest('ListTables', '')
  const serialise: Handler = (args) => {
    const request = { method: 'POST', path: '/', headers, body: JSON.stringify(args.input) }
    return entry(stack, 'dynafileMiddlewareAtTheEnd')(unreachable, {})({ ...args, request } as never)
  }
  const result = await entry(stack, 'dynafileMiddleware')(serialise, { commandName: 'ListTablesCommand' })({
    input: {},
  })
  expect(result).toMatchObject({ response: { statusCode: 200, body: Buffer.from('{"TableNames":[]}') } })
})
