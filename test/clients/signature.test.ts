/** The server believes what the SDK's own signer signs, in a header and in a query, and nothing that differs from it. */
import { createHash, createHmac } from 'node:crypto'
import { HttpRequest } from '@smithy/core/protocols'
import { SignatureV4 } from '@smithy/signature-v4'
import { expect, test } from 'vitest'
import { SignatureGate } from '../../src/server/signature.js'
import type { WireRequest } from '../../src/server/wire-protocol.js'
import { SeededRandom } from '../support/random.js'

/** What the signer wants of a hash. */
class Sha256 {
  readonly #hash
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', Buffer.from(secret as Uint8Array))
  }
  update(data: string | Uint8Array): void {
    this.#hash.update(data)
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest()
  }
  reset(): void {}
}

const NOW = new Date('2026-11-21T12:00:00Z')
const KEY = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }

function signer(secretAccessKey = KEY.secretAccessKey): SignatureV4 {
  return new SignatureV4({
    ...{ service: 'dynamodb', region: 'eu-west-1', sha256: Sha256 as never, applyChecksum: true },
    credentials: { ...KEY, secretAccessKey },
  })
}

function gate(): SignatureGate {
  return new SignatureGate({ keys: [KEY], clock: { now: () => NOW.getTime() } })
}

function wireRequestOf(request: HttpRequest): WireRequest {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(request.headers)) headers[name.toLowerCase()] = value
  const query = Object.entries(request.query ?? {}).map(([name, value]) => {
    const text = [value].flat().map((one) => encodeURIComponent(String(one)))
    return text.map((one) => `${encodeURIComponent(name)}=${one}`).join('&')
  })
  const path = query.length === 0 ? request.path : `${request.path}?${query.join('&')}`
  return { method: request.method, path, headers, body: Buffer.from(request.body ?? '') }
}

/** Requests of many kinds: headers with spaces in them, queries to be sorted, bodies that are no ASCII. */
function randomRequest(random: SeededRandom): HttpRequest {
  const headers: Record<string, string> = { host: random.pick(['localhost:8000', 'dynamodb.eu-west-1.amazonaws.com']) }
  headers['content-type'] = 'application/x-amz-json-1.0'
  headers['x-amz-target'] = `DynamoDB_20120810.${random.pick(['GetItem', 'PutItem'])}`
  if (random.chance(0.5)) headers['amz-sdk-invocation-id'] = String(random.next())
  if (random.chance(0.5)) headers['x-amz-security-token'] = 'token//with+signs=='
  if (random.chance(0.3)) headers['x-spaces'] = '  a   b    c '
  const query: Record<string, string> = {}
  if (random.chance(0.4)) query['b b'] = 'x y/z'
  if (random.chance(0.4)) query['a'] = "ü!'()*~-_."
  if (random.chance(0.4)) query['A'] = ''
  const body = JSON.stringify({ text: random.pick(['', 'a', 'äöü', '😀'.repeat(random.below(100))]) })
  const path = random.pick(['/', '/', '/', '/a/b', '/a%20b'])
  return new HttpRequest({ method: 'POST', protocol: 'http:', hostname: 'localhost', path, query, headers, body })
}

function refusal(run: () => unknown): string | undefined {
  try {
    run()
    return undefined
  } catch (failure) {
    return (failure as Error).name
  }
}

const random = new SeededRandom(5)
const requests = Array.from({ length: 300 }, () => randomRequest(random))

test('signed in the header', async () => {
  for (const request of requests) {
    const signed = wireRequestOf((await signer().sign(request, { signingDate: NOW })) as HttpRequest)
    expect(refusal(() => gate().admit(signed))).toBe(undefined)
    const wrong = wireRequestOf((await signer('guess').sign(request, { signingDate: NOW })) as HttpRequest)
    expect(refusal(() => gate().admit(wrong))).toBe('InvalidSignatureException')
    expect(refusal(() => gate().admit({ ...signed, body: Buffer.concat([signed.body, Buffer.from(' ')]) }))).toBe(
      'InvalidSignatureException',
    )
  }
})

test('signed in the query', async () => {
  for (const request of requests) {
    const options = { signingDate: NOW, expiresIn: 300 }
    const signed = wireRequestOf((await signer().presign(request, options)) as HttpRequest)
    expect(refusal(() => gate().admit(signed))).toBe(undefined)
    const wrong = wireRequestOf((await signer('guess').presign(request, options)) as HttpRequest)
    expect(refusal(() => gate().admit(wrong))).toBe('InvalidSignatureException')
  }
})

test('signed in the query for a minute, and asked later', async () => {
  const options = { signingDate: new Date(NOW.getTime() - 61_000), expiresIn: 60 }
  const signed = wireRequestOf((await signer().presign(requests[0]!, options)) as HttpRequest)
  expect(refusal(() => gate().admit(signed))).toBe('InvalidSignatureException')
})
