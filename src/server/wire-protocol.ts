/**
 * AWS JSON 1.0: bytes and headers in, a status, headers and bytes out. It knows nothing of sockets; the HTTP server, the
 * request handler for SDK clients in this process and `fetch` are three ways to call it.
 *
 * The order of what may be wrong is DynamoDB's: content type, JSON, operation, credentials, shapes, and then what the
 * operation itself refuses. Where credentials are verified, they come before the body is unpacked and parsed: whoever has
 * none can't make it cost more than its hash.
 */
import { crc32 } from 'node:zlib'
import { AllowedOrigins, type Cors } from './allowed-origins.js'
import { jsonOfAnswer } from './answer-json.js'
import { AwsError } from './aws-error.js'
import { expandedBody } from './content-encoding.js'
import type { Dispatcher } from './dispatcher.js'
import { errorResponse, publicError } from './error-response.js'
import type { Members } from './performer.js'
import { requestIds } from './request-id.js'
import type { Operation } from './shape/operations.js'

/** DynamoDB takes no more in one request. */
export const MAX_BODY_LENGTH: number = 16 * 1024 * 1024

export interface WireRequest {
  readonly method: string
  /** With its query. */
  readonly path: string
  /** By names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>
  /** As it came, compressed or not: what its signature is of. */
  readonly body: Uint8Array
}

export interface WireAnswer {
  readonly status: number
  readonly headers: Record<string, string>
  readonly body: Uint8Array
}

/** Who looks at credentials. */
export interface Gate {
  /** Whether credentials are verified, and not only looked at. */
  readonly isVerifying: boolean
  /**
   * @throws {AwsError} When the request does not come from whom it says.
   */
  admit(request: WireRequest): Visitor
}

export interface Visitor {
  /**
   * @throws {AwsError} When whoever sent the request may not do this, or did it before.
   */
  permit(operation: Operation, input: Members): void
}

export interface WireProtocolOptions {
  /** @default everybody, without a look at their credentials */
  readonly gate?: Gate
  /** What is told of failures that nobody expected. @default nobody */
  readonly onFailure?: (failure: unknown) => void
  /** What `GET /` calls itself. @default 'us-east-1' */
  readonly region?: string
  /** Whose pages may read answers in a browser. @default '*' */
  readonly cors?: Cors
}

const CONTENT_TYPE = /^\s*(application\/(?:x-amz-json-1\.0|json))\s*(?:;|$)/i

const DAY_S = 86_400

export class WireProtocol {
  readonly #dispatcher: Dispatcher
  readonly #gate: Gate | undefined
  readonly #onFailure: (failure: unknown) => void
  readonly #region: string
  readonly #origins: AllowedOrigins
  readonly newRequestId: () => string = requestIds()
  // It copes with bytes that are no UTF-8, as DynamoDB does, and leaves a byte order mark for JSON to refuse.
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true })

  constructor(dispatcher: Dispatcher, options: WireProtocolOptions = {}) {
    this.#dispatcher = dispatcher
    this.#gate = options.gate
    this.#onFailure = options.onFailure ?? (() => {})
    this.#region = options.region ?? 'us-east-1'
    this.#origins = new AllowedOrigins(options.cors)
  }

  /** Never rejects: what goes wrong is an answer, too. */
  async answer(request: WireRequest): Promise<WireAnswer> {
    if (request.method !== 'POST') return this.#answerOther(request)
    const contentType = CONTENT_TYPE.exec(request.headers['content-type'] ?? '')?.[1]?.toLowerCase()
    if (contentType === undefined) return this.notFound()
    try {
      const known = this.#gate?.isVerifying === true ? this.#gate.admit(request) : undefined
      const body = await this.#expanded(request)
      if (body === 'too long') return this.unreadable(413)
      if (body === 'unreadable') return this.unreadable(400)
      return this.#addressed(request, contentType, this.answerOf(await this.#perform(request, body, known)))
    } catch (failure) {
      return this.#addressed(request, contentType, this.refusalOf(failure))
    }
  }

  /** What an operation answered, as it is sent. */
  answerOf(answer: Members): WireAnswer {
    return this.#withBody(200, Buffer.from(jsonOfAnswer(answer)))
  }

  /** Why there is no answer, as it is sent. */
  refusalOf(failure: unknown): WireAnswer {
    const error = publicError(failure)
    if (error.name === 'InternalServerError') this.#onFailure(error.cause)
    const { status, members } = errorResponse(error)
    return this.#withBody(status, Buffer.from(jsonOfAnswer(members)))
  }

  /** What is answered where nothing is. */
  notFound(): WireAnswer {
    return this.#plain(404, '<UnknownOperationException/>\n')
  }

  /** A request that can't be read to its end, or not at all. */
  unreadable(status: 400 | 408 | 413 | 431 | 503): WireAnswer {
    return this.#plain(status, '')
  }

  /** Few bodies are compressed, and those that are not wait for nothing. */
  #expanded({ headers, body }: WireRequest): Uint8Array | Promise<Uint8Array | 'too long' | 'unreadable'> {
    const encoding = headers['content-encoding']
    return encoding === undefined ? body : expandedBody(body, encoding, { limit: MAX_BODY_LENGTH })
  }

  async #perform(request: WireRequest, body: Uint8Array, known: Visitor | undefined): Promise<Members> {
    const parsed = this.#parse(body)
    const operation = this.#dispatcher.operationAt(request.headers['x-amz-target'] ?? '')
    if (operation === undefined) throw new AwsError('UnknownOperationException', '')
    const visitor = known ?? this.#gate?.admit(request)
    const input = this.#dispatcher.accept(operation, parsed)
    visitor?.permit(operation, input)
    return this.#dispatcher.perform(operation, input)
  }

  #parse(body: Uint8Array): unknown {
    try {
      return JSON.parse(this.#decoder.decode(body))
    } catch {
      throw new AwsError('SerializationException', '')
    }
  }

  #addressed(request: WireRequest, contentType: string, answer: WireAnswer): WireAnswer {
    answer.headers['content-type'] = contentType
    Object.assign(answer.headers, this.#origins.headersFor(request.headers['origin']))
    return answer
  }

  #answerOther({ method, path, headers }: WireRequest): WireAnswer {
    if (method === 'GET' && (path === '/' || path === '')) {
      return this.#plain(200, `healthy: dynamodb.${this.#region}.amazonaws.com `)
    }
    const { origin } = headers
    if (method !== 'OPTIONS' || origin === undefined || !this.#origins.allows(origin)) return this.notFound()
    const answer = this.#withBody(200, new Uint8Array())
    Object.assign(answer.headers, this.#origins.headersFor(origin))
    answer.headers['access-control-max-age'] = String(2 * DAY_S)
    const { 'access-control-request-headers': wantedHeaders, 'access-control-request-method': wantedMethods } = headers
    if (wantedHeaders !== undefined) answer.headers['access-control-allow-headers'] = wantedHeaders
    if (wantedMethods !== undefined) answer.headers['access-control-allow-methods'] = wantedMethods
    return answer
  }

  #plain(status: number, text: string): WireAnswer {
    return this.#withBody(status, Buffer.from(text))
  }

  #withBody(status: number, body: Uint8Array): WireAnswer {
    const headers = { 'x-amzn-requestid': this.newRequestId(), 'x-amz-crc32': String(crc32(body)) }
    return { status, headers, body }
  }
}
