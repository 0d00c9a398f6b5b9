/**
 * The way in for SDK clients in this process: a `requestHandler` that answers what they would send. Nothing is signed for
 * anybody and nothing is sent anywhere; everything else of a client, its retries, waiters and middleware, works as usual.
 *
 * It knows the SDK by the shape of what it passes, so the package does not depend on it: versions differ in whether bodies
 * are texts or bytes.
 */
import { checkOptionNames } from '../option-names.js'
import { checkNotAborted, unlessAborted } from './unless-aborted.js'
import type { WireProtocol } from './wire-protocol.js'

/** What the SDK passes of a request, as far as it concerns us. */
export interface SdkRequest {
  readonly method?: string
  readonly path?: string
  readonly query?: Readonly<Record<string, unknown>>
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

export interface SdkResponse {
  readonly statusCode: number
  readonly headers: Record<string, string>
  readonly body: Uint8Array
}

export interface SdkRequestHandler {
  readonly metadata: { readonly handlerProtocol: string }
  // biome-ignore lint/suspicious/noExplicitAny: the SDK's class of requests is not ours to name
  handle(request: any, options?: any): Promise<{ response: any }>
  destroy(): void
  updateHttpClientConfig(): void
  httpHandlerConfigs(): Record<string, never>
}

/** What `new DynamoDBClient(…)`, the Streams client and whatever is built on them accept. */
export interface AwsConfig {
  readonly region: string
  readonly endpoint: string
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string }
  readonly requestHandler: SdkRequestHandler
}

export interface AwsConfigOptions {
  /** @default 'us-east-1' */
  readonly region?: string | undefined
}

/** @throws {ValidationException} `OPTION` */
export function awsConfig(protocol: () => Promise<WireProtocol>, options: AwsConfigOptions = {}): AwsConfig {
  checkOptionNames('awsConfig', options)
  const { region = 'us-east-1' } = options
  return {
    region,
    // A host that can't exist: what is not answered here must not be answered elsewhere.
    endpoint: 'http://dynafile.invalid',
    credentials: { accessKeyId: 'dynafile', secretAccessKey: 'dynafile' },
    requestHandler: requestHandler(protocol),
  }
}

/** What answers what a client would send. */
export function requestHandler(protocol: () => Promise<WireProtocol>): SdkRequestHandler {
  return {
    metadata: { handlerProtocol: 'http/1.1' },
    async handle(request: SdkRequest, options?: { readonly abortSignal?: AbortSignal }) {
      const abortSignal = options?.abortSignal
      checkNotAborted(abortSignal)
      const { method = 'POST', path = '/' } = request
      const headers = lowerCased(request.headers ?? {})
      const body = bytesOf(request.body)
      const answered = protocol().then((door) => door.answer({ method, path, headers, body }))
      const answer = await unlessAborted(answered, abortSignal)
      const response: SdkResponse = { statusCode: answer.status, headers: answer.headers, body: answer.body }
      return { response }
    },
    destroy() {},
    updateHttpClientConfig() {},
    httpHandlerConfigs: () => ({}),
  }
}

function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  const lower: Record<string, string> = {}
  for (const name of Object.keys(headers)) lower[name.toLowerCase()] = headers[name]!
  return lower
}

/** Bytes, or a text in older versions. Some versions' bytes have a text's methods; none of those is called. */
function bytesOf(body: unknown): Uint8Array {
  if (body instanceof Uint8Array) return body
  if (typeof body === 'string') return Buffer.from(body)
  if (body === undefined || body === null) return new Uint8Array()
  if (ArrayBuffer.isView(body)) return new Uint8Array(body.buffer, body.byteOffset, body.byteLength)
  throw new TypeError('Cannot read the body of the request: it is neither bytes nor a text')
}
