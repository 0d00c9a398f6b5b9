/** Signature V4: what a request has to say of itself, and that it is true. */
import { createHash, createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { signatureOf, signingKeyOf } from '../../../src/server/canonical-request.js'
import { operationsByName } from '../../../src/server/shape/operations.js'
import { SignatureGate } from '../../../src/server/signature.js'
import type { WireRequest } from '../../../src/server/wire-protocol.js'

const NOW = Date.parse('2026-11-21T12:00:00Z')
const KEY = { accessKeyId: 'AKID', secretAccessKey: 'secret/with+signs' }
const READER = { accessKeyId: 'READER', secretAccessKey: 'other', readOnly: true }

interface Signing {
  readonly key?: { readonly accessKeyId: string; readonly secretAccessKey: string }
  readonly date?: string
  readonly scopeDate?: string
  readonly service?: string
  readonly signedHeaders?: readonly string[]
  readonly body?: string
  readonly headers?: Record<string, string>
  /** The signature stands in the address, beside these parameters. */
  readonly query?: Record<string, string>
}

/** Signs as AWS's documentation says, without any code of ours. */
function signed(signing: Signing = {}): WireRequest {
  const { key = KEY, date = '20261121T120000Z', service = 'dynamodb', body = '{}' } = signing
  const { scopeDate = date.slice(0, 8), signedHeaders = ['host', 'x-amz-date'] } = signing
  const headers: Record<string, string> = { host: 'localhost:8000', ...signing.headers }
  if (signing.query === undefined) headers['x-amz-date'] ??= date
  const hash = (text: string) => createHash('sha256').update(text).digest('hex')
  const hmac = (secret: string | Buffer, text: string) => createHmac('sha256', secret).update(text).digest()
  const headerOf = (name: string) => (Object.hasOwn(headers, name) ? headers[name]! : '')
  const lines = signedHeaders.map((name) => `${name}:${headerOf(name).trim().replace(/ +/g, ' ')}\n`).join('')
  const parameters = signing.query && {
    ...{ 'X-Amz-Algorithm': 'AWS4-HMAC-SHA256', 'X-Amz-Date': date, 'X-Amz-Expires': '60' },
    'X-Amz-Credential': `${key.accessKeyId}/${scopeDate}/eu-west-1/${service}/aws4_request`,
    'X-Amz-SignedHeaders': signedHeaders.join(';'),
    ...signing.query,
  }
  const query = Object.entries(parameters ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&')
  const canonical = ['POST', '/', query, lines, signedHeaders.join(';'), hash(body)].join('\n')
  const scope = `${scopeDate}/eu-west-1/${service}/aws4_request`
  const text = ['AWS4-HMAC-SHA256', date, scope, hash(canonical)].join('\n')
  const dayKey = hmac(`AWS4${key.secretAccessKey}`, scopeDate)
  const signature = hmac(hmac(hmac(hmac(dayKey, 'eu-west-1'), service), 'aws4_request'), text).toString('hex')
  if (parameters !== undefined) {
    return { method: 'POST', path: `/?${query}&X-Amz-Signature=${signature}`, headers, body: Buffer.from(body) }
  }
  headers['authorization'] =
    `AWS4-HMAC-SHA256 Credential=${key.accessKeyId}/${scope}, SignedHeaders=${signedHeaders.join(';')}, Signature=${signature}`
  return { method: 'POST', path: '/', headers, body: Buffer.from(body) }
}

function gateAt(nowMs = NOW): SignatureGate {
  return new SignatureGate({ keys: [KEY, READER], clock: { now: () => nowMs } })
}

function refusal(run: () => unknown): string | undefined {
  try {
    run()
  } catch (failure) {
    return `${(failure as Error).name}: ${(failure as Error).message}`
  }
  return undefined
}

const MISMATCH = /^InvalidSignatureException: The request signature we calculated does not match/

test('the example of AWS’s documentation comes out as it says there', () => {
  const claim = {
    ...{ algorithm: 'AWS4-HMAC-SHA256', signature: '', expiresS: undefined, date: '20150830T123600Z' },
    credential: 'AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request',
    signedHeaders: 'content-type;host;x-amz-date',
  }
  const request: WireRequest = {
    ...{ method: 'GET', path: '/?Action=ListUsers&Version=2010-05-08', body: new Uint8Array() },
    headers: {
      'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
      host: 'iam.amazonaws.com',
      'x-amz-date': '20150830T123600Z',
    },
  }
  const key = signingKeyOf('wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY', '20150830', 'us-east-1', 'iam')
  expect(key.toString('hex')).toBe('c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9')
  expect(signatureOf(request, claim, key).toString('hex')).toBe(
    '5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7',
  )
})

describe('without keys, a request', () => {
  const gate = new SignatureGate()
  const request = (path: string, headers: Record<string, string>): WireRequest => ({
    ...{ method: 'POST', path, headers, body: new Uint8Array() },
  })

  test.each<readonly [path: string, headers: Record<string, string>, message: string]>([
    ['/', {}, 'MissingAuthenticationTokenException: Request is missing Authentication Token'],
    ['/', { authorization: 'AWS4' }, 'MissingAuthenticationTokenException: Request is missing Authentication Token'],
    [
      '/?X-Amz-Algorith',
      { authorization: 'X' },
      'MissingAuthenticationTokenException: Request is missing Authentication Token',
    ],
    [
      '/?X-Amz-Credential=a&X-Amz-Signature=b&X-Amz-SignedHeaders=c&X-Amz-Date=d',
      {},
      'MissingAuthenticationTokenException: Request is missing Authentication Token',
    ],
    [
      '/?X-Amz-Algorithm',
      { authorization: 'X' },
      "InvalidSignatureException: Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.",
    ],
    [
      '/',
      { authorization: 'AWS4-' },
      "IncompleteSignatureException: Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. Authorization=AWS4-",
    ],
    ...['AWS4- Signature=b Credential=a', 'AWS4- Signature=b,Credential=a', 'AWS4- Signature=b, Credential=a'].map(
      (authorization) =>
        [
          '/',
          { authorization, date: 'a' },
          `IncompleteSignatureException: Authorization header requires 'SignedHeaders' parameter. Authorization=${authorization}`,
        ] as const,
    ),
    [
      '/?X-Amz-Algorithm',
      {},
      "IncompleteSignatureException: AWS query-string parameters must include 'X-Amz-Algorithm'. AWS query-string parameters must include 'X-Amz-Credential'. AWS query-string parameters must include 'X-Amz-Signature'. AWS query-string parameters must include 'X-Amz-SignedHeaders'. AWS query-string parameters must include 'X-Amz-Date'. Re-examine the query-string parameters.",
    ],
    [
      '/?X-Amz-Algorithm=a&X-Amz-Credential=b&X-Amz-Signature=c&X-Amz-Date=d',
      {},
      "IncompleteSignatureException: AWS query-string parameters must include 'X-Amz-SignedHeaders'. Re-examine the query-string parameters.",
    ],
  ])('to %s with %j is refused', (path, headers, message) => {
    expect(refusal(() => gate.admit(request(path, headers)))).toBe(message)
  })

  test('that looks signed comes in, whoever signed it', () => {
    const authorization = 'AWS4-HMAC-SHA256 Credential=a, SignedHeaders=b, Signature=c'
    expect(refusal(() => gate.admit(request('/', { authorization, 'x-amz-date': 'x' })))).toBe(undefined)
    const query = '/?X-Amz-Algorithm=a&X-Amz-Credential=b&X-Amz-Signature=c&X-Amz-Date=d&X-Amz-SignedHeaders=e'
    expect(refusal(() => gate.admit(request(query, {})))).toBe(undefined)
  })
})

describe('with keys, a request', () => {
  const put = operationsByName.get('PutItem')!
  const get = operationsByName.get('GetItem')!

  test('that is signed with one of them comes in', () => {
    expect(refusal(() => gateAt().admit(signed()))).toBe(undefined)
    expect(refusal(() => gateAt().admit(signed({ key: READER })))).toBe(undefined)
    const headers = { 'x-amz-content-sha256': createHash('sha256').update('{"a":1}').digest('hex') }
    expect(refusal(() => gateAt().admit(signed({ body: '{"a":1}', headers })))).toBe(undefined)
  })

  test('is the bytes that were signed', () => {
    expect(refusal(() => gateAt().admit({ ...signed(), body: Buffer.from('other') }))).toMatch(MISMATCH)
  })

  test.each<readonly [what: string, request: WireRequest]>([
    ['a wrong secret', signed({ key: { ...KEY, secretAccessKey: 'guess' } })],
    ['another body', { ...signed(), body: Buffer.from('{"a":1}') }],
    ['another method', { ...signed(), method: 'PUT' }],
    ['another path', { ...signed(), path: '/other' }],
    ['another query', { ...signed(), path: '/?a=b' }],
    ['another host', { ...signed(), headers: { ...signed().headers, host: 'evil' } }],
    ['another date', { ...signed(), headers: { ...signed().headers, 'x-amz-date': '20261121T120001Z' } }],
    ['the wrong hash of its body', signed({ headers: { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' } })],
    ['a date that is not signed', signed({ signedHeaders: ['host'] })],
    ['a host that is not signed', signed({ signedHeaders: ['x-amz-date'] })],
    ['a header that means something elsewhere', signed({ signedHeaders: ['__proto__', 'constructor', 'x-amz-date'] })],
    ['a key for another service', signed({ service: 's3' })],
    ['a key of another day', signed({ scopeDate: '20261120' })],
  ])('with %s is refused', (_, request) => {
    expect(refusal(() => gateAt().admit(request))).toMatch(MISMATCH)
  })

  describe('whose operation is not signed', () => {
    const target = { 'x-amz-target': 'DynamoDB_20120810.GetItem' }
    const query = { 'X-Amz-Target': 'DynamoDB_20120810.GetItem' }
    const signedHeaders = ['host', 'x-amz-date', 'x-amz-target']

    test('is refused, as it could be made another one', () => {
      expect(refusal(() => gateAt().admit(signed({ headers: target, signedHeaders })))).toBe(undefined)
      expect(refusal(() => gateAt().admit(signed({ headers: target })))).toMatch(MISMATCH)
      expect(refusal(() => gateAt().admit(signed({ headers: { 'x-amz-security-token': 'x' } })))).toMatch(MISMATCH)
    })

    test('may say what its client is called, which means nothing', () => {
      expect(refusal(() => gateAt().admit(signed({ headers: { 'x-amz-user-agent': 'aws-sdk-php' } })))).toBe(undefined)
    })

    test('in a signed address is the one that stands there', () => {
      const admit = (signing: Signing) => refusal(() => gateAt().admit(signed({ signedHeaders: ['host'], ...signing })))
      expect(admit({ query: {} })).toBe(undefined)
      expect(admit({ query, headers: target })).toBe(undefined)
      expect(admit({ query: {}, headers: target, signedHeaders: ['host', 'x-amz-target'] })).toBe(undefined)
      expect(admit({ query: {}, headers: target })).toMatch(MISMATCH)
      const another = { 'x-amz-target': 'DynamoDB_20120810.PutItem' }
      expect(admit({ query, headers: another })).toMatch(MISMATCH)
    })
  })

  test.each<readonly [what: string, signedHeaders: readonly string[]]>([
    ['a name twice', ['host', 'host', 'x-amz-date']],
    ['names out of order', ['x-amz-date', 'host']],
    ['a header that did not come', ['content-type', 'host', 'x-amz-date']],
    ['an empty name', ['', 'host', 'x-amz-date']],
  ])('that signs %s is refused, however right its signature', (_, signedHeaders) => {
    expect(refusal(() => gateAt().admit(signed({ signedHeaders })))).toMatch(MISMATCH)
  })

  test('that signs a long header again and again is read a few times', () => {
    let readCount = 0
    const { method, path, body, headers } = signed({
      signedHeaders: ['a', ...Array(1800).fill('a'), 'host', 'x-amz-date'],
    })
    const counted = Object.defineProperty({ ...headers }, 'a', {
      get: () => {
        readCount++
        return 'b '.repeat(5500)
      },
    })
    expect(refusal(() => gateAt().admit({ method, path, body, headers: counted }))).toMatch(MISMATCH)
    expect(readCount).toBeLessThan(5)
  })

  test.each(['', 'x', '0'.repeat(64), 'ff', `${'0'.repeat(63)}é`])('with the signature %j is refused', (signature) => {
    const request = signed()
    const authorization = request.headers['authorization']!.replace(/Signature=.*/, `Signature=${signature}`)
    const admit = () => gateAt().admit({ ...request, headers: { ...request.headers, authorization } })
    expect(refusal(admit)).toMatch(signature === '' ? /^Incomplete/ : MISMATCH)
  })

  test('by nobody who is known is refused', () => {
    expect(refusal(() => gateAt().admit(signed({ key: { ...KEY, accessKeyId: 'NOBODY' } })))).toBe(
      'UnrecognizedClientException: The security token included in the request is invalid.',
    )
    expect(refusal(() => gateAt().admit(signed({ key: { ...KEY, accessKeyId: '__proto__' } })))).toMatch(/^Unrecogn/)
  })

  test('is good for five minutes before and after its time', () => {
    const minutes = 60_000
    expect(refusal(() => gateAt(NOW + 5 * minutes).admit(signed()))).toBe(undefined)
    expect(refusal(() => gateAt(NOW - 5 * minutes).admit(signed()))).toBe(undefined)
    expect(refusal(() => gateAt(NOW + 5 * minutes + 1000).admit(signed()))).toBe(
      'InvalidSignatureException: Signature expired: 20261121T120000Z is now earlier than 20261121T120001Z (20261121T120501Z - 5 min.)',
    )
    expect(refusal(() => gateAt(NOW - 5 * minutes - 1000).admit(signed()))).toBe(
      'InvalidSignatureException: Signature not yet current: 20261121T120000Z is still later than 20261121T115959Z (20261121T115459Z + 5 min.)',
    )
  })

  test('writes once; it may read again', () => {
    const gate = gateAt()
    gate.admit(signed()).permit(get, {})
    gate.admit(signed()).permit(put, {})
    gate.admit(signed()).permit(get, {})
    expect(refusal(() => gate.admit(signed()).permit(put, {}))).toBe(
      'InvalidSignatureException: Signature was already used.',
    )
    expect(refusal(() => gate.admit(signed({ body: '{"other":1}' })).permit(put, {}))).toBe(undefined)
  })

  describe('whose invocation has a number that is not signed, as botocore sends it', () => {
    const numbered = (number: string, attempt = '1') =>
      signed({ headers: { 'amz-sdk-invocation-id': number, 'amz-sdk-request': `attempt=${attempt}` } })

    test('may come with another number, or as another attempt, within two seconds', () => {
      const clock = { nowMs: NOW, now: () => clock.nowMs }
      const gate = new SignatureGate({ keys: [KEY], clock })
      const write = (request: WireRequest) => refusal(() => gate.admit(request).permit(put, {}))
      expect(write(numbered('a'))).toBe(undefined)
      expect(write(numbered('b'))).toBe(undefined)
      expect(write(numbered('a', '2'))).toBe(undefined)
      for (const seen of [numbered('a'), numbered('b'), numbered('a', '2'), signed()]) {
        expect(write(seen)).toMatch(/already used/)
      }
      clock.nowMs += 2001
      expect(write(numbered('c'))).toMatch(/already used/)
    })

    test('may have a number as the PHP SDK writes it', () => {
      const gate = gateAt()
      const write = (headers: Record<string, string>) => refusal(() => gate.admit(signed({ headers })).permit(put, {}))
      expect(write({ 'aws-sdk-invocation-id': 'a', 'aws-sdk-retry': '0/0' })).toBe(undefined)
      expect(write({ 'aws-sdk-invocation-id': 'b', 'aws-sdk-retry': '0/0' })).toBe(undefined)
      expect(write({ 'aws-sdk-invocation-id': 'a', 'aws-sdk-retry': '1/0' })).toBe(undefined)
      expect(write({ 'aws-sdk-invocation-id': 'b', 'aws-sdk-retry': '0/0' })).toMatch(/already used/)
    })

    test('and another number beside one that is signed is not looked at', () => {
      const gate = gateAt()
      const signedHeaders = ['amz-sdk-invocation-id', 'host', 'x-amz-date']
      const request = signed({ signedHeaders, headers: { 'amz-sdk-invocation-id': 'a' } })
      const again = { ...request, headers: { ...request.headers, 'aws-sdk-invocation-id': 'b' } }
      gate.admit(request).permit(put, {})
      expect(refusal(() => gate.admit(again).permit(put, {}))).toMatch(/already used/)
    })

    test('may not come with a number when it came without', () => {
      const gate = gateAt()
      gate.admit(signed()).permit(put, {})
      expect(refusal(() => gate.admit(numbered('a')).permit(put, {}))).toMatch(/already used/)
    })

    test('and one that is signed is not looked at', () => {
      const gate = gateAt()
      const signedHeaders = ['amz-sdk-invocation-id', 'host', 'x-amz-date']
      const request = signed({ signedHeaders, headers: { 'amz-sdk-invocation-id': 'a', 'amz-sdk-request': '1' } })
      const again = { ...request, headers: { ...request.headers, 'amz-sdk-request': '2' } }
      gate.admit(request).permit(put, {})
      expect(refusal(() => gate.admit(again).permit(put, {}))).toMatch(/already used/)
    })
  })

  test('signatures are forgotten when they have expired anyway', () => {
    const clock = { nowMs: NOW, now: () => clock.nowMs }
    const gate = new SignatureGate({ keys: [KEY], clock })
    gate.admit(signed()).permit(put, {})
    clock.nowMs += 5 * 60_000 + 1000
    expect(refusal(() => gate.admit(signed()))).toMatch(/Signature expired/)
    expect(refusal(() => gate.admit(signed({ date: '20261121T120501Z' })).permit(put, {}))).toBe(undefined)
  })

  test('by a reader reads and does not write', () => {
    const permit = (name: string, input: Record<string, unknown> = {}) =>
      refusal(() =>
        gateAt()
          .admit(signed({ key: READER }))
          .permit(operationsByName.get(name)!, input),
      )
    for (const name of [
      'GetItem',
      'BatchGetItem',
      'Query',
      'Scan',
      'TransactGetItems',
      'DescribeTable',
      'ListTables',
      'GetRecords',
    ]) {
      expect(permit(name)).toBe(undefined)
    }
    for (const name of [
      'PutItem',
      'UpdateItem',
      'DeleteItem',
      'BatchWriteItem',
      'TransactWriteItems',
      'CreateTable',
      'TagResource',
      'UpdateTimeToLive',
    ]) {
      expect(permit(name)).toBe(
        `AccessDeniedException: User: arn:aws:iam::000000000000:user/READER is not authorized to perform: dynamodb:${name}`,
      )
    }
    expect(permit('ExecuteStatement', { Statement: ' select * from t' })).toBe(undefined)
    expect(permit('ExecuteStatement', { Statement: 'selection' })).toMatch(/^AccessDenied/)
    expect(permit('ExecuteStatement', { Statement: 'DELETE FROM t' })).toMatch(/^AccessDenied/)
    expect(
      permit('BatchExecuteStatement', { Statements: [{ Statement: 'SELECT 1' }, { Statement: 'INSERT' }] }),
    ).toMatch(/^AccessDenied/)
    expect(permit('ExecuteTransaction', { TransactStatements: [{ Statement: 'EXISTS (SELECT' }] })).toBe(undefined)
    expect(permit('ExecuteTransaction', { TransactStatements: [{ Statement: 'UPDATE t' }] })).toMatch(/^AccessDenied/)
  })
})
