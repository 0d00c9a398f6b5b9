/**
 * Who may come in. By default everybody whose request looks signed; with keys, only who signs with one of them. Then a
 * signature is verified over the bytes that came; it is good for five minutes, for one write, and for reads only when its
 * key says so.
 */
import { timingSafeEqual } from 'node:crypto'
import { type Clock, systemClock } from '../base/clock.js'
import { AwsError } from './aws-error.js'
import { sha256, signatureOf, signingKeyOf } from './canonical-request.js'
import type { Members } from './performer.js'
import { SeenSignatures } from './seen-signatures.js'
import type { Operation } from './shape/operations.js'
import { queryOf, type SignatureClaim, signatureClaim } from './signature-claim.js'
import type { Gate, Visitor, WireRequest } from './wire-protocol.js'

export interface AuthKey {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  /** Refuse whatever may change something. @default false */
  readonly readOnly?: boolean | undefined
}

export interface SignatureOptions {
  /** Without keys, signatures are looked at and not verified. */
  readonly keys?: readonly AuthKey[]
  /** @default the system's */
  readonly clock?: Clock
}

const WINDOW_S = 5 * 60

const AWS_HEADER = 'x-amz-'
/** What the client calls itself, which means nothing, and the hash of the body, which is compared with what is signed. */
const UNSIGNED_HEADERS: ReadonlySet<string> = new Set(['x-amz-user-agent', 'x-amz-content-sha256'])

const ALGORITHM = 'AWS4-HMAC-SHA256'
const SERVICE = 'dynamodb'

/** Where SDKs number what they do and how often they have tried; the second is the PHP SDK's. */
const INVOCATIONS = [
  ['amz-sdk-invocation-id', 'amz-sdk-request'],
  ['aws-sdk-invocation-id', 'aws-sdk-retry'],
] as const

const WRONG_SIGNATURE =
  'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and ' +
  'signing method. Consult the service documentation for details.'

const EVERYBODY: Visitor = { permit: () => {} }

export class SignatureGate implements Gate {
  readonly #keys: ReadonlyMap<string, AuthKey> | undefined
  readonly #clock: Clock
  readonly #signingKeys = new Map<string, Buffer>()
  readonly #seen = new SeenSignatures()

  constructor({ keys, clock = systemClock }: SignatureOptions = {}) {
    this.#keys = keys === undefined ? undefined : new Map(keys.map((key) => [key.accessKeyId, key]))
    this.#clock = clock
  }

  get isVerifying(): boolean {
    return this.#keys !== undefined
  }

