/**
 * The smallest client there can be of DynamoDB's protocol: one request over HTTP in AWS JSON 1.0, as any SDK sends it, and
 * its answer. It retries nothing and knows no operation.
 */

/** Members of a request or an answer; binary values are bytes in both. */
export type Members = Readonly<Record<string, unknown>>

/** What the service refused, told apart by `name` as the SDKs do it. */
export class ServiceError extends Error {
  override readonly name: string
  readonly members: Members

  constructor(name: string, message: string, members: Members) {
    super(message)
    this.name = name
    this.members = members
  }
}

const AUTHORIZATION =
  'AWS4-HMAC-SHA256 Credential=any/20261121/us-east-1/dynamodb/aws4_request, SignedHeaders=host;x-amz-date, Signature=0'

export class DynamoDbClient {
  readonly #url: string

  constructor(url: string) {
    this.#url = url
  }

  /** What the caller does to his objects after this call is not sent any more. */
  call(operation: string, input: Members): Promise<Members> {
    return this.#send(operation, JSON.stringify(input, binaryAsBase64))
  }

  async #send(operation: string, body: string): Promise<Members> {
    const response = await fetch(this.#url, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': `DynamoDB_20120810.${operation}`,
        'x-amz-date': '20261121T120000Z',
        authorization: AUTHORIZATION,
      },
      body,
    })
    // Of its own, before anybody looks at what is in the body; there is nothing in the answer.
    if (response.status === 413) throw new ServiceError('RequestEntityTooLarge', 'the request is too large', {})
    const answer = JSON.parse(await response.text(), base64AsBinary) as Members
    if (response.status === 200) return answer
    const { __type, message, Message, ...members } = answer
    throw new ServiceError(String(__type).replace(/^.*#/, ''), String(message ?? Message ?? ''), members)
  }
}

/** Of a `Buffer`, the value that is passed is already what it makes of itself; what it was is in the holder. */
function binaryAsBase64(this: unknown, name: string, value: unknown): unknown {
  const original = (this as Members)[name]
  return original instanceof Uint8Array ? Buffer.from(original).toString('base64') : value
}

/** An attribute that is called `B` has an object for a value; only in an attribute value is it text. */
export function base64AsBinary(name: string, value: unknown): unknown {
  if (name === 'B' && typeof value === 'string') return bytes(value)
  if (name === 'BS' && Array.isArray(value)) return value.map(bytes)
  return value
}

function bytes(base64: string): Uint8Array {
  return new Uint8Array(Buffer.from(base64, 'base64'))
}
