/** The handler that SDK clients are given, without an SDK: what versions of it pass, and what they expect back. */
import { describe, expect, test } from 'vitest'
import type { Performer } from '../../../src/server/performer.js'
import { awsConfig, type SdkRequest } from '../../../src/server/request-handler.js'
import { protocolTo, RecordingPerformer } from '../../support/wire-fixture.js'

function configTo(performer: Performer) {
  return awsConfig(async () => protocolTo(performer))
}

/** An SDK's request, whose headers it does not write in lower case. */
function sdkRequest(body: unknown): SdkRequest {
  const headers = { 'Content-Type': 'application/x-amz-json-1.0', 'X-Amz-Target': 'DynamoDB_20120810.ListTables' }
  return { method: 'POST', path: '/', headers, body }
}

describe('bodies', () => {
  /** As newer versions have it: bytes with the methods of texts, which warn, and will throw. */
  class BytesThatWarn extends Uint8Array {
    override toString(): string {
      throw new Error('used as a text')
    }
  }

  test.each<readonly [what: string, body: unknown]>([
    ['text', '{"Limit":7}'],
    ['bytes', new TextEncoder().encode('{"Limit":7}')],
    ['a buffer', Buffer.from('{"Limit":7}')],
    ['bytes that warn', new BytesThatWarn(Buffer.from('{"Limit":7}'))],
    ['a part of memory', new DataView(new TextEncoder().encode('{"Limit":7}').buffer)],
  ])('may be %s', async (_, body) => {
    const performer = new RecordingPerformer(() => ({ TableNames: ['ü'] }))
    const { response } = await configTo(performer).requestHandler.handle(sdkRequest(body))
    expect(performer.performed).toEqual([{ operation: 'ListTables', input: { Limit: 7 } }])
    expect(response).toEqual({
      statusCode: 200,
      headers: expect.any(Object),
      body: Buffer.from('{"TableNames":["ü"]}'),
    })
  })

  test('may be absent, which is no JSON, and nothing else', async () => {
    const { requestHandler } = configTo(new RecordingPerformer())
    expect((await requestHandler.handle(sdkRequest(undefined))).response.statusCode).toBe(400)
    await expect(requestHandler.handle(sdkRequest({}))).rejects.toThrow(TypeError)
  })
})

describe('giving up', () => {
  test('before it begins, nothing is performed', async () => {
    const performer = new RecordingPerformer()
    const { requestHandler } = configTo(performer)
    const handled = requestHandler.handle(sdkRequest('{}'), { abortSignal: AbortSignal.abort() })
    await expect(handled).rejects.toMatchObject({ name: 'AbortError' })
    expect(performer.performed).toEqual([])
  })

  test('in the middle, nobody waits for the answer', async () => {
    let finish = () => {}
    const performer = new RecordingPerformer(() => new Promise((resolve) => (finish = () => resolve({}))))
    const controller = new AbortController()
    const handled = configTo(performer).requestHandler.handle(sdkRequest('{}'), { abortSignal: controller.signal })
    await expect.poll(() => performer.performed.length).toBe(1)
    controller.abort()
    await expect(handled).rejects.toMatchObject({ name: 'AbortError' })
    finish()
  })

  test('with a signal that is never used, all is as without it', async () => {
    const { signal } = new AbortController()
    const { requestHandler } = configTo(new RecordingPerformer())
    expect((await requestHandler.handle(sdkRequest('{}'), { abortSignal: signal })).response.statusCode).toBe(200)
  })
})

test('the configuration has all that a client asks for, and an address that leads nowhere', () => {
  const config = configTo(new RecordingPerformer())
  expect(config).toMatchObject({ region: 'us-east-1', credentials: { accessKeyId: expect.any(String) } })
  expect(new URL(config.endpoint).hostname).toMatch(/\.invalid$/)
  expect(awsConfig(async () => protocolTo(new RecordingPerformer()), { region: 'x' }).region).toBe('x')
  expect(config.requestHandler.httpHandlerConfigs()).toEqual({})
  config.requestHandler.updateHttpClientConfig()
  config.requestHandler.destroy()
})
