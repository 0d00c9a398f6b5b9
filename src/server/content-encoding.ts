/** Bodies that are compressed with gzip, on the way in and on the way out. */
import { promisify } from 'node:util'
import { constants, crc32, gunzip, gzip } from 'node:zlib'
import type { WireAnswer } from './wire-protocol.js'

const gunzipAsync = promisify(gunzip)
const gzipAsync = promisify(gzip)

/** Less than this fits into a packet or two as it is. */
const MIN_COMPRESSED_LENGTH = 1024

/** The body as it was before it was compressed; no longer than `limit`, however small it came. */
export async function expandedBody(
  body: Uint8Array,
  encoding: string,
  { limit }: { limit: number },
): Promise<Uint8Array | 'too long' | 'unreadable'> {
  const name = encoding.trim().toLowerCase()
  if (name === 'identity') return body
  if (name !== 'gzip') return 'unreadable'
  try {
    return await gunzipAsync(body, { maxOutputLength: limit })
  } catch (failure) {
    return (failure as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? 'too long' : 'unreadable'
  }
}

/** The answer as it is sent to who accepts `acceptEncoding`. Its checksum is of the bytes that are sent. */
export async function compressedAnswer(answer: WireAnswer, acceptEncoding: string | undefined): Promise<WireAnswer> {
  if (acceptEncoding === undefined || answer.body.length < MIN_COMPRESSED_LENGTH) return answer
  if (!accepts(acceptEncoding, 'gzip')) return answer
  const body = await gzipAsync(answer.body, { level: constants.Z_BEST_SPEED })
  if (body.length >= answer.body.length) return answer
  const headers = { ...answer.headers, 'content-encoding': 'gzip', 'x-amz-crc32': String(crc32(body)) }
  return { status: answer.status, headers, body }
}

function accepts(acceptEncoding: string, encoding: string): boolean {
  return acceptEncoding.split(',').some((part) => {
    const [name, ...parameters] = part.split(';')
    const weight = parameters.map((parameter) => parameter.trim()).find((parameter) => parameter.startsWith('q='))
    return name?.trim().toLowerCase() === encoding && (weight === undefined || Number(weight.slice(2)) > 0)
  })
}
