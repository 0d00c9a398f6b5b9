/** The way in for servers that speak in `Request` and `Response`: mounts the door in any of them. */
import { compressedAnswer } from './content-encoding.js'
import { MAX_BODY_LENGTH, type WireAnswer, type WireProtocol, type WireRequest } from './wire-protocol.js'

/** A function that answers a request. It never rejects because of what the request says. */
export function fetchHandler(protocol: WireProtocol): (request: Request) => Promise<Response> {
  return async (request) => {
    const answer = await answerTo(request, protocol)
    const { status, headers, body } = await compressedAnswer(
      answer,
      request.headers.get('accept-encoding') ?? undefined,
    )
    return new Response(request.method === 'HEAD' ? null : body, { status, headers })
  }
}

async function answerTo(request: Request, protocol: WireProtocol): Promise<WireAnswer> {
  const headers: Record<string, string> = Object.fromEntries(request.headers)
  const { pathname, search, host } = new URL(request.url)
  // Signatures are of the host, which a `Request` has in its address only.
  headers['host'] ??= host
  const body = await bodyOf(request)
  if (body === 'too long') return protocol.unreadable(413)
  const wireRequest: WireRequest = { method: request.method, path: pathname + search, headers, body }
  return protocol.answer(wireRequest)
}

async function bodyOf(request: Request): Promise<Uint8Array | 'too long'> {
  if (request.body === null) return new Uint8Array()
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of request.body as unknown as AsyncIterable<Uint8Array>) {
    length += chunk.length
    if (length > MAX_BODY_LENGTH) return 'too long'
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, length)
}
