/**
 * A performer behind a server of its own: what a test asks for goes over HTTP, as bytes, and what it gets was read from
 * bytes. So each test of an operation is one of everything in front of it, too.
 */
import { onTestFinished } from 'vitest'
import { AwsError } from '../../src/server/aws-error.js'
import type { Members, Performer } from '../../src/server/performer.js'
import { type ListeningServer, listen } from '../../src/server/server.js'

const AUTHORIZATION =
  'AWS4-HMAC-SHA256 Credential=any/20261121/us-east-1/dynamodb/aws4_request, SignedHeaders=host;x-amz-date, Signature=0'

/** Those of the other service that this endpoint answers for. */
const STREAM_OPERATIONS = /^(?:ListStreams|DescribeStream|GetShardIterator|GetRecords)$/

/** Listens from the first request on until the test is over. */
export function overTheWire(performer: Performer): Performer {
  let listening: Promise<ListeningServer> | undefined
  onTestFinished(async () => (await listening)?.close())
  return {
    async perform(operation, input) {
      listening ??= listen(performer, { port: 0, closeTimeoutMs: 100 })
      const { url } = await listening
      const service = STREAM_OPERATIONS.test(operation) ? 'DynamoDBStreams' : 'DynamoDB'
      const response = await fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/x-amz-json-1.0',
          'x-amz-target': `${service}_20120810.${operation}`,
          'x-amz-date': '20261121T120000Z',
          authorization: AUTHORIZATION,
        },
        body: JSON.stringify(input, binaryAsBase64),
      })
      const answer = JSON.parse(await response.text()) as Members
      if (response.status === 200) return withBinary(answer) as Members
      throw refusal(answer)
    },
  }
}

function refusal({ __type, message, Message, ...members }: Members): AwsError {
  const name = String(__type).replace(/^.*#/, '')
  return new AwsError(name, String(message ?? Message ?? ''), withBinary(members) as Members)
}

/** Of a `Buffer`, the value that is passed is already what it makes of itself; what it was is in the holder. */
function binaryAsBase64(this: unknown, name: string, value: unknown): unknown {
  const original = (this as Members)[name]
  return original instanceof Uint8Array ? Buffer.from(original).toString('base64') : value
}

/** The base64 of attribute values as bytes: an object that has `B` or `BS` and nothing else is one. */
function withBinary(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withBinary)
  if (typeof value !== 'object' || value === null) return value
  const names = Object.keys(value)
  const { B, BS } = value as { readonly B?: unknown; readonly BS?: unknown }
  if (names.length === 1 && typeof B === 'string') return { B: bytes(B) }
  if (names.length === 1 && Array.isArray(BS)) return { BS: BS.map(bytes) }
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, withBinary(member)]))
}

function bytes(base64: string): Uint8Array {
  return new Uint8Array(Buffer.from(base64, 'base64'))
}
