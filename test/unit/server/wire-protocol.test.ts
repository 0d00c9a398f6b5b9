/** AWS JSON 1.0: what a request gets, byte for byte, and in which order what is wrong with it is noticed. */
import { crc32, gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { DatabaseClosedError, UniqueIndexException, ValidationException } from '../../../src/errors.js'
import { open } from '../../../src/index.js'
import { AwsError } from '../../../src/server/aws-error.js'
import { signatureOf, signingKeyOf } from '../../../src/server/canonical-request.js'
import { Dispatcher } from '../../../src/server/dispatcher.js'
import { SignatureGate } from '../../../src/server/signature.js'
import { WireProtocol, type WireRequest } from '../../../src/server/wire-protocol.js'
import { ask, protocolTo, RecordingPerformer, spoken, wireRequest } from '../../support/wire-fixture.js'

const silent = new RecordingPerformer()

async function send(others: Partial<WireRequest>, headers: Record<string, string | undefined> = {}) {
  const request = wireRequest('ListTables', {}, others)
  return spoken(await protocolTo(silent).answer({ ...request, headers: { ...request.headers, ...headers } }))
}

describe('an answer', () => {
  test('has a request id, the checksum of its body and the content type that was asked in', async () => {
    const { status, headers, text } = await ask(new RecordingPerformer(() => ({ Count: 1 })), 'ListTables', {})
    expect(status).toBe(200)
    expect(text).toBe('{"Count":1}')
    expect(headers).toStrictEqual({
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-crc32': String(crc32('{"Count":1}')),
      'x-amzn-requestid': expect.stringMatching(/^[0-9A-Z]{52}$/),
    })
  })

  test('has an id of its own each time', async () => {
    const ids = new Set<string>()
    for (let n = 0; n < 300; n++) ids.add((await send({})).headers['x-amzn-requestid']!)
    expect(ids.size).toBe(300)
  })

  test('has bytes as base64, however deep they are', async () => {
    const item = {
      b: { B: new Uint8Array([1, 2]) },
      m: { M: { l: { L: [{ BS: [new Uint8Array([3])] }, { S: 'x' }] } } },
    }
    const answer = { Item: item, Same: { S: 'x' } }
    const { json } = await ask(new RecordingPerformer(() => answer), 'GetItem', { TableName: 't', Key: {} })
    expect(json.Item).toStrictEqual({ b: { B: 'AQI=' }, m: { M: { l: { L: [{ BS: ['Aw=='] }, { S: 'x' }] } } } })
    expect(item.b.B).toStrictEqual(new Uint8Array([1, 2]))
  })

  test('keeps names that mean something elsewhere', async () => {
    const bytes = (_name: string, value: unknown) => (value === 0 ? new Uint8Array([1]) : value)
    const Item = JSON.parse('{"__proto__":{"M":{"__proto__":{"B":0}}},"constructor":{"S":"x"}}', bytes)
    const { text } = await ask(new RecordingPerformer(() => ({ Item })), 'GetItem', { TableName: 't', Key: {} })
    expect(text).toBe('{"Item":{"__proto__":{"M":{"__proto__":{"B":"AQ=="}}},"constructor":{"S":"x"}}}')
  })
})

describe('a request', () => {
  test('reaches who performs it with bytes, and without what nobody knows', async () => {
    const performer = new RecordingPerformer()
    await ask(performer, 'PutItem', { TableName: 't', Item: { a: { B: 'AQ==' } }, Mystery: 1 })
    expect(performer.performed).toStrictEqual([
      { operation: 'PutItem', input: { TableName: 't', Item: { a: { B: new Uint8Array([1]) } } } },
    ])
  })

  test.each(['application/json', '  application/json  ;  asfd', 'application/x-amz-json-1.0;blahblah'])(
    'may be of type %s',
    async (contentType) => {
      const { status, headers } = await send({}, { 'content-type': contentType })
      expect(status).toBe(200)
      expect(headers['content-type']).toBe(contentType.split(';')[0]!.trim())
    },
  )

  test.each(['whatever', 'application/x-amz-json-1.1', 'application/jsonasdf', undefined])(
    'of type %s finds nothing',
    async (contentType) => {
      const { status, headers, text } = await send({}, { 'content-type': contentType })
      expect([status, text]).toEqual([404, '<UnknownOperationException/>\n'])
      expect(headers['x-amz-crc32']).toBe('3552371480')
    },
  )

  test.each(['PUT', 'DELETE', 'HEAD', 'OPTIONS'])('%s finds nothing', async (method) => {
    expect(await send({ method })).toMatchObject({ status: 404, text: '<UnknownOperationException/>\n' })
  })

  test('GET / says that all is well, and no other GET finds anything', async () => {
    const { status, text, headers } = await send({ method: 'GET' })
    expect([status, text]).toEqual([200, 'healthy: dynamodb.us-east-1.amazonaws.com '])
    expect(headers['x-amz-crc32']).toBe(String(crc32(text)))
    expect(await send({ method: 'GET', path: '/shell' })).toMatchObject({ status: 404 })
  })

  test.each<readonly [what: string, body: string | Uint8Array]>([
    ['text', 'hi'],
    ['nothing', ''],
    ['half an object', '{"TableName":"t"'],
    ['two objects', '{}{}'],
    ['a number', '5'],
    ['null', 'null'],
    ['a byte order mark', '\ufeff{}'],
    ['no UTF-8', new Uint8Array([0x7b, 0xff, 0x7d])],
    ['a string with a line break', '{"TableName":"a\nb"}'],
  ])('%s is no JSON', async (_, body) => {
    const { status, text } = await ask(silent, 'ListTables', body)
    expect([status, text]).toEqual([400, '{"__type":"com.amazon.coral.service#SerializationException"}'])
  })

  test('a million brackets are no request, and no stack overflows', async () => {
    const brackets = `${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}`
    expect(await ask(silent, 'ListTables', brackets)).toMatchObject({ status: 400 })
    expect(await ask(silent, 'ListTables', `{"Mystery":${brackets}}`)).toMatchObject({ status: 200 })
    const lists = `{"TableName":"t","Item":{"a":${'{"L":['.repeat(200_000)}${']}'.repeat(200_000)}}}`
    expect(await ask(silent, 'PutItem', lists)).toMatchObject({
      status: 400,
      json: { __type: 'com.amazon.coral.validate#ValidationException' },
    })
  })

  test('of members that are there twice, the last counts', async () => {
    const performer = new RecordingPerformer()
    await ask(performer, 'PutItem', '{"TableName":"a","TableName":"t","Item":{"k":{"S":"1"},"k":{"S":"2"}}}')
    expect(performer.performed[0]?.input).toStrictEqual({ TableName: 't', Item: { k: { S: '2' } } })
  })

  test.each([undefined, 'whatever', 'DynamoDB_20120810.ListTable', 'DynamoDBStreams_20120810.ListTables', '__proto__'])(
    'for %s is for no operation',
    async (target) => {
      const { status, text } = await send({}, { 'x-amz-target': target })
      expect([status, text]).toEqual([400, '{"__type":"com.amazon.coral.service#UnknownOperationException"}'])
    },
  )

  test('of DynamoDB Streams comes to the same door', async () => {
    const performer = new RecordingPerformer()
    expect(await ask(performer, 'ListStreams', {})).toMatchObject({ status: 200 })
    expect(performer.performed).toMatchObject([{ operation: 'ListStreams' }])
  })

  test('is looked at in order: JSON, operation, credentials, shapes', async () => {
    const gated = new WireProtocol(new Dispatcher(silent), { gate: new SignatureGate() })
    const typeOf = async (body: string, target: string | undefined, authorization: string | undefined) => {
      const request = wireRequest('ListTables', body)
      const headers = { ...request.headers, 'x-amz-target': target, authorization }
      return spoken(await gated.answer({ ...request, headers })).json.__type.replace(/^.*#/, '')
    }
    const target = 'DynamoDB_20120810.ListTables'
    const { authorization } = wireRequest('ListTables', '').headers
    expect(await typeOf('{', undefined, undefined)).toBe('SerializationException')
    expect(await typeOf('{}', undefined, undefined)).toBe('UnknownOperationException')
    expect(await typeOf('{"Limit":"x"}', target, undefined)).toBe('MissingAuthenticationTokenException')
    expect(await typeOf('{"Limit":"x","ExclusiveStartTableName":""}', target, authorization)).toBe(
      'SerializationException',
    )
    expect(await typeOf('{"Limit":0}', target, authorization)).toBe('ValidationException')
  })
})

describe('where signatures are verified', () => {
  const keys = [{ accessKeyId: 'AKID', secretAccessKey: 'secret' }]
  const gated = new WireProtocol(new Dispatcher(silent), { gate: new SignatureGate({ keys }) })
  const zipped = gzipSync(Buffer.alloc(1_000_000, ' '))
  const typeOf = async (body: Uint8Array | string, headers: Record<string, string | undefined>) => {
    const request = wireRequest('ListTables', body)
    const answer = await gated.answer({ ...request, headers: { ...request.headers, ...headers } })
    return spoken(answer).json.__type.replace(/^.*#/, '')
  }

  test('nothing is unpacked, parsed or looked up for who can’t sign', async () => {
    const refused = { authorization: undefined }
    expect(await typeOf('{', refused)).toBe('MissingAuthenticationTokenException')
    expect(await typeOf('{}', { ...refused, 'x-amz-target': 'x' })).toBe('MissingAuthenticationTokenException')
    expect(await typeOf('no gzip', { ...refused, 'content-encoding': 'gzip' })).toBe(
      'MissingAuthenticationTokenException',
    )
    expect(await typeOf(zipped, { 'content-encoding': 'gzip' })).toBe('InvalidSignatureException')
  })

  test('the signature of a compressed body is of the bytes that came', async () => {
    const date = new Date().toISOString().replace(/[-:]|\.\d+/g, '')
    const scope = `${date.slice(0, 8)}/x/dynamodb/aws4_request`
    const signedHeaders = 'content-encoding;content-type;host;x-amz-date;x-amz-target'
    const { headers, ...request } = wireRequest('ListTables', gzipSync('{"Limit":7}'))
    const sent = { ...request, headers: { ...headers, 'content-encoding': 'gzip', 'x-amz-date': date } }
    const claim = {
      ...{ algorithm: 'AWS4-HMAC-SHA256', credential: `AKID/${scope}`, signature: '', expiresS: undefined },
      ...{ signedHeaders, date },
    }
    const signature = signatureOf(sent, claim, signingKeyOf('secret', date.slice(0, 8), 'x', 'dynamodb')).toString(
      'hex',
    )
    const authorization = `AWS4-HMAC-SHA256 Credential=AKID/${scope}, SignedHeaders=${signedHeaders}, Signature=${signature}`
    const performer = new RecordingPerformer()
    const protocol = new WireProtocol(new Dispatcher(performer), { gate: new SignatureGate({ keys }) })
    expect(await protocol.answer({ ...sent, headers: { ...sent.headers, authorization } })).toMatchObject({
      status: 200,
    })
    expect(performer.performed).toMatchObject([{ input: { Limit: 7 } }])
  })
})

describe('browsers', () => {
  test('are told that they may read answers', async () => {
    expect((await send({}, { origin: 'http://a' })).headers['access-control-allow-origin']).toBe('*')
    expect((await send({})).headers['access-control-allow-origin']).toBe(undefined)
  })

  test('of a list are told so, and others are not', async () => {
    const cors = ['http://a:3000/', 'HTTPS://B', 'c.example', 'd.example:81']
    const listed = new WireProtocol(new Dispatcher(silent), { cors })
    const headersAt = async (origin: string, method = 'POST') => {
      const request = wireRequest('ListTables', {})
      const answer = await listed.answer({ ...request, method, headers: { ...request.headers, origin } })
      return [answer.status, answer.headers['access-control-allow-origin'], answer.headers['vary']]
    }
    for (const origin of [
      'http://a:3000',
      'https://b',
      'http://c.example:8080',
      'https://c.example',
      'http://d.example:81',
    ])
      expect(await headersAt(origin)).toEqual([200, origin, 'origin'])
    for (const origin of [
      'http://a',
      'http://b',
      'https://b:1',
      'http://x.c.example',
      'http://c.example.x',
      'null',
      '*',
    ]) {
      expect(await headersAt(origin)).toEqual([200, undefined, 'origin'])
      expect((await headersAt(origin, 'OPTIONS'))[0]).toBe(404)
    }
    expect(await headersAt('http://a:3000', 'OPTIONS')).toEqual([200, 'http://a:3000', 'origin'])
  })

  test('may ask first', async () => {
    const { status, headers, text } = await send(
      { method: 'OPTIONS' },
      { origin: 'x', 'access-control-request-headers': 'a, b', 'access-control-request-method': 'POST' },
    )
    expect([status, text]).toEqual([200, ''])
    expect(headers).toMatchObject({
      'access-control-allow-origin': '*',
      'access-control-allow-headers': 'a, b',
      'access-control-allow-methods': 'POST',
      'access-control-max-age': '172800',
    })
  })
})

describe('what goes wrong', () => {
  const failing = (failure: unknown) =>
    new RecordingPerformer(() => {
      throw failure
    })
  const MODEL = 'com.amazonaws.dynamodb.v20120810#'

  test.each<readonly [failure: Error, status: number, json: unknown]>([
    [
      new AwsError('ValidationException', 'Bad'),
      400,
      { __type: 'com.amazon.coral.validate#ValidationException', message: 'Bad' },
    ],
    [
      new AwsError('ResourceNotFoundException', 'Gone'),
      400,
      { __type: `${MODEL}ResourceNotFoundException`, message: 'Gone' },
    ],
    [
      new AwsError('ThrottlingException', 'Slow'),
      400,
      { __type: 'com.amazon.coral.availability#ThrottlingException', message: 'Slow' },
    ],
    [
      new AwsError('AccessDeniedException', 'No'),
      400,
      { __type: 'com.amazon.coral.service#AccessDeniedException', Message: 'No' },
    ],
    [
      new AwsError('ConditionalCheckFailedException', 'False', { Item: { a: { B: new Uint8Array([1]) } } }),
      400,
      { __type: `${MODEL}ConditionalCheckFailedException`, message: 'False', Item: { a: { B: 'AQ==' } } },
    ],
    [
      new AwsError('TransactionCanceledException', 'No', { CancellationReasons: [{ Code: 'None' }] }),
      400,
      { __type: `${MODEL}TransactionCanceledException`, Message: 'No', CancellationReasons: [{ Code: 'None' }] },
    ],
    [
      new ValidationException('KEY_MISSING', 'Native'),
      400,
      { __type: 'com.amazon.coral.validate#ValidationException', message: 'Native' },
    ],
    [
      new UniqueIndexException('t', 'i', { a: 1 }, { b: 2 }),
      400,
      { __type: `${MODEL}ConditionalCheckFailedException`, message: expect.stringMatching(/"i" is unique/) },
    ],
    [
      new DatabaseClosedError(),
      500,
      { __type: `${MODEL}InternalServerError`, message: 'Cannot use the database: it is closed' },
    ],
    [new Error('/secret/path'), 500, { __type: `${MODEL}InternalServerError`, message: 'Internal server error' }],
    [
      new AwsError('InternalServerError', '/secret/path'),
      500,
      { __type: `${MODEL}InternalServerError`, message: 'Internal server error' },
    ],
    [new AwsError('RequestEntityTooLarge', ''), 413, { __type: `${MODEL}RequestEntityTooLarge` }],
  ])('%s is said as DynamoDB says it', async (failure, status, json) => {
    const answer = await ask(failing(failure), 'ListTables', {})
    expect(answer.status).toBe(status)
    expect(answer.json).toStrictEqual(json)
  })

  test('that the database is closed is said through the service, too', async () => {
    const db = await open('memory:')
    const send = (operation: string, input: object) => {
      const { method, headers, body } = wireRequest(operation, input)
      return db.fetch(new Request('http://localhost/', { method, headers: headers as Record<string, string>, body }))
    }
    const created = await send('CreateTable', {
      TableName: 'tab',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'a', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'a', KeyType: 'HASH' }],
    })
    expect(created.status).toBe(200)
    await db.close()
    const answer = await send('GetItem', { TableName: 'tab', Key: { a: { S: 'x' } } })
    expect([answer.status, await answer.json()]).toEqual([
      500,
      { __type: `${MODEL}InternalServerError`, message: 'Cannot use the database: it is closed' },
    ])
  })

  test('what an operation met is told as it was, behind the exceptions that it became', async () => {
    const failure = new DatabaseClosedError()
    const told: unknown[] = []
    const wrapped = failing(new AwsError('InternalServerError', failure.message, {}, { cause: failure }))
    const protocol = new WireProtocol(new Dispatcher(wrapped), { onFailure: (cause) => told.push(cause) })
    expect(spoken(await protocol.answer(wireRequest('ListTables', {}))).json.message).toBe(failure.message)
    expect(told).toEqual([failure])
  })

  test('what nobody expected is told to who runs the server', async () => {
    const failure = new TypeError('x is not a function')
    const told: unknown[] = []
    const protocol = new WireProtocol(new Dispatcher(failing(failure)), { onFailure: (cause) => told.push(cause) })
    expect(spoken(await protocol.answer(wireRequest('ListTables', {}))).text).not.toMatch(/function/)
    expect(told).toEqual([failure])
    const cycle: { self?: unknown } = {}
    cycle.self = cycle
    const endless = protocolTo(new RecordingPerformer(() => ({ cycle })))
    expect(await endless.answer(wireRequest('ListTables', {}))).toMatchObject({ status: 500 })
    expect(await ask(failing(undefined), 'ListTables', {})).toMatchObject({ status: 500 })
  })
})
