/** Signature V4 itself: what is signed of a request, and how. */
import { createHash, createHmac } from 'node:crypto'
import { queryOf, type SignatureClaim } from './signature-claim.js'
import type { WireRequest } from './wire-protocol.js'

const SIGNED_QUERY = 'X-Amz-Signature'

/** The signature that whoever knows `signingKey` gives to a request, all of whose signed headers came. */
export function signatureOf(request: WireRequest, claim: SignatureClaim, signingKey: Uint8Array): Buffer {
  const scope = claim.credential.slice(claim.credential.indexOf('/') + 1)
  const text = [claim.algorithm, claim.date, scope, sha256(canonicalRequest(request, claim))].join('\n')
  return createHmac('sha256', signingKey).update(text).digest()
}

/** The key that signs one day's requests to one service in one region. */
export function signingKeyOf(secret: string, date: string, region: string, service: string): Buffer {
  const parts = [date, region, service, 'aws4_request']
  return parts.reduce<Buffer>(
    (key, part) => createHmac('sha256', key).update(part).digest(),
    Buffer.from(`AWS4${secret}`),
  )
}

export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}

function canonicalRequest(request: WireRequest, claim: SignatureClaim): string {
  const { method, path, headers } = request
  const names = claim.signedHeaders.split(';')
  const lines = names.map((name) => `${name}:${headers[name]!.trim().replace(/\s+/g, ' ')}\n`)
  return [
    method,
    canonicalPath(path),
    canonicalQuery(path),
    lines.join(''),
    claim.signedHeaders,
    sha256(request.body),
  ].join('\n')
}

/** Encoded once more, as every service but S3 wants it. */
function canonicalPath(path: string): string {
  const bare = path.split('?', 1)[0]!
  return bare === '' ? '/' : bare.split('/').map(encoded).join('/')
}

function canonicalQuery(path: string): string {
  return [...queryOf(path)]
    .filter(([name]) => name !== SIGNED_QUERY)
    .map(([name, value]): [string, string] => [encoded(name), encoded(value)])
    .sort(([a, x], [b, y]) => (a === b ? compare(x, y) : compare(a, b)))
    .map(([name, value]) => `${name}=${value}`)
    .join('&')
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** As RFC 3986 has it: `encodeURIComponent` leaves a few characters more as they are. */
function encoded(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}
