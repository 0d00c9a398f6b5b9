/** A wire protocol in front of a performer that a test writes, and one line to send it a request. */

import { Dispatcher } from '../../src/server/dispatcher.js'
import type { Members, Performer } from '../../src/server/performer.js'
import { type WireAnswer, WireProtocol, type WireRequest } from '../../src/server/wire-protocol.js'

export const SIGNED: string =
  'AWS4-HMAC-SHA256 Credential=a/20261121/x/dynamodb/aws4_request, SignedHeaders=host, Signature=b'

export interface Performed {
  readonly operation: string
  readonly input: Members
}

/** Answers nothing, and remembers what it was asked. */
export class RecordingPerformer implements Performer {
  readonly performed: Performed[] = []
  readonly #answer: (performed: Performed) => Members | Promise<Members>

  constructor(answer: (performed: Performed) => Members | Promise<Members> = () => ({})) {
    this.#answer = answer
  }

  async perform(operation: string, input: Members): Promise<Members> {
    const performed = { operation, input }
    this.performed.push(performed)
    return this.#answer(performed)
  }
}

export function protocolTo(performer: Performer): WireProtocol {
  return new WireProtocol(new Dispatcher(performer))
}

export function wireRequest(operation: string, body: unknown, others: Partial<WireRequest> = {}): WireRequest {
  const service = /Stream|GetRecords|GetShardIterator/.test(operation) ? 'DynamoDBStreams' : 'DynamoDB'
  return {
    method: 'POST',
    path: '/',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `${/Kinesis/.test(operation) ? 'DynamoDB' : service}_20120810.${operation}`,
      host: 'localhost',
      'x-amz-date': '20261121T120000Z',
      authorization: SIGNED,
    },
    body: body instanceof Uint8Array ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
    ...others,
  }
}

export interface Spoken {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  // biome-ignore lint/suspicious/noExplicitAny: tests know what they ask for
  readonly json: any
  readonly text: string
}

export function spoken({ status, headers, body }: WireAnswer): Spoken {
  const text = Buffer.from(body).toString()
  return { status, headers, text, json: text.startsWith('{') ? JSON.parse(text) : undefined }
}

export async function ask(performer: Performer, operation: string, body: unknown): Promise<Spoken> {
  return spoken(await protocolTo(performer).answer(wireRequest(operation, body)))
}
