/**
 * What a request says of who sent it, in its `Authorization` header or in its query: Signature V4, read but not verified.
 * What is missing is refused as DynamoDB refuses it, whether or not anybody looks at signatures.
 */
import { AwsError } from './aws-error.js'
import type { WireRequest } from './wire-protocol.js'

export interface SignatureClaim {
  /** `key/20261121/eu-west-1/dynamodb/aws4_request` */
  readonly credential: string
  readonly signature: string
  /** Lower case, separated by semicolons. */
  readonly signedHeaders: string
  /** `20261121T101112Z`, or whatever stands there. */
  readonly date: string
  readonly algorithm: string
  /** Seconds for which a query is good; a header says nothing of it. */
  readonly expiresS: number | undefined
}

const ALGORITHM = 'X-Amz-Algorithm'
const QUERY_PARAMETERS = [ALGORITHM, 'X-Amz-Credential', 'X-Amz-Signature', 'X-Amz-SignedHeaders', 'X-Amz-Date']
const HEADER_PARAMETERS = ['Credential', 'Signature', 'SignedHeaders']

/** @throws {AwsError} When it says nothing, not enough, or says it twice. */
export function signatureClaim({ path, headers }: WireRequest): SignatureClaim {
  const authorization = headers['authorization']
  // Few have a query, and to look into none costs more than to look whether there is one.
  const query = path.includes('?') ? queryOf(path) : undefined
  if (query?.has(ALGORITHM)) {
    if (authorization === undefined) return claimOfQuery(query)
    throw new AwsError(
      'InvalidSignatureException',
      `Found both '${ALGORITHM}' as a query-string param and 'Authorization' as HTTP header.`,
    )
  }
  if (authorization === undefined || !authorization.trim().startsWith('AWS4-')) {
    throw new AwsError('MissingAuthenticationTokenException', 'Request is missing Authentication Token')
  }
  return claimOfHeader(authorization.trim(), headers['x-amz-date'] ?? headers['date'])
}

function claimOfQuery(query: URLSearchParams): SignatureClaim {
  // What is there and empty is not there.
  const missing = QUERY_PARAMETERS.filter((name) => (query.get(name) ?? '') === '')
  if (missing.length > 0) {
    const sentences = missing.map((name) => `AWS query-string parameters must include '${name}'. `)
    throw new AwsError('IncompleteSignatureException', `${sentences.join('')}Re-examine the query-string parameters.`)
  }
  const [algorithm, credential, signature, signedHeaders, date] = QUERY_PARAMETERS.map((name) => query.get(name) ?? '')
  return {
    algorithm: algorithm!,
    credential: credential!,
    signature: signature!,
    signedHeaders: signedHeaders!,
    date: date!,
    expiresS: Number(query.get('X-Amz-Expires') ?? 0),
  }
}

function claimOfHeader(authorization: string, date: string | undefined): SignatureClaim {
  const [algorithm, ...parts] = authorization.split(/[\s,]+/)
  const parameters = new Map<string, string>()
  for (const part of parts) {
    const equals = part.indexOf('=')
    if (equals < 0) parameters.set(part, '')
    else parameters.set(part.slice(0, equals), part.slice(equals + 1))
  }
  const missing = HEADER_PARAMETERS.filter((name) => (parameters.get(name) ?? '') === '')
  if (missing.length > 0 || date === undefined) {
    const sentences = missing.map((name) => `Authorization header requires '${name}' parameter. `)
    if (date === undefined) {
      sentences.push(`Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. `)
    }
    throw new AwsError('IncompleteSignatureException', `${sentences.join('')}Authorization=${authorization}`)
  }
  const [credential, signature, signedHeaders] = HEADER_PARAMETERS.map((name) => parameters.get(name)!)
  return {
    algorithm: algorithm!,
    credential: credential!,
    signature: signature!,
    signedHeaders: signedHeaders!,
    date,
    expiresS: undefined,
  }
}

export function queryOf(path: string): URLSearchParams {
  const at = path.indexOf('?')
  return new URLSearchParams(at < 0 ? '' : path.slice(at + 1))
}