  admit(request: WireRequest): Visitor {
    const claim = signatureClaim(request)
    if (this.#keys === undefined) return EVERYBODY
    const [accessKeyId = '', date = '', region = '', service = '', ending] = claim.credential.split('/')
    const nowS = this.#clock.now() / 1000
    const signedAtS = secondsOf(claim.date)
    if (claim.algorithm !== ALGORITHM || ending !== 'aws4_request' || service !== SERVICE) throw invalidSignature()
    if (signedAtS === undefined || !claim.date.startsWith(date)) throw invalidSignature()
    const names = claim.signedHeaders.split(';')
    if (!areHeadersOnce(names, request) || !signsEnough(names, claim, request)) throw invalidSignature()

    const key = this.#keys.get(accessKeyId)
    // For a key that nobody has, the work is the same, so that its time says nothing.
    const signingKey = this.#signingKey(key, date, region)
    const isRight = equalBytes(claim.signature, signatureOf(request, claim, signingKey))
    if (key === undefined) {
      throw new AwsError('UnrecognizedClientException', 'The security token included in the request is invalid.')
    }
    if (!isRight || !isOfBody(request)) throw invalidSignature()
    // Last, as the time of a request that somebody else wrote is nobody's.
    checkTime(claim, signedAtS, nowS)
    const expiresAtS = signedAtS + lifetimeOf(claim)
    return {
      permit: (operation, input) => {
        if (!isWrite(operation, input)) return
        if (key.readOnly === true) throw accessDenied(key, operation)
        const isFirst = this.#seen.add(claim.signature, occurrenceOf(claim, request), expiresAtS, nowS)
        if (!isFirst) throw invalidSignature('Signature was already used.')
      },
    }
  }

  #signingKey(key: AuthKey | undefined, date: string, region: string): Buffer {
    if (key === undefined) return signingKeyOf('nobody', date, region, SERVICE)
    const name = `${key.accessKeyId}/${date}/${region}`
    let signingKey = this.#signingKeys.get(name)
    if (signingKey === undefined) {
      signingKey = signingKeyOf(key.secretAccessKey, date, region, SERVICE)
      // Requests choose the region, and only its right signature proves that it is one.
      if (this.#signingKeys.size >= 64) this.#signingKeys.clear()
      this.#signingKeys.set(name, signingKey)
    }
    return signingKey
  }
}

/**
 * Which of the requests with this signature it is, as its sender says. SDKs number their invocations; some do not sign the
 * number (botocore, PHP), so that the same write twice in a second has the same signature twice.
 */
function occurrenceOf({ signedHeaders }: SignatureClaim, { headers }: WireRequest): string | undefined {
  const signed = signedHeaders.split(';')
  // Where one number is signed, another that is not was not there when it was signed.
  if (INVOCATIONS.some(([invocation]) => signed.includes(invocation))) return undefined
  const number = INVOCATIONS.find(([invocation]) => headers[invocation] !== undefined)
  if (number === undefined) return undefined
  const [invocation, attempt] = number
  return `${headers[invocation]} ${headers[attempt]}`
}

/**
 * Names in order, each once, each of a header that came: as every signer writes them. So what there is to sign is no longer
 * than the headers themselves, whoever sent them.
 */
function areHeadersOnce(names: readonly string[], { headers }: WireRequest): boolean {
  let previous = ''
  for (const name of names) {
    if (name <= previous || !Object.hasOwn(headers, name) || typeof headers[name] !== 'string') return false
    previous = name
  }
  return true
}

/**
 * What a request means has to be signed, or it could be sent elsewhere, later, or as another operation: its host, its time,
 * and whatever AWS's own headers say. Those of a signed address may stand in its query, which is signed as a whole.
 */
function signsEnough(names: readonly string[], { expiresS }: SignatureClaim, request: WireRequest): boolean {
  const { headers, path } = request
  const isInQuery = expiresS !== undefined
  const date = headers['x-amz-date'] === undefined ? 'date' : 'x-amz-date'
  if (!names.includes('host') || !(isInQuery || names.includes(date))) return false
  const signed = new Set(names)
  const unsigned = Object.keys(headers).filter((name) => name.startsWith(AWS_HEADER) && !signed.has(name))
  if (unsigned.length === 0) return true
  const query = new Map(isInQuery ? [...queryOf(path)].map(([name, value]) => [name.toLowerCase(), value]) : [])
  return unsigned.every((name) => UNSIGNED_HEADERS.has(name) || query.get(name) === headers[name])
}

function isOfBody(request: WireRequest): boolean {
  const claimed = request.headers['x-amz-content-sha256']
  return claimed === undefined || claimed === sha256(request.body)
}

function checkTime(claim: SignatureClaim, signedAtS: number, nowS: number): void {
  const [from, until] = [nowS - lifetimeOf(claim), nowS + WINDOW_S]
  if (signedAtS < from) {
    throw invalidSignature(
      `Signature expired: ${claim.date} is now earlier than ${textOf(from)} (${textOf(nowS)} - 5 min.)`,
    )
  }
  if (signedAtS > until) {
    throw invalidSignature(
      `Signature not yet current: ${claim.date} is still later than ${textOf(until)} (${textOf(nowS)} + 5 min.)`,
    )
  }
}

function lifetimeOf({ expiresS }: SignatureClaim): number {
  return expiresS === undefined || !(expiresS >= 0) ? WINDOW_S : Math.min(expiresS, WINDOW_S)
}

function isWrite({ access }: Operation, input: Members): boolean {
  if (access !== 'statement') return access === 'write'
  const { Statement, Statements, TransactStatements } = input
  const statements = [{ Statement }, ...listOf(Statements), ...listOf(TransactStatements)]
  return statements.some(({ Statement: text }) => typeof text === 'string' && !/^\s*(?:select|exists)\b/i.test(text))
}

function listOf(value: unknown): readonly Members[] {
  return Array.isArray(value) ? value : []
}

function accessDenied({ accessKeyId }: AuthKey, { name }: Operation): AwsError {
  return new AwsError(
    'AccessDeniedException',
    `User: arn:aws:iam::000000000000:user/${accessKeyId} is not authorized to perform: dynamodb:${name}`,
  )
}

function invalidSignature(message: string = WRONG_SIGNATURE): AwsError {
  return new AwsError('InvalidSignatureException', message)
}

function equalBytes(hex: string, bytes: Uint8Array): boolean {
  const given = Buffer.from(hex, 'hex')
  return /^[0-9a-f]{64}$/.test(hex) && given.length === bytes.length && timingSafeEqual(given, bytes)
}

/** Of `20261121T101112Z`, or of what `Date` headers hold. */
function secondsOf(text: string): number | undefined {
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text) ?? []
  const iso = `${year}-${month}-${day}T${hour}:${minute}:${second}Z`
  const ms = Date.parse(year === undefined ? text : iso)
  return Number.isNaN(ms) ? undefined : ms / 1000
}

/** `20261121T101112Z` */
function textOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace(/[-:]|\.\d+/g, '')
}
